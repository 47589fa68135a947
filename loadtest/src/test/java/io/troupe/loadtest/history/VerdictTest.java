package io.troupe.loadtest.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.loadtest.history.Violation.Kind;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hand-made histories, each of which breaks one promise, and those that break none. */
class VerdictTest {
  private static final int AT_MOST = 0;
  private static final int AT_LEAST = 1;
  private static final int EXACTLY = 2;
  private static final int RETAINED = 3;
  private static final int WILL = 4;
  private static final int EXPIRING = 5;

  private static final long SECOND = 1_000_000_000L;

  private final History history = new History(7);
  private long now = 1000;

  @BeforeEach
  void declare() {
    for (Qos qos : Qos.values()) {
      history.declare(new Flow(qos.level(), "p", "s/p/q" + qos.level(), qos, Flow.Kind.STREAM));
    }
    history.declare(new Flow(RETAINED, "p", "r/p", Qos.AT_LEAST_ONCE, Flow.Kind.RETAINED));
    history.declare(new Flow(WILL, "w", "w/1", Qos.AT_LEAST_ONCE, Flow.Kind.WILL));
    history.declare(new Flow(EXPIRING, "p", "e/p", Qos.AT_LEAST_ONCE, Flow.Kind.STREAM, 2));
    subscribe("all", "s/#", Qos.EXACTLY_ONCE);
  }

  @Test
  void eachMessageOnceAndInOrderIsClean() {
    for (int i = 1; i <= 3; i++) {
      takenOver(EXACTLY);
      takenOver(AT_LEAST);
      receive("all", EXACTLY, i);
      receive("all", AT_LEAST, i);
    }

    assertFound(Map.of());
  }

  @Test
  void aMessageTakenOverAndNeverDeliveredIsLost() {
    takenOver(AT_LEAST);
    takenOver(EXACTLY);
    receive("all", EXACTLY, 1);

    assertFound(Map.of(Kind.LOST, 1));
    assertTrue(!history.isComplete());
  }

  @Test
  void aMessageNotAcknowledgedOrRefusedMayBeMissing() {
    offer(AT_LEAST);
    history.refused(AT_LEAST, offer(AT_LEAST));

    assertFound(Map.of());
  }

  @Test
  void aMessageAtQos0MayBeMissingAndIsCounted() {
    offer(AT_MOST);

    assertEquals(1, history.judge().missingAtQos0());
    assertFound(Map.of());
  }

  @Test
  void aMessageOfferedBeforeTheSubscriptionIsNotDue() {
    takenOver(AT_LEAST);
    receive("all", AT_LEAST, 1);
    subscribe("late", "s/#", Qos.AT_LEAST_ONCE);

    assertFound(Map.of());
  }

  @Test
  void aSecondCopyAtQos2IsADuplicateEvenWithDup() {
    takenOver(EXACTLY);
    receive("all", EXACTLY, 1);
    history.repeated(EXACTLY, 1);
    receive("all", reception(EXACTLY, 1, Qos.EXACTLY_ONCE, true, 0));

    assertFound(Map.of(Kind.DUPLICATED, 1));
  }

  @Test
  void aSecondCopyAtQos1WithoutDupIsADuplicate() {
    takenOver(AT_LEAST);
    receive("all", AT_LEAST, 1);
    receive("all", AT_LEAST, 1);

    assertFound(Map.of(Kind.DUPLICATED, 1));
  }

  @Test
  void aSecondCopyAtQos1IsExplainedByDupOrByItsPublisher() {
    takenOver(AT_LEAST);
    receive("all", AT_LEAST, 1);
    receive("all", reception(AT_LEAST, 1, Qos.AT_LEAST_ONCE, true, 0));
    takenOver(AT_LEAST);
    history.repeated(AT_LEAST, 2);
    receive("all", AT_LEAST, 2);
    receive("all", AT_LEAST, 2);

    assertFound(Map.of());
  }

  @Test
  void aQos2MessageDowngradedToQos1IsNotRepeatedWithoutDup() {
    subscribe("one", "s/+/q2", Qos.AT_LEAST_ONCE);
    takenOver(EXACTLY);
    history.repeated(EXACTLY, 1);
    receive("all", EXACTLY, 1);
    receive("one", reception(EXACTLY, 1, Qos.AT_LEAST_ONCE, false, 0));
    receive("one", reception(EXACTLY, 1, Qos.AT_LEAST_ONCE, false, 0));

    assertFound(Map.of(Kind.DUPLICATED, 1));
  }

