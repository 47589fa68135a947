package io.troupe.protocol.session;

import static io.troupe.protocol.packet.Qos.AT_LEAST_ONCE;
import static io.troupe.protocol.packet.Qos.AT_MOST_ONCE;
import static io.troupe.protocol.packet.Qos.EXACTLY_ONCE;
import static io.troupe.protocol.session.SessionHarness.subscription;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A member of a shared subscription (4.8.2): what it takes, gives back and completes. */
class SharedSubscriptionTest {
  private static final String FILTER = "$share/g/t";
  private final SessionHarness s = new SessionHarness();

  private void member(int receiveMaximum) {
    s.connect(receiveMaximum);
    s.subscribe(subscription(FILTER, EXACTLY_ONCE), 0);
    s.take();
  }

  private void assign(QueuedMessage... messages) {
    s.run(() -> s.session.outbound().onShared(FILTER, List.of(messages)));
  }

  @Test
  void qosOneIsSettledByPuback() {
    member(10);
    assign(s.queued(5, AT_LEAST_ONCE));

    s.puback(1);

    assertEquals(List.of("PUBLISH m5 q1 #1", "shared $share/g/t 5"), s.take());
  }

  @Test
  void qosTwoIsSettledForTheQueueOnceItsIdentifierIsStored() {
    member(10);

    assign(s.queued(5, EXACTLY_ONCE));

    assertEquals(List.of("PUBLISH m5 q2 #1", "shared $share/g/t 5"), s.take());
    s.recover();
    s.connect(10);
    assertEquals(List.of("PUBLISH m5 q2 #1 dup"), s.packets());
  }

  @Test
  void whatIsUnsentOrUnacknowledgedAtQosOneIsForOthersAfterDisconnect() {
    member(1);
    assign(s.queued(5, AT_LEAST_ONCE), s.queued(6, AT_LEAST_ONCE), s.queued(7, EXACTLY_ONCE));
    s.disconnect();
    s.take();

    s.connect(10);

    assertEquals(List.of(), s.packets());
    assertEquals(0, s.session.outbound().inflightCount());
    assertTrue(s.state.assigned().isEmpty());
  }

  @Test
  void anUnacknowledgedQosTwoIsCompletedByThisMember() {
    member(10);
    assign(s.queued(5, EXACTLY_ONCE));
    s.take();

    s.reconnect(10);
    assign(s.queued(5, EXACTLY_ONCE)); // the queue offers it again

    assertEquals(List.of("PUBLISH m5 q2 #1 dup", "shared $share/g/t 5"), s.take());
  }

  @Test
  void whatTheClientMayNotHaveIsForOthers() {
    member(10);
    s.authorized = message -> false;

    assign(s.queued(5, EXACTLY_ONCE), s.queued(6, AT_LEAST_ONCE));

    assertEquals(List.of("refused $share/g/t 5", "refused $share/g/t 6"), s.take());
    s.authorized = message -> true;
    assign(s.queued(6, AT_LEAST_ONCE));
    assertEquals(List.of("PUBLISH m6 q1 #1"), s.packets());
  }

  @Test
  void whatIsAssignedBeforeTheWholeSubackIsNotLost() {
    s.connect(10);
    assign(s.queued(5, AT_LEAST_ONCE));
    assertEquals(List.of(), s.take());

    s.subscribe(subscription(FILTER, EXACTLY_ONCE), 0);

    assertEquals(List.of("PUBLISH m5 q1 #1"), s.packets());
  }

  @Test
  void whatWasNotSentIsForgottenOnUnsubscribe() {
    member(1);
    assign(s.queued(5, AT_LEAST_ONCE), s.queued(6, AT_LEAST_ONCE));
    s.unsubscribe(FILTER);
    s.take();

    s.puback(1);

    assertEquals(List.of("shared $share/g/t 5"), s.take());
  }

  @Test
  void anExpiredMessageGivesItsCreditBack() {
    member(10);
    QueuedMessage old = new QueuedMessage(5, s.message("t", "old", AT_LEAST_ONCE, 1));
    s.now += 1000;

    assign(old);

    assertEquals(List.of("dropped EXPIRED 1", "shared $share/g/t 5"), s.take());
  }

  @Test
  void aRepeatedAssignmentIsSentOnce() {
    member(10);
    assign(s.queued(5, AT_LEAST_ONCE));

    assign(s.queued(5, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m5 q1 #1"), s.take());
  }

  @Test
  void aCompletedQosTwoMessageIsNotTakenTwiceThoughSubscribedAgain() {
    member(10);
    assign(s.queued(5, EXACTLY_ONCE));
    s.pubrec(1);
    s.pubcomp(1);
    s.subscribe(subscription(FILTER, EXACTLY_ONCE), 0);
    s.take();

    assign(s.queued(5, EXACTLY_ONCE));

    assertEquals(List.of("shared $share/g/t 5"), s.take());
  }

  @Test
  void anotherQueueUsesTheSameOffsetsForOtherMessages() {
    member(10);
    assign(s.queued(5, EXACTLY_ONCE));
    s.pubrec(1);
    s.pubcomp(1);
    s.subscribe(subscription(FILTER, AT_MOST_ONCE), 0);
    s.subscribe(subscription(FILTER, EXACTLY_ONCE), 0);
    s.take();

    assign(s.queued(5, EXACTLY_ONCE));

    assertEquals(List.of("PUBLISH m5 q2 #2", "shared $share/g/t 5"), s.take());
  }

  @Test
  void whatThisMemberDidNotAcknowledgeComesBackWithDup() {
    member(10);
    assign(s.queued(5, AT_LEAST_ONCE));
    s.reconnect(10);
    s.take();

    assign(s.queued(5, AT_LEAST_ONCE), s.queued(6, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m5 q1 #2 dup", "PUBLISH m6 q1 #3"), s.take());
  }
}
