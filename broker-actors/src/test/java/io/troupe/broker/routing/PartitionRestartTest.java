package io.troupe.broker.routing;

import static io.troupe.broker.routing.RoutingTesting.PATIENCE;
import static io.troupe.broker.routing.RoutingTesting.payloads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.receptionist.Receptionist;
import io.troupe.broker.routing.RouteCacheActor.FromPartition;
import io.troupe.broker.routing.RouteCacheActor.Hello;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.QueueBatch;
import io.troupe.broker.session.ClientSessionActor.SubscriptionEffective;
import io.troupe.broker.session.ClientSessionActor.UnsubscriptionEffective;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Qos;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartitionRestartTest {
  private final RoutingTesting node = new RoutingTesting();

  @AfterEach
  void close() {
    node.close();
  }

  /** A second node, played by a probe. */
  private final class OtherNode {
    final TestProbe<RouteCacheActor.Command> probe =
        node.kit.createTestProbe(RouteCacheActor.Command.class);
    final int partition;
    long incarnation;
    long sent;

    OtherNode(int partition) {
      this.partition = partition;
      node.kit
          .system()
          .receptionist()
          .tell(Receptionist.register(RouteCacheActor.KEY, probe.getRef()));
    }

    void join(NodeRequest... requests) {
      Hello hello = next(Hello.class);
      incarnation = hello.incarnation();
      sent = 0;
      List<NodeRequest> all = new ArrayList<>(List.of(requests));
      all.add(new NodeRequest.Complete());
      tell(all);
    }

    void tell(List<NodeRequest> requests) {
      node.tell(
          partition,
          new TopicPartitionActor.FromNode(probe.getRef(), incarnation, ++sent, requests));
    }

    /** The next message of this kind about this partition. */
    <M extends RouteCacheActor.Command> M next(Class<M> type) {
      while (true) {
        RouteCacheActor.Command message = probe.receiveMessage(PATIENCE);
        if (type.isInstance(message)
            && !(message instanceof Hello hello
                && (hello.partition() != partition || hello.incarnation() == incarnation))
            && !(message instanceof FromPartition from && from.incarnation() != incarnation)) {
          return type.cast(message);
        }
      }
    }

    void acknowledge(FromPartition message) {
      message
          .replyTo()
          .tell(
              new TopicPartitionActor.NodeAcknowledged(
                  probe.getRef(), message.incarnation(), message.sequence()));
    }
  }

  @Test
  @Promise("I12")
  void aSubscriptionIsEffectiveWhenEveryHolderHasConfirmed() {
    int partition = node.partition("t");
    OtherNode other = new OtherNode(partition);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.wake(partition);
    other.join(new NodeRequest.Hold("t", 1));
    FromPartition content = other.next(FromPartition.class);
    other.acknowledge(content);

    node.routing.tell(
        new TopicPartitionActor.Subscribe(
            RoutingTesting.subscriber("c", "t", 1, false, session), 0, session.getRef()));
    FromPartition change = other.next(FromPartition.class);
    session.expectNoMessage();
    other.acknowledge(change);

    session.expectMessageClass(SubscriptionEffective.class, PATIENCE);
    assertTrue(change.updates().get(0) instanceof PartitionUpdate.Changed);
  }

  @Test
  void aNodeThatIsRemovedNeedNotConfirm() {
    int partition = node.partition("t");
    OtherNode other = new OtherNode(partition);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.wake(partition);
    other.join(new NodeRequest.Hold("t", 1));
    other.acknowledge(other.next(FromPartition.class));
    node.routing.tell(
        new TopicPartitionActor.Subscribe(
            RoutingTesting.subscriber("c", "t", 1, false, session), 0, session.getRef()));
    other.next(FromPartition.class);
    session.expectNoMessage();

    other.probe.stop();

    session.expectMessageClass(SubscriptionEffective.class, PATIENCE);
  }

  @Test
  void aChangeIsRepeatedUntilItIsConfirmed() {
    int partition = node.partition("t");
    OtherNode other = new OtherNode(partition);
    node.wake(partition);
    other.join(new NodeRequest.Hold("t", 1));

    FromPartition first = other.next(FromPartition.class);
    FromPartition again = other.next(FromPartition.class);

    assertEquals(first, again);
  }

  /** A restart of the actor ends its timers. */
  @Test
  void afterARestartAChangeIsStillRepeatedUntilItIsConfirmed() {
    int partition = node.partition("t");
    node.restart(partition);
    OtherNode other = new OtherNode(partition);
    other.join(new NodeRequest.Hold("t", 1));

    FromPartition first = other.next(FromPartition.class);
    FromPartition again = other.next(FromPartition.class);

    assertEquals(first, again);
  }

  @Test
  void afterARestartTransientSubscribersAreKnownAgain() {
    int partition = node.partition("t");
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, false, 0);
    assertEquals(1, node.route("t").direct(Qos.AT_LEAST_ONCE).size());

    node.restart(partition);

    assertEquals(1, node.route("t").direct(Qos.AT_LEAST_ONCE).size());
    OtherNode other = new OtherNode(partition);
    other.join(new NodeRequest.Hold("t", 1));
    FromPartition content = other.next(FromPartition.class);
    PartitionUpdate.Content told = (PartitionUpdate.Content) content.updates().get(0);
    assertTrue(told.filters().stream().anyMatch(change -> change.clientId().equals("c")));
  }

  @Test
  @Promise("I13")
  void afterARestartSubscriptionsAndQueuesAreThereAndOnlineSessionsReadOn() {
    int partition = node.partition("t");
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.follow(session, "c", "t", 1);
    node.publish("t", "1");
    assertTrue(session.expectMessageClass(QueueBatch.class, PATIENCE).inStep());

    node.restart(partition);
    node.publish("t", "2");
    QueueBatch behind = session.expectMessageClass(QueueBatch.class, PATIENCE);
    QueueBatch batch = node.read(session, "c", "t", 2);

    assertFalse(behind.inStep());
    assertEquals(List.of("2"), payloads(batch.messages()));
    assertTrue(batch.inStep());
    node.publish("t", "3");
    assertEquals(
        List.of("3"), payloads(session.expectMessageClass(QueueBatch.class, PATIENCE).messages()));
  }

  @Test
  void aSubscriptionDuringARestartIsDelayedOnly() {
    int partition = node.partition("t");
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.wake(partition);
    node.failNextPersist(partition);

    SubscriptionEffective effective = node.subscribe(session, "c", "t", 1, true, 0);

    assertFalse(effective.existed());
    node.publish("t", "1");
    assertEquals(
        List.of("1"), payloads(node.read(session, "c", "t", effective.endOffset()).messages()));
  }

  /** Commands that come together are carried out with the state that those before them leave. */
  @Test
  void aDurableSubscriptionThatReplacesAnotherAtOnceOutlivesARestart() {
    int partition = node.partition("t");
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.wake(partition);
    OtherNode other = new OtherNode(partition);
    other.join();
    other.tell(List.of(subscribe(1, session)));
    session.expectMessageClass(SubscriptionEffective.class, PATIENCE);

    other.tell(List.of(unsubscribe(2, session), subscribe(3, session)));

    assertTrue(session.expectMessageClass(UnsubscriptionEffective.class, PATIENCE).existed());
    assertFalse(session.expectMessageClass(SubscriptionEffective.class, PATIENCE).existed());
    other.probe.stop();
    node.restart(partition);
    node.publish("t", "1");
    assertEquals(List.of("1"), payloads(node.read(session, "c", "t", 1).messages()));
  }

  @Test
  void aSubscriptionThatIsEndedAtOnceLeavesNothing() {
    int partition = node.partition("t");
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.wake(partition);
    OtherNode other = new OtherNode(partition);
    other.join();

    other.tell(List.of(subscribe(1, session), unsubscribe(2, session)));

    session.expectMessageClass(SubscriptionEffective.class, PATIENCE);
    assertTrue(session.expectMessageClass(UnsubscriptionEffective.class, PATIENCE).existed());
    other.probe.stop();
    assertTrue(node.route("t").isEmpty(Qos.AT_LEAST_ONCE));
    node.awaitStored("t", PartitionEvent.QueueClosed.class);
  }

  private static NodeRequest subscribe(
      long requestId, TestProbe<ClientSessionActor.Command> session) {
    return new NodeRequest.Change(
        requestId,
        new TopicPartitionActor.Subscribe(
            RoutingTesting.subscriber("c", "t", 1, true, session), 0, session.getRef()));
  }

  private static NodeRequest unsubscribe(
      long requestId, TestProbe<ClientSessionActor.Command> session) {
    return new NodeRequest.Change(
        requestId, new TopicPartitionActor.Unsubscribe("t", "c", session.getRef()));
  }

  /** The broker stopped between the end of the last subscription and that of its queue. */
  @Test
  void aQueueThatNobodyNeedsIsNotClosedBeforeASubscriptionThatWaitsForIt() {
    node.stored(node.partition("t"), new PartitionEvent.QueueOpened("t", 1));

    SubscriptionEffective effective = node.subscribe(node.session(), "c", "t", 1, true, 0);

    assertFalse(effective.existed());
    assertEquals(1, effective.endOffset());
  }

  @Test
  void snapshotsKeepEverything() {
    int partition = node.partition("t");
    TestProbe<ClientSessionActor.Command> session = node.session();
    for (int i = 0; i < 40; i++) {
      node.subscribe(session, "c" + i, "t", 1, true, 0);
    }
    node.publish("t", "1");
    node.restart(partition);

    SubscriptionEffective effective = node.subscribe(node.session(), "c7", "t", 1, true, 1);

    assertTrue(effective.existed());
    assertEquals(2, effective.endOffset());
  }

  @Test
  void aRouteCacheThatFailsStartsAnewWithTheSessionsItHad() {
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, false, 0);
    assertEquals(1, node.route("t").direct(Qos.AT_LEAST_ONCE).size());

    node.routing.cacheActor().tell(new Hello(999, 1));

    TestProbe<ClientSessionActor.Command> later = node.session();
    node.subscribe(later, "d", "t", 1, false, 0);
    assertEquals(2, node.route("t").direct(Qos.AT_LEAST_ONCE).size());
    session.stop();
    node.ingress.awaitAssert(
        PATIENCE,
        () -> {
          assertEquals(1, node.route("t").direct(Qos.AT_LEAST_ONCE).size());
          return null;
        });
  }
}
