package io.troupe.broker.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import akka.actor.Address;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import io.troupe.broker.connection.FromSession;
import io.troupe.broker.connection.Undelivered;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.LinkMetrics;
import io.troupe.broker.metrics.LinkMetrics.Direction;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.MessageTable;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A link with its two ends in one process. */
class LinkTest {
  private static final String HERE = "akka://troupe@here:1#1";
  private static final String THERE = "akka://troupe@there:1#1";
  private static final long LINK = 5;

  private final ActorTestKit kit = ActorTestKit.create();
  private final BrokerMetrics metrics = new BrokerMetrics();
  private final Links links = new Links(metrics, 1_000);
  private final Outbox outbox = links.outbox(THERE);
  private final TestProbe<LinkActor.Command> other = kit.createTestProbe();
  private final TestProbe<LinkReceiverActor.Command> receiver = kit.createTestProbe();
  private final TestProbe<ClientSessionActor.Command> session = kit.createTestProbe();
  private final AtomicInteger taken = new AtomicInteger();

  @AfterEach
  void close() {
    kit.shutdownTestKit();
  }

  /** The end that sends, once the other node has answered. */
  private ActorRef<LinkSenderActor.Command> open(int version) {
    var sender =
        kit.spawn(LinkSenderActor.create(HERE, LINK, outbox, other.getRef(), metrics.links()));
    other.expectMessageClass(LinkActor.Open.class);
    sender.tell(new LinkSenderActor.Opened(LINK, receiver.getRef(), version));
    return sender;
  }

  private LinkItem.ToSession parcel(long number) {
    Message message =
        new Message(
            "t", Payload.utf8("m"), Qos.AT_MOST_ONCE, false, MessageProperties.NONE, "p", 1);
    var delivery = new Delivery(Qos.AT_MOST_ONCE, false, List.of());
    outbox.expect(number, taken::incrementAndGet);
    return new LinkItem.ToSession(
        session.getRef(),
        new ClientSessionActor.Deliver(List.of(message), delivery, null, null),
        number);
  }

  private List<LinkItem> items(LinkReceiverActor.Part part) {
    ByteReader in = new ByteReader(part.bytes().array());
    MessageTable messages = new MessageTable();
    ActorRefResolver resolver = ActorRefResolver.get(kit.system());
    List<LinkItem> items = new ArrayList<>();
    while (in.hasRemaining()) {
      items.add(LinkCodec.read(resolver::resolveActorRef, messages, in));
    }
    return items;
  }

  private void await(Runnable condition) {
    other.awaitAssert(
        () -> {
          condition.run();
          return true;
        });
  }

  @Test
  void aPublisherHearsWhenASessionOnAnotherNodeHasTakenItsMessages() {
    var sender = open(LinkCodec.VERSION);
    outbox.offer(parcel(7));
    var part = receiver.expectMessageClass(LinkReceiverActor.Part.class);
    sender.tell(new LinkSenderActor.Taken(LINK, part.batch()));
    await(() -> assertEquals(0, outbox.waiting()));
    assertEquals(0, taken.get());

    // on the other node
    Links there = new Links(new BrokerMetrics(), 1_000);
    Outbox back = there.outbox(HERE);
    there.found(back, new Address("akka", "troupe", "here", 1));
    TestProbe<LinkSenderActor.Command> confirmed = kit.createTestProbe();
    kit.spawn(LinkReceiverActor.create(HERE, LINK, confirmed.getRef(), there)).tell(part);
    confirmed.expectMessage(new LinkSenderActor.Taken(LINK, part.batch()));
    var deliver = session.expectMessageClass(ClientSessionActor.Deliver.class);
    assertEquals(0, back.waiting());
    Undelivered.Parcel parcel = deliver.parcel();
    assertNotNull(parcel);
    parcel.taken();
    assertEquals(new LinkItem.Took(7), back.poll());

    outbox.took(7);
    outbox.took(7); // repeated
    assertEquals(1, taken.get());
  }

  @Test
  void aNodeOfVersion1GetsOnlyWhatItKnows() {
    var sender = open(1);
    outbox.offer(
        new LinkItem.ToConnection(1, "c", new FromSession.Handled(3), taken::incrementAndGet));
    outbox.offer(new LinkItem.Took(3));
    outbox.offer(parcel(7));

    var part = receiver.expectMessageClass(LinkReceiverActor.Part.class);
    assertEquals(
        List.of(0L),
        items(part).stream().map(item -> ((LinkItem.ToSession) item).parcel()).toList());
    assertEquals(1, taken.get()); // what it does not know has gone nowhere
    sender.tell(new LinkSenderActor.Taken(LINK, part.batch()));
    await(() -> assertEquals(2, taken.get())); // it does not tell, so this counts
  }

  @Test
  void nobodyWaitsForANodeThatIsGone() {
    outbox.offer(parcel(7));

    outbox.close();

    assertEquals(1, taken.get());
    outbox.expect(8, taken::incrementAndGet);
    assertEquals(2, taken.get());
    assertFalse(outbox.offer(new LinkItem.Took(1)));
    LinkMetrics.Counts sent = metrics.links().of(Direction.SENT);
    assertEquals(2, sent.dropped().sum());
    assertEquals(0, outbox.waiting());
  }

  @Test
  void batchesAreCountedByDirection() {
    var sender = open(LinkCodec.VERSION);
    links.found(outbox, new Address("akka", "troupe", "there", 1));
    outbox.offer(parcel(7));
    var part = receiver.expectMessageClass(LinkReceiverActor.Part.class);
    assertEquals(1, metrics.links().waitingItems());
    assertEquals(outbox.bytes(), metrics.links().longestBytes());

    var incoming = kit.spawn(LinkReceiverActor.create(THERE, LINK, sender, links));
    incoming.tell(part); // which confirms it
    session.expectMessageClass(ClientSessionActor.Deliver.class);

    await(() -> assertEquals(0, metrics.links().waitingItems()));
    for (Direction direction : Direction.values()) {
      LinkMetrics.Counts counts = metrics.links().of(direction);
      assertEquals(1, counts.batches().sum());
      assertEquals(1, counts.items().sum());
      assertEquals(part.bytes().length(), counts.bytes().sum());
      assertEquals(0, counts.broken().sum());
    }
  }
}