  @Test
  void aFirstDeliveryAfterALaterOneIsReordered() {
    takenOver(AT_LEAST);
    takenOver(AT_LEAST);
    receive("all", AT_LEAST, 2);
    receive("all", AT_LEAST, 1);

    assertFound(Map.of(Kind.REORDERED, 1));
  }

  @Test
  void aRepetitionAfterLaterMessagesIsNotReordered() {
    takenOver(AT_LEAST);
    takenOver(AT_LEAST);
    receive("all", AT_LEAST, 1);
    receive("all", AT_LEAST, 2);
    receive("all", reception(AT_LEAST, 1, Qos.AT_LEAST_ONCE, true, 0));

    assertFound(Map.of());
  }

  @Test
  void aMessageNeverOfferedIsAPhantom() {
    receive("all", AT_LEAST, 1);
    receive("all", new Reception(99, 1, "s/x", Qos.AT_MOST_ONCE, false, false, 0, now++));

    assertFound(Map.of(Kind.PHANTOM, 2));
  }

  @Test
  void aMessageUnderAnotherTopicOrOutsideTheFilterIsAPhantom() {
    subscribe("one", "s/+/q1", Qos.AT_LEAST_ONCE);
    offer(AT_LEAST);
    offer(AT_MOST);
    receive("all", new Reception(AT_LEAST, 1, "s/p/q0", Qos.AT_LEAST_ONCE, false, false, 0, now++));
    receive("one", AT_MOST, 1);

    assertFound(Map.of(Kind.PHANTOM, 2));
  }

  @Test
  void flagsOfAFirstDeliveryAreThoseOfTheSpecification() {
    offer(AT_LEAST);
    offer(AT_LEAST);
    offer(AT_LEAST);
    offer(AT_LEAST);
    receive("all", reception(AT_LEAST, 1, Qos.AT_LEAST_ONCE, true, 0));
    receive("all", reception(AT_LEAST, 2, Qos.EXACTLY_ONCE, false, 0));
    receive("all", new Reception(AT_LEAST, 3, "s/p/q1", Qos.AT_LEAST_ONCE, false, true, 0, now++));
    receive("all", reception(AT_LEAST, 4, Qos.AT_LEAST_ONCE, true, now));

    assertFound(Map.of(Kind.WRONG_FLAGS, 3));
  }

  @Test
  void aShareGroupIsDueOneCopyTogether() {
    subscribe("m1", "$share/g/s/+/q2", Qos.EXACTLY_ONCE);
    subscribe("m2", "$share/g/s/+/q2", Qos.EXACTLY_ONCE);
    for (int i = 1; i <= 3; i++) {
      takenOver(EXACTLY);
      receive("all", EXACTLY, i);
    }
    receive("m1", EXACTLY, 1);
    receive("m2", EXACTLY, 1);
    receive("m2", EXACTLY, 2);

    assertFound(Map.of(Kind.DUPLICATED, 1, Kind.LOST, 1));
  }

  @Test
  void aQos1MessageOfALostMemberMayGoToAnother() {
    subscribe("m1", "$share/g/s/+/q1", Qos.AT_LEAST_ONCE);
    subscribe("m2", "$share/g/s/+/q1", Qos.AT_LEAST_ONCE);
    takenOver(AT_LEAST);
    takenOver(AT_LEAST);
    receive("all", AT_LEAST, 1);
    receive("all", AT_LEAST, 2);
    receive("m1", AT_LEAST, 1);
    receive("m2", AT_LEAST, 2);
    history.connectionEnded("m1", 0, now++);
    receive("m2", AT_LEAST, 1);

    assertFound(Map.of());
  }

  @Test
  void theLastRetainedMessageTakenOverMustBeFound() {
    takenOver(RETAINED);
    takenOver(RETAINED);
    history.retainedSeen(RETAINED, 1);
    history.retainedRead();

    assertFound(Map.of(Kind.RETAINED_STALE, 1));
  }

  @Test
  void aRetainedMessageWithoutAnswerMayHaveReplacedTheLast() {
    takenOver(RETAINED);
    offer(RETAINED);
    history.retainedSeen(RETAINED, 2);
    history.retainedRead();

    assertFound(Map.of());
  }

