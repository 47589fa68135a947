package io.troupe.broker.routing;

import static io.troupe.broker.routing.RoutingTesting.PATIENCE;
import static io.troupe.broker.routing.RoutingTesting.limits;
import static io.troupe.broker.routing.RoutingTesting.payloads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import io.troupe.broker.config.WhenFull;
import io.troupe.broker.connection.IngressActor.Appended;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.TopicPartitionActor.AppendEntry;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.QueueBatch;
import io.troupe.protocol.packet.ReasonCode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartitionLimitsTest {
  private RoutingTesting node;

  private void start(WhenFull whenFull) {
    node = new RoutingTesting(limits(3, whenFull), limits(1_000, WhenFull.DROP_OLDEST));
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void theOldestAreDroppedAndTheSessionIsTold() {
    start(WhenFull.DROP_OLDEST);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, true, 0);
    node.publish("t", "1", "2", "3", "4", "5");

    QueueBatch batch = node.read(session, "c", "t", 1);

    assertEquals(List.of("3", "4", "5"), payloads(batch.messages()));
    assertEquals(2, batch.dropped());
    assertTrue(batch.inStep());
    assertEquals(2, node.dropped(DropReason.QUEUE_FULL));
  }

  @Test
  void theNewestAreDroppedAndTheSessionIsTold() {
    start(WhenFull.DROP_NEWEST);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, true, 0);
    node.publish("t", "1", "2", "3", "4", "5");

    QueueBatch batch = node.read(session, "c", "t", 1);
    node.publish("t", "6");
    QueueBatch pushed = session.expectMessageClass(QueueBatch.class, PATIENCE);

    assertEquals(List.of("1", "2", "3"), payloads(batch.messages()));
    assertEquals(2, batch.dropped());
    assertTrue(batch.inStep());
    assertEquals(List.of("6"), payloads(pushed.messages()));
    assertEquals(2, node.dropped(DropReason.QUEUE_FULL));
  }

  @Test
  void thePublisherIsRefusedBeforeAnythingIsStored() {
    start(WhenFull.REFUSE_PUBLISHER);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, true, 0);
    AppendEntry[] entries = new AppendEntry[5];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = new AppendEntry(node.message("t", "" + i, 1), 0, 0, false);
    }

    node.append(node.partition("t"), entries);

    Appended answer = node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(
        List.of(
            ReasonCode.SUCCESS,
            ReasonCode.SUCCESS,
            ReasonCode.SUCCESS,
            ReasonCode.QUOTA_EXCEEDED,
            ReasonCode.QUOTA_EXCEEDED),
        answer.results());
    assertEquals(3, node.log.storedMessages());
    node.routing.tell(new TopicPartitionActor.Settled("t", "c", 2));
    node.publish("t", "more");
    assertEquals(4, node.log.storedMessages());
  }

  @Test
  void onePersistentlyAbsentSubscriberDoesNotHoldTheSpaceOfOthers() {
    start(WhenFull.DROP_OLDEST);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(node.session(), "away", "t", 1, true, 0);
    node.follow(session, "c", "t", 1);
    for (int i = 0; i < 20; i++) {
      node.publish("t", "" + i);
    }
    node.routing.tell(new TopicPartitionActor.Settled("t", "c", 21));

    node.ingress.awaitAssert(
        PATIENCE,
        () -> {
          assertEquals(3, node.log.storedMessages());
          return null;
        });
  }
}
