package io.troupe.broker.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.UserProperty;
import io.troupe.protocol.packet.Will;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.SessionEvent;
import io.troupe.protocol.session.SessionState;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every kind of event, and the bytes of version 1, which must be read for ever. */
class SessionCodecTest {
  private static final Will WILL =
      new Will(
          "w",
          Payload.utf8("x"),
          Qos.EXACTLY_ONCE,
          true,
          4_294_967_295L,
          new MessageProperties(
              1, 60, "text", "reply", Payload.utf8("c"), List.of(new UserProperty("k", "v"))));
  private static final Message MESSAGE =
      new Message(
          "t", Payload.utf8("m"), Qos.AT_LEAST_ONCE, true, MessageProperties.NONE, "p", 1000);

  /** One of each kind, and its bytes in version 1. */
  private static Map<String, SessionEvent> samples() {
    Map<String, SessionEvent> samples = new LinkedHashMap<>();
    samples.put(
        "0101901c036e23310701ffffffff0f010e017700007e3c0474657874057265706c79016301016b0176017800000000000003e8",
        new SessionEvent.Attached(true, 3600, "n#1", 7, WILL, 1000, null));
    samples.put(
        "0101901c036e23310701ffffffff0f010e017700007e3c0474657874057265706c79016301016b0176017800000000000003e80475736572",
        new SessionEvent.Attached(true, 3600, "n#1", 7, WILL, 1000, "user"));
    samples.put("023c00000000000003e800000000000007d0", new SessionEvent.Detached(60, 1000, 2000));
    samples.put("10", new SessionEvent.WillStarted());
    samples.put("03", new SessionEvent.WillSettled());
    samples.put("04", new SessionEvent.Ended());
    samples.put(
        "050c2473686172652f672f742f23020302ac020500000000000003e8",
        new SessionEvent.Subscribed(
            new Subscription(TopicFilter.of("$share/g/t/#"), Qos.EXACTLY_ONCE, true, true, 2, 300),
            5,
            1000));
    samples.put("0603742f2b", new SessionEvent.Unsubscribed("t/+"));
    samples.put("1303742f2b", new SessionEvent.Draining("t/+"));
    samples.put("1403742f2b", new SessionEvent.QueueLeft("t/+"));
    samples.put("070c0207ac02", new SessionEvent.InboundOpened(List.of(7, 300), 12));
    samples.put("080107", new SessionEvent.InboundClosed(List.of(7)));
    samples.put("090901740500", new SessionEvent.Assigned(9, "t", 5, null, null));
    samples.put(
        "090a000601010501740170e807016d0101020102",
        new SessionEvent.Assigned(
            10, "", 6, MESSAGE, new Delivery(Qos.AT_LEAST_ONCE, true, List.of(1, 2))));
    samples.put("0a09", new SessionEvent.Released(9));
    samples.put("0b09", new SessionEvent.Completed(9));
    samples.put("0c017405ed07", new SessionEvent.CursorMoved("t", 5, 1005));
    samples.put(
        "0d013c036e2331070000000000000001000000000000000201ffffffff0f010e017700007e3c0474657874057265706c79016301016b017601780000000000000003010405",
        new SessionEvent.Restored(true, 60, "n#1", 7, 1, 2, WILL, 3, true, 4, 5, null));
    samples.put(
        "0d013c036e2331070000000000000001000000000000000201ffffffff0f010e017700007e3c0474657874057265706c79016301016b0176017800000000000000030104050475736572",
        new SessionEvent.Restored(true, 60, "n#1", 7, 1, 2, WILL, 3, true, 4, 5, "user"));
    samples.put("0e0174ed0706", new SessionEvent.CursorRestored("t", 1005, 6));
    samples.put("1103742f2b00000000000003e8", new SessionEvent.Unsubscribing("t/+", 1000));
    samples.put("1203742f2b", new SessionEvent.Drained("t/+"));
    samples.put("1503742f2b0000000000000007", new SessionEvent.PeriodsOver("t/+", 7));
    samples.put("0f070c", new SessionEvent.InboundRestored(7, 12));
    return samples;
  }

  @Test
  void theBytesOfVersionOneAreWrittenAndRead() {
    samples()
        .forEach(
            (hex, event) -> {
              assertEquals(hex, HexFormat.of().formatHex(SessionCodec.toBytes(event)));
              assertEquals(event, SessionCodec.fromBytes(HexFormat.of().parseHex(hex)));
            });
  }

  @Test
  void thereIsASampleOfEveryKind() {
    Set<Class<?>> sampled =
        samples().values().stream().map(Object::getClass).collect(Collectors.toSet());

    assertEquals(Set.copyOf(Arrays.asList(SessionEvent.class.getPermittedSubclasses())), sampled);
  }

  @Test
  void extremesSurvive() {
    for (SessionEvent event :
        List.of(
            new SessionEvent.Detached(0xFFFFFFFFL, Long.MAX_VALUE, SessionState.NEVER),
            new SessionEvent.CursorMoved("#", Long.MAX_VALUE, 0),
            new SessionEvent.InboundOpened(List.of(1, 65535), Long.MAX_VALUE),
            new SessionEvent.Assigned(
                65535,
                "",
                0,
                MESSAGE,
                new Delivery(Qos.AT_MOST_ONCE, true, List.of(268_435_455))))) {
      assertEquals(event, SessionCodec.fromBytes(SessionCodec.toBytes(event)));
    }
  }

  @Test
  void damagedAndNewerBytesAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> SessionCodec.fromBytes(new byte[] {(byte) 200}));
    for (SessionEvent event : samples().values()) {
      byte[] bytes = SessionCodec.toBytes(event);
      if (bytes.length > 1) {
        assertThrows(
            IllegalArgumentException.class,
            () -> SessionCodec.fromBytes(Arrays.copyOf(bytes, bytes.length - 1)));
      }
    }
  }

  @Test
  void aSnapshotIsTheState() throws NotSerializableException {
    SessionState state = new SessionState();
    new SessionEvent.Attached(true, 60, "n#1", 3, WILL, 5000, "user").applyTo(state);
    new SessionEvent.Detached(60, 6000, 9000).applyTo(state);
    new SessionEvent.WillStarted().applyTo(state);
    samples().values().stream()
        .filter(
            e ->
                e instanceof SessionEvent.Subscribed
                    || e instanceof SessionEvent.InboundOpened
                    || e instanceof SessionEvent.Assigned
                    || e instanceof SessionEvent.CursorMoved)
        .forEach(e -> e.applyTo(state));
    new SessionEvent.Released(9).applyTo(state);
    for (String filter : List.of("again", "gone")) {
      Subscription subscription =
          new Subscription(TopicFilter.of(filter), Qos.AT_LEAST_ONCE, false, false, 0, 0);
      new SessionEvent.Subscribed(subscription, 5, 1000).applyTo(state);
      new SessionEvent.Unsubscribing(filter, 2000).applyTo(state);
      if (filter.equals("again")) {
        new SessionEvent.Subscribed(subscription, 9, 3000).applyTo(state);
      }
    }
    SessionEventSerializer serializer = new SessionEventSerializer();

    byte[] bytes = serializer.toBinary(state);
    Object restored = serializer.fromBinary(bytes, serializer.manifest(state));

    assertEquals(state.toEvents(), ((SessionState) restored).toEvents());
  }

  @Test
  void anUnknownManifestIsRefused() {
    SessionEventSerializer serializer = new SessionEventSerializer();

    assertThrows(NotSerializableException.class, () -> serializer.fromBinary(new byte[0], "e9"));
  }
}
