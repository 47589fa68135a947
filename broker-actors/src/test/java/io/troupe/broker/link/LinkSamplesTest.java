package io.troupe.broker.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.troupe.broker.connection.FromSession;
import io.troupe.broker.connection.OutboundBatch;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.metrics.NodeFigures;
import io.troupe.broker.metrics.Totals;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageTable;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.InboundFlow;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What is in the batches between nodes; its bytes are kept in {@code samples/links.properties}. */
class LinkSamplesTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final TestProbe<ClientSessionActor.Command> SESSION = KIT.createTestProbe();
  private static final String ADDRESS = "akka://troupe@node-2:2551/system/sharding/Session/7/c#17";
  private static final Message MESSAGE =
      new Message(
          "t", Payload.utf8("m"), Qos.AT_LEAST_ONCE, true, MessageProperties.NONE, "p", 1000);
  private static final Delivery DELIVERY = new Delivery(Qos.EXACTLY_ONCE, true, List.of(300));

  @AfterAll
  static void close() {
    KIT.shutdownTestKit();
  }

  /** One of each kind, by a name that has the record's in it. */
  private static Map<String, LinkItem> samples() {
    Map<String, LinkItem> samples = new LinkedHashMap<>();
    var deliver = new ClientSessionActor.Deliver(List.of(MESSAGE, MESSAGE), DELIVERY, null, null);
    samples.put("ToSession", new LinkItem.ToSession(SESSION.getRef(), deliver, 0));
    samples.put("ToSession.parcel", new LinkItem.ToSession(SESSION.getRef(), deliver, 300));
    samples.put(
        "ToClient", new LinkItem.ToClient("c", new ClientSessionActor.Detach(300, true, -1)));
    samples.put("Took", new LinkItem.Took(300));
    samples.put("Figures", new LinkItem.Figures(figures()));
    OutboundBatch batch = new OutboundBatch();
    batch.add(List.of(MESSAGE), DELIVERY);
    batch.add(MESSAGE, DELIVERY, 7, true);
    ReasonCode quota = ReasonCode.QUOTA_EXCEEDED;
    Map<String, FromSession> contents = new LinkedHashMap<>();
    contents.put("Attached", new FromSession.Attached(true));
    contents.put("Refused", new FromSession.Refused(quota));
    contents.put("Deliver", new FromSession.Deliver(batch));
    contents.put(
        "Send.suback", new FromSession.Send(new Suback(7, List.of(quota), null, List.of())));
    contents.put(
        "Send.unsuback", new FromSession.Send(new Unsuback(7, List.of(quota), null, List.of())));
    contents.put("Send.pubrel", new FromSession.Send(Pubrel.of(7, ReasonCode.SUCCESS)));
    contents.put("Send.pubcomp", new FromSession.Send(Pubcomp.of(7, ReasonCode.SUCCESS)));
    contents.put(
        "Admitted",
        new FromSession.Admitted(List.of(new InboundFlow.Admission(7, 300, true, false)), 299));
    contents.put("Handled", new FromSession.Handled(300));
    contents.put("Close", new FromSession.Close(ReasonCode.SESSION_TAKEN_OVER));
    contents.forEach(
        (name, content) ->
            samples.put(
                "ToConnection." + name, new LinkItem.ToConnection(300, "c", content, () -> {})));
    return samples;
  }

  private static NodeFigures figures() {
    Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    for (DropReason reason : DropReason.values()) {
      dropped.put(reason, reason == DropReason.OVERLOAD ? 300L : 0L);
    }
    return new NodeFigures(
        "node-1",
        400,
        500,
        new Totals(
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, dropped, 17, 18, 19, 20, 300));
  }

  private static String bytes(LinkItem item) {
    ByteWriter out = new ByteWriter(64);
    LinkCodec.write(item, LinkCodec.VERSION, ref -> ADDRESS, new MessageTable(), out);
    return HexFormat.of().formatHex(out.toByteArray());
  }

  private static LinkItem read(String hex) {
    ByteReader in = new ByteReader(HexFormat.of().parseHex(hex));
    LinkItem item = LinkCodec.read(LinkSamplesTest::session, new MessageTable(), in);
    assertEquals(false, in.hasRemaining());
    return item;
  }

  private static ActorRef<ClientSessionActor.Command> session(String address) {
    assertEquals(ADDRESS, address);
    return SESSION.getRef();
  }

  @Test
  void theBytesOfThisVersionAreUnderstoodForEver() throws IOException {
    Properties kept = new Properties();
    try (InputStream in = getClass().getResourceAsStream("/samples/links.properties")) {
      assertNotNull(in);
      kept.load(in);
    }
    Map<String, String> then = new TreeMap<>();
    kept.stringPropertyNames().forEach(name -> then.put(name, kept.getProperty(name)));
    Map<String, String> now = new TreeMap<>();
    samples().forEach((name, item) -> now.put(name, bytes(item)));

    assertEquals(
        String.join("\n", lines(then)),
        String.join("\n", lines(now)),
        "What goes between nodes has other bytes; add a kind, or keep a new one's line");
    then.forEach((name, hex) -> assertEquals(hex, bytes(read(hex)), name));
  }

  private static List<String> lines(Map<String, String> samples) {
    List<String> lines = new ArrayList<>();
    samples.forEach((name, hex) -> lines.add(name + "=" + hex));
    return lines;
  }

  @Test
  void thereIsASampleOfEveryKind() {
    Set<Class<?>> sampled = new HashSet<>();
    for (LinkItem item : samples().values()) {
      sampled.add(item.getClass());
      if (item instanceof LinkItem.ToConnection to) {
        sampled.add(to.content().getClass());
      }
    }
    Set<Class<?>> all = new HashSet<>(List.of(LinkItem.class.getPermittedSubclasses()));
    all.addAll(List.of(FromSession.class.getPermittedSubclasses()));

    assertEquals(all, sampled);
  }

  @Test
  void aKindOfANewerVersionIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> read("63"));
    assertThrows(IllegalArgumentException.class, () -> read("03ac02016363"));
  }

  @Test
  void figuresComeBackAndThoseOfAnOlderVersionHaveFewer() {
    LinkItem.Figures all = new LinkItem.Figures(figures());
    assertEquals(all, read(bytes(all)));

    LinkItem.Figures few = (LinkItem.Figures) read("06" + "016e" + "02" + "0102" + "00");

    assertEquals(1, few.figures().connectionsReserved());
    assertEquals(2, few.figures().sessionsReserved());
    assertEquals(0, few.figures().totals().connections());
    assertEquals(0, few.figures().totals().droppedMessages());
  }

  /** So that a node of version 1 never sees what it does not know. */
  @Test
  void whatVersion1DoesNotKnowIsMarked() {
    Set<String> later = new HashSet<>();
    samples()
        .forEach(
            (name, item) -> {
              if (item.since() > 1) {
                later.add(name);
              }
            });

    assertEquals(Set.of("Took", "ToConnection.Handled", "Figures"), later);
  }
}
