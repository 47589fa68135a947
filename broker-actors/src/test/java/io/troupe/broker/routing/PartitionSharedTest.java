package io.troupe.broker.routing;

import static io.troupe.broker.routing.RoutingTesting.PATIENCE;
import static io.troupe.broker.routing.RoutingTesting.payloads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.config.SharedStrategies;
import io.troupe.broker.config.SharedStrategy;
import io.troupe.broker.connection.IngressActor.Appended;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.TopicPartitionActor.AppendEntry;
import io.troupe.broker.routing.TopicPartitionActor.SharedSettled;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.SharedBatch;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.QueuedMessage;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartitionSharedTest {
  private static final String FILTER = "$share/g/t";

  private final RoutingTesting node = new RoutingTesting();
  private final TestProbe<ClientSessionActor.Command> one = node.session();
  private final TestProbe<ClientSessionActor.Command> two = node.session();

  @AfterEach
  void close() {
    node.close();
  }

  private SharedBatch batch(TestProbe<ClientSessionActor.Command> member) {
    return member.expectMessageClass(SharedBatch.class, PATIENCE);
  }

  private void settle(String clientId, SharedBatch batch) {
    node.routing.tell(
        new SharedSettled(
            FILTER, clientId, batch.messages().stream().map(QueuedMessage::offset).toList()));
  }

  private void publishOnce(String payload) {
    node.append(
        node.partition(FILTER), new AppendEntry(node.message("t", payload, 2), 0, 0, false));
    node.ingress.expectMessageClass(Appended.class, PATIENCE);
  }

  @Test
  void membersTakeTurns() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.subscribe(two, "c2", FILTER, 1, false, 0);

    node.publish("t", "1", "2", "3", "4");

    Set<String> all = new TreeSet<>();
    for (int i = 0; i < 2; i++) {
      all.addAll(payloads(batch(one).messages()));
      all.addAll(payloads(batch(two).messages()));
    }
    assertEquals(Set.of("1", "2", "3", "4"), all);
    assertEquals(4, node.log.storedMessages());
  }

  @Test
  void aMemberGetsNoMoreThanItsCreditUntilItSettles() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.publish("t", "1", "2", "3");
    SharedBatch first = batch(one);
    batch(one);
    one.expectNoMessage();

    settle("c1", first);

    assertEquals(List.of("3"), payloads(batch(one).messages()));
  }

  @Test
  void settledMessagesGiveBackTheirSpace() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.publish("t", "1", "2");
    settle("c1", batch(one));
    settle("c1", batch(one));

    node.awaitUpkeep(FILTER, () -> assertEquals(0, node.log.storedMessages()));
  }

  @Test
  void unsettledQos1MessagesOfAMemberThatGoesOfflineGoToOthers() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.publish("t", "1", "2");
    batch(one);
    batch(one);
    node.subscribe(two, "c2", FILTER, 1, true, 0);

    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c1", one.getRef()));

    assertEquals(List.of("1", "2"), payloads(batch(two).messages()));
  }

  @Test
  void unsettledMessagesOfAMemberWhoseSessionStopsGoToOthers() {
    node.subscribe(one, "c1", FILTER, 1, false, 0);
    node.subscribe(two, "c2", FILTER, 1, false, 0);
    node.publish("t", "1", "2", "3", "4"); // both have as many as they may
    Set<String> all = new TreeSet<>();
    for (int i = 0; i < 2; i++) {
      all.addAll(payloads(batch(one).messages()));
      SharedBatch other = batch(two);
      all.addAll(payloads(other.messages()));
      settle("c2", other);
    }
    assertEquals(Set.of("1", "2", "3", "4"), all);

    one.stop();

    int taken = 0;
    while (taken < 2) {
      SharedBatch again = batch(two);
      taken += again.messages().size();
      assertEquals(again.messages().stream().map(QueuedMessage::offset).toList(), again.again());
    }
    assertEquals(2, taken);
  }

  @Test
  void qos2MessagesStayWithTheirMemberAcrossARestart() {
    node.subscribe(one, "c1", FILTER, 2, true, 0);
    publishOnce("1");
    assertEquals(List.of("1"), payloads(batch(one).messages()));
    node.subscribe(two, "c2", FILTER, 2, true, 0);
    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c1", one.getRef()));
    two.expectNoMessage();

    node.restart(node.partition(FILTER));
    two.expectNoMessage();
    TestProbe<ClientSessionActor.Command> back = node.session();
    node.subscribe(back, "c1", FILTER, 2, true, 0);

    assertEquals(List.of("1"), payloads(batch(back).messages()));
    two.expectNoMessage();
  }

  @Test
  void qos2MessagesOfASessionThatEndsGoToNobody() {
    node.subscribe(one, "c1", FILTER, 2, true, 0);
    node.subscribe(two, "c2", FILTER, 2, true, 0);
    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c2", two.getRef()));
    node.subscribe(node.session(), "other", "x", 0, false, 0);
    publishOnce("1");
    TestProbe<ClientSessionActor.Command> holder = one;
    batch(holder);

    node.routing.tell(new TopicPartitionActor.Unsubscribe(FILTER, "c1", one.getRef()));
    one.expectMessageClass(ClientSessionActor.UnsubscriptionEffective.class, PATIENCE);
    TestProbe<ClientSessionActor.Command> back = node.session();
    node.subscribe(back, "c2", FILTER, 2, true, 0);

    back.expectNoMessage();
    assertEquals(1, node.dropped(DropReason.SESSION_ENDED));
  }

  @Test
  void theQueueWaitsWhileAllMembersAreOffline() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c1", one.getRef()));
    node.publish("t", "1", "2");
    one.expectNoMessage();

    TestProbe<ClientSessionActor.Command> back = node.session();
    node.subscribe(back, "c1", FILTER, 1, true, 0);

    assertEquals(List.of("1", "2"), payloads(batch(back).messages()));
  }

  @Test
  void theGroupGoesWithItsLastMember() {
    node.subscribe(one, "c1", FILTER, 1, false, 0);
    node.publish("t", "1");
    batch(one);

    one.stop();

    node.ingress.awaitAssert(
        PATIENCE,
        () -> {
          assertEquals(0, node.log.queues());
          assertTrue(node.route("t").isEmpty(Qos.AT_LEAST_ONCE));
          return null;
        });
    assertEquals(1, node.dropped(DropReason.SESSION_ENDED));
  }

  @Test
  void aGroupWithoutMembersOfQos1OrMoreGivesUpItsQueueAndCountsWhatWaited() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.publish("t", "1", "2", "3");
    settle("c1", batch(one));
    batch(one);
    batch(one);

    node.subscribe(one, "c1", FILTER, 0, true, 0);

    node.ingress.awaitAssert(
        PATIENCE,
        () -> {
          assertEquals(0, node.log.queues());
          return null;
        });
    assertEquals(2, node.dropped(DropReason.SESSION_ENDED));
  }

  @Test
  void afterARestartUnsettledMessagesAreAssignedAgainAndSettledOnesAreNot() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.publish("t", "1", "2", "3");
    SharedBatch first = batch(one);
    settle("c1", first);
    batch(one);
    batch(one);
    node.awaitStored(FILTER, PartitionEvent.SharedProgressed.class);

    node.restart(node.partition(FILTER));

    List<String> again = payloads(batch(one).messages());
    assertEquals(List.of("2", "3"), again);
  }

  /** The third waits: when that is known, what was stored ahead is taken back. */
  @Test
  void afterARestartOnlyWhatMayHaveBeenSentCarriesDup() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.publish("t", "1", "2", "3");
    assertEquals(List.of(), batch(one).again());
    assertEquals(List.of(), batch(one).again());
    node.awaitStored(new PartitionEvent.SharedSending(FILTER, 3));

    node.restart(node.partition(FILTER));

    SharedBatch again = batch(one);
    assertEquals(List.of("1", "2"), payloads(again.messages()));
    assertEquals(List.of(1L, 2L), again.again());
    settle("c1", again);
    SharedBatch first = batch(one);
    assertEquals(List.of("3"), payloads(first.messages()));
    assertEquals(List.of(), first.again());
  }

  @Test
  void aQueueOpenedAnewKnowsNothingOfWhatWasSentOfAnEarlierOne() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.publish("t", "1", "2");
    batch(one);
    batch(one);
    node.routing.tell(new TopicPartitionActor.Unsubscribe(FILTER, "c1", one.getRef()));
    one.expectMessageClass(ClientSessionActor.UnsubscriptionEffective.class, PATIENCE);
    node.awaitStored(PartitionEvent.QueueClosed.class);
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c1", one.getRef()));
    node.subscribe(two, "c2", FILTER, 0, true, 0); // then the partition has heard of both
    node.publish("t", "new");

    node.restart(node.partition(FILTER));
    TestProbe<ClientSessionActor.Command> back = node.session();
    node.subscribe(back, "c1", FILTER, 1, true, 0);

    SharedBatch batch = batch(back);
    assertEquals(List.of("new"), payloads(batch.messages()));
    assertEquals(List.of(), batch.again());
  }

  private void refuse(String clientId, SharedBatch batch) {
    node.routing.tell(
        new TopicPartitionActor.SharedRefused(
            FILTER, clientId, batch.messages().stream().map(QueuedMessage::offset).toList()));
  }

  @Test
  void whatAMemberMayNotHaveGoesToTheNext() {
    node.subscribe(one, "c1", FILTER, 2, true, 0);
    publishOnce("1");
    node.publish("t", "2");
    SharedBatch first = batch(one);
    SharedBatch second = batch(one);
    node.subscribe(two, "c2", FILTER, 2, true, 0);

    refuse("c1", first);
    refuse("c1", second);

    SharedBatch taken = batch(two);
    assertEquals(List.of("1"), payloads(taken.messages()));
    assertEquals(List.of(), taken.again());
    assertEquals(List.of("2"), payloads(batch(two).messages()));
    one.expectNoMessage();
    assertEquals(0, node.dropped(DropReason.NOT_AUTHORIZED));
  }

  @Test
  void whatNoMemberMayHaveIsDroppedAndCounted() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.publish("t", "1");
    SharedBatch first = batch(one);
    node.subscribe(two, "c2", FILTER, 1, true, 0);
    refuse("c1", first);

    refuse("c2", batch(two));

    node.awaitUpkeep(FILTER, () -> assertEquals(0, node.log.storedMessages()));
    assertEquals(1, node.dropped(DropReason.NOT_AUTHORIZED));
    one.expectNoMessage();
  }

  @Test
  void whatNoMemberThatIsOnlineMayHaveWaitsForOneThatIsAway() {
    node.subscribe(two, "c2", FILTER, 1, true, 0);
    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c2", two.getRef()));
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.publish("t", "1", "2");
    refuse("c1", batch(one));
    settle("c1", batch(one));

    TestProbe<ClientSessionActor.Command> back = node.session();
    node.subscribe(back, "c2", FILTER, 1, true, 0);

    SharedBatch taken = batch(back);
    assertEquals(List.of("1"), payloads(taken.messages()));
    refuse("c2", taken);
    node.awaitUpkeep(FILTER, () -> assertEquals(1, node.dropped(DropReason.NOT_AUTHORIZED)));
  }

  /** It was assigned to it for good, and the partition has started anew. */
  @Test
  void aQos2MessageThatItsMemberMayNotHaveAfterARestartGoesToTheNext() {
    node.subscribe(one, "c1", FILTER, 2, true, 0);
    publishOnce("1");
    batch(one);
    node.subscribe(two, "c2", FILTER, 1, true, 0);
    node.restart(node.partition(FILTER));
    SharedBatch again = batch(one);

    refuse("c1", again);

    SharedBatch taken = batch(two);
    assertEquals(List.of("1"), payloads(taken.messages()));
    settle("c2", taken);
    node.awaitUpkeep(FILTER, () -> assertEquals(0, node.log.storedMessages()));
  }

  /** The first was taken over by the session, the second was not: that is for another member. */
  @Test
  void qos2MessagesThatAMemberHasNotTakenOverGoToOthersWhenItGoes() {
    node.subscribe(one, "c1", FILTER, 2, true, 0);
    publishOnce("1");
    publishOnce("2");
    List<Long> taken = List.of(batch(one).messages().get(0).offset());
    batch(one);
    node.subscribe(two, "c2", FILTER, 2, true, 0);

    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c1", taken, one.getRef()));

    SharedBatch others = batch(two);
    assertEquals(List.of("2"), payloads(others.messages()));
    assertEquals(List.of(), others.again());
    TestProbe<ClientSessionActor.Command> back = node.session();
    node.subscribe(back, "c1", FILTER, 2, true, 0);
    assertEquals(List.of("1"), payloads(batch(back).messages()));
    two.expectNoMessage();
  }

  @Test
  void afterARestartTooTheyGoToOthersWhenTheSessionEnds() {
    node.subscribe(one, "c1", FILTER, 2, true, 0);
    publishOnce("1");
    batch(one);
    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c1", one.getRef()));
    node.subscribe(two, "c2", FILTER, 2, true, 0);
    node.restart(node.partition(FILTER));
    two.expectNoMessage();

    node.routing.tell(
        new TopicPartitionActor.Unsubscribe(FILTER, "c1", false, List.of(), one.getRef()));

    assertEquals(List.of("1"), payloads(batch(two).messages()));
    assertEquals(0, node.dropped(DropReason.SESSION_ENDED));
  }

  /** Its session has started anew without a connection, and knows what it has taken over. */
  @Test
  void afterARestartAMemberThatIsAwayReleasesWhatItHasNotTakenOver() {
    node.subscribe(one, "c1", FILTER, 2, true, 0);
    publishOnce("1");
    batch(one);
    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c1", one.getRef()));
    node.subscribe(two, "c2", FILTER, 2, true, 0);
    node.restart(node.partition(FILTER));
    two.expectNoMessage();
    TestProbe<ClientSessionActor.Command> back = node.session();

    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c1", List.of(), back.getRef()));

    assertEquals(List.of("1"), payloads(batch(two).messages()));
  }

  @Test
  void qos2MessagesOfAMemberThatCouldNotBeReadAreSentToItLater() {
    node.subscribe(one, "c1", FILTER, 2, true, 0);
    publishOnce("1");
    batch(one);
    node.routing.tell(new TopicPartitionActor.Offline(FILTER, "c1", one.getRef()));
    node.restart(node.partition(FILTER)); // no page is at hand any more
    node.subscribe(two, "c2", FILTER, 0, true, 0); // waits until the queue's bounds are known
    node.log.failReads(true);
    int reads = node.log.reads();
    TestProbe<ClientSessionActor.Command> back = node.session();
    node.subscribe(back, "c1", FILTER, 2, true, 0);
    back.awaitAssert(
        PATIENCE,
        () -> {
          assertTrue(node.log.reads() > reads);
          return null;
        });

    node.log.failReads(false);

    assertEquals(List.of("1"), payloads(batch(back).messages()));
  }

  /** A member that was not to outlive its connection is gone with its node. */
  @Test
  void whatBelongedToAMemberThatIsNoMoreAfterARestartHoldsNothingUp() {
    int partition = node.partition(FILTER);
    node.stored(partition, new PartitionEvent.QueueOpened(FILTER, 1));
    node.stored(
        partition,
        new PartitionEvent.SubscriberStored(
            "c2", RoutingTesting.subscription(FILTER, 2), ClientLimits.DEVICE, 2, 1));
    node.stored(partition, new PartitionEvent.SharedAssigned(FILTER, "c1", List.of(1L)));
    publishOnce("1");
    publishOnce("2");

    node.subscribe(two, "c2", FILTER, 2, true, 0);

    SharedBatch batch = batch(two);
    assertEquals(List.of("2"), payloads(batch.messages()));
    assertEquals(1, node.dropped(DropReason.SESSION_ENDED));
    settle("c2", batch);
    node.ingress.awaitAssert(
        PATIENCE,
        () -> {
          assertEquals(0, node.log.storedMessages());
          return null;
        });
  }

  @Test
  void qos0GoesToOneMemberDirectly() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.subscribe(two, "c2", FILTER, 0, false, 0);

    Route route = node.route("t");

    assertEquals(1, route.shared(Qos.AT_MOST_ONCE).size());
    assertEquals(0, route.shared(Qos.AT_LEAST_ONCE).size());
    Set<String> picked = new TreeSet<>();
    for (int i = 0; i < 4; i++) {
      picked.add(
          route
              .shared(Qos.AT_MOST_ONCE)
              .get(0)
              .pick(SharedStrategies.all(SharedStrategy.ROUND_ROBIN), "p", "t")
              .clientId());
    }
    assertEquals(Set.of("c1", "c2"), picked);
  }

  @Test
  @Promise("F16")
  void aPlainAndASharedSubscriptionOfOneClientAreApart() {
    node.subscribe(one, "c1", FILTER, 1, true, 0);
    node.subscribe(one, "c1", "t", 1, false, 0);
    node.routing.tell(new TopicPartitionActor.Unsubscribe(FILTER, "c1", one.getRef()));
    one.expectMessageClass(ClientSessionActor.UnsubscriptionEffective.class, PATIENCE);

    Route route = node.route("t");

    assertEquals(1, route.direct(Qos.AT_LEAST_ONCE).size());
    assertEquals(0, route.shared(Qos.AT_MOST_ONCE).size());
  }
}