  @Test
  void aDeletedRetainedMessageMustNotComeBack() {
    takenOver(RETAINED);
    history.takenOver(RETAINED, history.offered(RETAINED, true, now++), now++);
    history.retainedSeen(RETAINED, 1);
    history.retainedRead();

    assertFound(Map.of(Kind.RETAINED_STALE, 1));
  }

  @Test
  void aLostRetainedMessageIsStale() {
    takenOver(RETAINED);
    history.retainedRead();

    assertFound(Map.of(Kind.RETAINED_STALE, 1));
  }

  @Test
  void aWillComesOnceForALostConnectionAndNeverAfterDisconnect() {
    subscribe("wills", "w/#", Qos.AT_LEAST_ONCE);
    takenOver(WILL);
    takenOver(WILL);
    history.withdrawn(WILL, offer(WILL));
    receive("wills", WILL, 1);
    receive("wills", WILL, 1);
    receive("wills", WILL, 3);

    assertFound(Map.of(Kind.WILL_DUPLICATED, 1, Kind.WILL_MISSING, 1, Kind.WILL_UNDUE, 1));
  }

  @Test
  void whatIsOfferedBetweenTwoSubscriptionsIsNotDueAndMustNotCome() {
    subscribe("fickle", "s/+/q1", Qos.AT_LEAST_ONCE);
    history.ended("fickle", now++);
    takenOver(AT_LEAST);
    takenOver(AT_LEAST);
    history.subscribing("fickle", false, now++);
    history.subscribed("fickle", now++);
    receive("all", AT_LEAST, 1);
    receive("all", AT_LEAST, 2);
    receive("fickle", AT_LEAST, 2);

    assertFound(Map.of(Kind.UNSUBSCRIBED, 1));
  }

  @Test
  void whatIsOfferedAfterUnsubackMustNotCome() {
    subscribe("fickle", "s/+/q1", Qos.AT_LEAST_ONCE);
    history.ended("fickle", now++);
    takenOver(AT_LEAST);
    receive("all", AT_LEAST, 1);
    receive("fickle", AT_LEAST, 1);

    assertFound(Map.of(Kind.UNSUBSCRIBED, 1));
  }

  @Test
  void aNewSessionGetsNothingFromBefore() {
    subscribe("fresh", "s/+/q1", Qos.AT_LEAST_ONCE);
    takenOver(AT_LEAST);
    receive("all", AT_LEAST, 1);
    history.subscribing("fresh", true, now++);
    history.subscribed("fresh", now++);
    receive("fresh", AT_LEAST, 1);

    assertFound(Map.of(Kind.UNSUBSCRIBED, 1));
  }

  @Test
  void overlappingSubscriptionsOfOneClientAreDueOneCopy() {
    List<TopicFilter> filters = List.of(TopicFilter.of("s/#"), TopicFilter.of("s/+/q2"));
    history.declare(new Subscriber("both", filters, Qos.EXACTLY_ONCE, true));
    history.subscribing("both", true, now++);
    history.subscribed("both", now++);
    takenOver(EXACTLY);
    takenOver(EXACTLY);
    receive("all", EXACTLY, 1);
    receive("all", EXACTLY, 2);
    receive("both", EXACTLY, 1);
    receive("both", EXACTLY, 1);

    assertFound(Map.of(Kind.LOST, 1, Kind.DUPLICATED, 1));
  }

  @Test
  void anExpiredMessageMustNotBeSentToAConnectionMadeLater() {
    subscribe("away", "e/#", Qos.AT_LEAST_ONCE);
    takenOver(EXPIRING);
    takenOver(EXPIRING);
    now += 10_000_000_000L;
    receive("away", new Reception(EXPIRING, 2, "e/p", Qos.AT_LEAST_ONCE, false, false, now, now));

    assertFound(Map.of(Kind.EXPIRED, 1));
  }

  @Test
  void aMessageFromBeforeTheSubscriptionThatIsRepeatedIsNotOutOfOrder() {
    int first = offer(AT_LEAST);
    subscribe("late", "s/+/q1", Qos.AT_LEAST_ONCE);
    takenOver(AT_LEAST);
    receive("late", AT_LEAST, 2);
    history.repeated(AT_LEAST, first);
    history.takenOver(AT_LEAST, first, now++);
    receive("late", AT_LEAST, 1);
    receive("all", AT_LEAST, 1);
    receive("all", AT_LEAST, 2);

    assertFound(Map.of());
  }

