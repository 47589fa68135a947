package io.troupe.broker.routing;

import static io.troupe.broker.routing.RoutingTesting.PATIENCE;
import static io.troupe.broker.routing.RoutingTesting.payloads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.QueueBatch;
import io.troupe.broker.session.ClientSessionActor.SubscriptionEffective;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Qos;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopicPartitionActorTest {
  private final RoutingTesting node = new RoutingTesting();

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void aTransientSubscriberIsMatchedOnTheNodeOnceItsSubscriptionIsEffective() {
    Route before = node.route("a/b");
    TestProbe<ClientSessionActor.Command> session = node.session();

    SubscriptionEffective effective = node.subscribe(session, "c", "a/+", 1, false, 0);

    assertFalse(effective.existed());
    assertTrue(before.isEmpty(Qos.AT_LEAST_ONCE));
    Route after = node.route("a/b");
    assertEquals(1, after.direct(Qos.AT_LEAST_ONCE).size());
    assertEquals("c", after.direct(Qos.AT_MOST_ONCE).get(0).clientId());
    assertEquals(0, after.partitions().length);
  }

  @Test
  void messagesForADurableSubscriberInStepArePushedAfterTheyWereStored() {
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.follow(session, "c", "a/#", 1);

    node.publish("a/b", "one", "two");

    QueueBatch first = session.expectMessageClass(QueueBatch.class, PATIENCE);
    QueueBatch second = session.expectMessageClass(QueueBatch.class, PATIENCE);
    assertEquals(List.of("one"), payloads(first.messages()));
    assertEquals(1, first.fromOffset());
    assertEquals(List.of("two"), payloads(second.messages()));
    assertEquals(3, second.nextOffset());
    assertEquals(2, node.log.storedMessages());
    assertTrue(node.route("a/b").direct(Qos.AT_LEAST_ONCE).isEmpty());
    assertEquals(1, node.route("a/b").direct(Qos.AT_MOST_ONCE).size());
  }

  @Test
  void aSessionThatIsBehindReadsPagesUntilItIsInStep() {
    TestProbe<ClientSessionActor.Command> session = node.session();
    long start = node.subscribe(session, "c", "t", 1, true, 0).endOffset();
    node.publish("t", "1", "2", "3");
    session.expectNoMessage();

    node.routing.tell(new TopicPartitionActor.Read("t", "c", start, 2, 1 << 20, session.getRef()));
    QueueBatch first = session.expectMessageClass(QueueBatch.class, PATIENCE);
    QueueBatch second = node.read(session, "c", "t", first.nextOffset());
    node.publish("t", "4");
    QueueBatch pushed = session.expectMessageClass(QueueBatch.class, PATIENCE);

    assertEquals(List.of("1", "2"), payloads(first.messages()));
    assertFalse(first.inStep());
    assertEquals(List.of("3"), payloads(second.messages()));
    assertTrue(second.inStep());
    assertEquals(List.of("4"), payloads(pushed.messages()));
  }

  @Test
  void aPausedSessionIsNotPushedTo() {
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.follow(session, "c", "t", 1);
    node.routing.tell(new TopicPartitionActor.Pause("t", "c"));

    node.publish("t", "1");

    session.expectNoMessage();
    assertEquals(List.of("1"), payloads(node.read(session, "c", "t", 1).messages()));
  }

  @Test
  void anOfflineDurableSessionFindsItsMessagesWhenItReturns() {
    TestProbe<ClientSessionActor.Command> before = node.session();
    node.follow(before, "c", "t", 1);
    node.routing.tell(new TopicPartitionActor.Offline("t", "c", before.getRef()));
    awaitDirect("t", Qos.AT_MOST_ONCE, 0);
    node.publish("t", "1", "2");
    before.expectNoMessage();

    TestProbe<ClientSessionActor.Command> after = node.session();
    SubscriptionEffective effective = node.subscribe(after, "c", "t", 1, true, 1);
    QueueBatch batch = node.read(after, "c", "t", 1);

    assertTrue(effective.existed());
    assertEquals(3, effective.endOffset());
    assertEquals(List.of("1", "2"), payloads(batch.messages()));
    assertEquals(1, node.route("t").direct(Qos.AT_MOST_ONCE).size());
  }

  private void awaitDirect(String topic, Qos qos, int targets) {
    node.ingress.awaitAssert(
        PATIENCE,
        () -> {
          assertEquals(targets, node.route(topic).direct(qos).size());
          return null;
        });
  }

  @Test
  void aTransientSubscriberGoesWhenItsSessionStops() {
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, false, 0);
    assertEquals(1, node.route("t").direct(Qos.AT_LEAST_ONCE).size());

    session.stop();

    awaitDirect("t", Qos.AT_LEAST_ONCE, 0);
    assertTrue(node.route("t").isEmpty(Qos.AT_LEAST_ONCE));
  }

  @Test
  void unsubscribingTheLastDurableSubscriberDeletesTheQueue() {
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.follow(session, "c", "t", 1);
    node.publish("t", "1");
    session.expectMessageClass(QueueBatch.class, PATIENCE);

    node.routing.tell(new TopicPartitionActor.Unsubscribe("t", "c", session.getRef()));

    assertTrue(
        session
            .expectMessageClass(ClientSessionActor.UnsubscriptionEffective.class, PATIENCE)
            .existed());
    node.ingress.awaitAssert(
        PATIENCE,
        () -> {
          assertEquals(0, node.log.queues());
          assertEquals(0, node.route("t").partitions().length);
          return null;
        });
  }

  @Test
  void aQueueKeptAtUnsubscriptionIsReadOnButNotPushed() {
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.follow(session, "c", "t", 1);
    node.routing.tell(new TopicPartitionActor.Unsubscribe("t", "c", true, null, session.getRef()));
    assertTrue(
        session
            .expectMessageClass(ClientSessionActor.UnsubscriptionEffective.class, PATIENCE)
            .existed());
    assertTrue(node.route("t").direct(Qos.AT_MOST_ONCE).isEmpty());

    node.publish("t", "1");
    QueueBatch first = node.read(session, "c", "t", 1);
    node.publish("t", "2");
    QueueBatch second = node.read(session, "c", "t", first.nextOffset());

    assertEquals(List.of("1"), payloads(first.messages()));
    assertEquals(List.of("2"), payloads(second.messages()));
    assertEquals(1, node.log.queues());
  }

  @Test
  void aKeptQueueGoesWhenItsSubscriberIsUnsubscribedForGood() {
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.follow(session, "c", "t", 1);
    for (boolean keep : List.of(true, false)) {
      node.routing.tell(
          new TopicPartitionActor.Unsubscribe("t", "c", keep, null, session.getRef()));
      session.expectMessageClass(ClientSessionActor.UnsubscriptionEffective.class, PATIENCE);
    }

    node.ingress.awaitAssert(
        PATIENCE,
        () -> {
          assertEquals(0, node.log.queues());
          assertEquals(0, node.route("t").partitions().length);
          return null;
        });
  }

  @Test
  void spaceIsGivenBackWhenAllHaveSettled() {
    TestProbe<ClientSessionActor.Command> one = node.session();
    TestProbe<ClientSessionActor.Command> two = node.session();
    node.follow(one, "c1", "t", 1);
    node.follow(two, "c2", "t", 1);
    node.publish("t", "1", "2", "3", "4");

    node.routing.tell(new TopicPartitionActor.Settled("t", "c1", 5));
    node.routing.tell(new TopicPartitionActor.Settled("t", "c2", 3));

    node.awaitUpkeep("t", () -> assertEquals(2, node.log.storedMessages()));
  }

  @Test
  void expiredMessagesAreSkippedAndCounted() {
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, true, 0);
    node.append(node.partition("t"), node.expiring("t", "old", 5));
    node.ingress.expectMessageClass(
        io.troupe.broker.connection.IngressActor.Appended.class, PATIENCE);
    node.publish("t", "new");
    node.clock.addAndGet(6_000);

    QueueBatch batch = node.read(session, "c", "t", 1);

    assertEquals(List.of("new"), payloads(batch.messages()));
    assertEquals(1, node.dropped(io.troupe.broker.metrics.DropReason.EXPIRED));
  }

  @Test
  @Promise("F6")
  void deepTopicsAndFiltersWork() {
    String deep = "/".repeat(2_000);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", deep, 1, false, 0);
    node.subscribe(session, "d", "/".repeat(500) + "#", 1, false, 0);
    node.subscribe(session, "e", "+/".repeat(2_000) + "+", 1, false, 0);

    assertEquals(3, node.route(deep).direct(Qos.AT_MOST_ONCE).size());
  }

  @Test
  void readingAnUnknownSubscriptionIsAnswered() {
    TestProbe<ClientSessionActor.Command> session = node.session();

    node.routing.tell(new TopicPartitionActor.Read("t", "c", 1, 1, 1, session.getRef()));

    session.expectMessageClass(ClientSessionActor.SubscriptionFailed.class, PATIENCE);
  }
}