  @Test
  void aMessageThatIsRepeatedIsOutOfOrderForWhoWasThereBefore() {
    int first = offer(AT_LEAST);
    takenOver(AT_LEAST);
    history.repeated(AT_LEAST, first);
    receive("all", AT_LEAST, 2);
    receive("all", AT_LEAST, 1);

    assertFound(Map.of(Kind.REORDERED, 1));
  }

  @Test
  void aMessageOfAGroupHasDupOnlyIfAMemberWentThatMayHaveHadIt() {
    subscribe("m1", "$share/g/s/#", Qos.AT_LEAST_ONCE);
    subscribe("m2", "$share/g/s/#", Qos.AT_LEAST_ONCE);
    takenOver(AT_LEAST);
    receive("all", AT_LEAST, 1);
    receive("m2", reception(AT_LEAST, 1, Qos.AT_LEAST_ONCE, true, 0));
    assertFound(Map.of(Kind.WRONG_FLAGS, 1));

    history.connectionEnded("m1", 1, 2);

    assertFound(Map.of());
  }

  @Test
  void aClientMayBeWithoutServiceForALimitedTime() {
    history.served("all", 11 * SECOND);
    history.limitService(Duration.ofSeconds(10));
    history.served("all", 9 * SECOND);
    assertFound(Map.of());

    history.served("all", 10 * SECOND + 1);

    assertFound(Map.of(Kind.OUT_OF_SERVICE, 1));
    assertEquals(11 * SECOND, history.judge().longestOutNanos());
  }

  @Test
  void anAcknowledgementThatTakesTooLongIsNoService() {
    history.limitService(Duration.ofSeconds(10));
    int number = offer(AT_LEAST);
    now += 10 * SECOND;
    history.takenOver(AT_LEAST, number, now);
    receive("all", AT_LEAST, number);

    assertFound(Map.of(Kind.OUT_OF_SERVICE, 1));
  }

  @Test
  void aLostNodesWillIsDueFiveSecondsAfterTheLossWasNoticed() {
    history.limitService(Duration.ofSeconds(30));
    subscribe("wills", "w/#", Qos.AT_LEAST_ONCE);
    history.nodesLost(List.of(new NodeLoss(now, now + 20 * SECOND)));
    takenOver(WILL);
    takenOver(WILL);
    now += 24 * SECOND;
    receive("wills", WILL, 1);
    assertFound(Map.of(Kind.WILL_MISSING, 1));
    now += 2 * SECOND;
    receive("wills", WILL, 2);

    assertFound(Map.of(Kind.WILL_LATE, 1));
    assertEquals(20 * SECOND, history.judge().longestNoticeNanos());
  }

  @Test
  void whatAnObserverSawIsCounted() {
    history.violated(Kind.SESSION_LOST, "all");

    assertFound(Map.of(Kind.SESSION_LOST, 1));
    assertEquals(1, history.judge().examples().size());
  }

  private void assertFound(Map<Kind, Integer> expected) {
    Verdict verdict = history.judge();
    assertEquals(expected, verdict.counts(), () -> verdict.examples().toString());
  }

  private void subscribe(String clientId, String filter, Qos qos) {
    history.declare(new Subscriber(clientId, TopicFilter.of(filter), qos));
    history.subscribing(clientId, true, now++);
    history.subscribed(clientId, now++);
  }

  private int offer(int flow) {
    return history.offered(flow, false, now++);
  }

  private void takenOver(int flow) {
    history.takenOver(flow, offer(flow), now++);
  }

  private void receive(String clientId, int flow, int number) {
    Qos qos = flow == WILL ? Qos.AT_LEAST_ONCE : Qos.of(flow);
    receive(clientId, reception(flow, number, qos, false, 0));
  }

  private void receive(String clientId, Reception reception) {
    history.received(clientId, reception);
  }

  private Reception reception(int flow, int number, Qos qos, boolean dup, long connectedAt) {
    String topic = flow == WILL ? "w/1" : "s/p/q" + flow;
    return new Reception(flow, number, topic, qos, dup, false, connectedAt, now++);
  }
}
