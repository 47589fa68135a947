package io.troupe.protocol.session;

import static io.troupe.protocol.packet.Qos.AT_LEAST_ONCE;
import static io.troupe.protocol.packet.Qos.AT_MOST_ONCE;
import static io.troupe.protocol.packet.Qos.EXACTLY_ONCE;
import static io.troupe.protocol.session.SessionHarness.subscription;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a session reads durable queues: in step, behind, gaps, pauses, checkpoints. */
class QueueReadingTest {
  private final SessionHarness s =
      new SessionHarness(new SessionLimits(100, 4, 1 << 20, 1 << 20, 3, 35_000, 0));

  @BeforeEach
  void subscribed() {
    s.connect(2);
    s.subscribe(subscription("t", EXACTLY_ONCE), 1);
  }

  private void inStep() {
    s.batch("t", 1);
    s.take();
  }

  @Test
  void aNewSubscriptionReadsFromItsFirstOffset() {
    assertEquals(List.of("read t 1"), s.take());
  }

  @Test
  void pushesAreTakenWithoutReadingOnceInStep() {
    inStep();

    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m1 q1 #1"), s.take());
  }

  @Test
  void aRepeatedBatchIsTakenOnce() {
    inStep();
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    s.take();

    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m2 q1 #2"), s.take());
  }

  @Test
  void aGapIsReadBeforeWhatFollows() {
    inStep();

    s.batch("t", 3, s.queued(3, AT_LEAST_ONCE));
    assertEquals(List.of("read t 1"), s.take());
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m1 q1 #1", "PUBLISH m2 q1 #2"), s.packets());
  }

  @Test
  void pushesBeyondAGapAskOnlyOnce() {
    inStep();

    s.batch("t", 3, s.queued(3, AT_LEAST_ONCE));
    s.batch("t", 4, s.queued(4, AT_LEAST_ONCE));

    assertEquals(List.of("read t 1"), s.take());
  }

  @Test
  void pausesTheQueueWhenTheClientIsSlowAndReadsOnLater() {
    inStep();
    for (int i = 1; i <= 7; i++) {
      s.batch("t", i, s.queued(i, AT_LEAST_ONCE));
    }
    assertEquals(List.of("PUBLISH m1 q1 #1", "PUBLISH m2 q1 #2", "pause t"), s.take());

    s.puback(1, 2);
    s.puback(3, 4);

    assertEquals(
        List.of(
            "PUBLISH m3 q1 #3",
            "PUBLISH m4 q1 #4",
            "settled t 4",
            "PUBLISH m5 q1 #5",
            "PUBLISH m6 q1 #6"),
        s.take());
    s.puback(5);
    assertEquals(List.of("PUBLISH m7 q1 #7"), s.take());
    s.puback(6);
    assertEquals(List.of("read t 8"), s.take().stream().filter(e -> e.startsWith("r")).toList());
  }

  @Test
  void aPushThatCrossedThePauseDoesNotPutTheSessionInStep() {
    inStep();
    for (int i = 1; i <= 7; i++) {
      s.batch("t", i, s.queued(i, AT_LEAST_ONCE));
    }
    s.puback(1, 2);
    s.take();

    s.batch("t", 8, s.queued(8, AT_LEAST_ONCE));
    for (int i = 3; i <= 8; i++) {
      s.puback(i);
    }

    assertTrue(s.take().contains("read t 9"));
  }

  @Test
  void aLostAnswerIsAskedForAgain() {
    s.take();
    assertTrue(s.session.outbound().needsTick());

    s.run(s.session.outbound()::retryReads);

    assertEquals(List.of("read t 1"), s.take());
  }

  @Test
  void pagesOfABacklogAreReadOneAfterTheOther() {
    s.take();

    s.batch("t", 1, 3, false, s.queued(1, AT_LEAST_ONCE), s.queued(2, AT_LEAST_ONCE));
    assertEquals(List.of("PUBLISH m1 q1 #1", "PUBLISH m2 q1 #2"), s.take());
    s.puback(1);

    assertEquals(List.of("read t 3"), s.take());
  }

  @Test
  @Promise("I4")
  void theOfflineBacklogComesBeforeLiveMessages() {
    inStep();
    s.disconnect();
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE)); // pushed to nobody
    s.connect(10);
    s.take();

    s.batch("t", 2, s.queued(2, AT_LEAST_ONCE)); // live, before the answer to the read
    s.batch("t", 1, 2, false, s.queued(1, AT_LEAST_ONCE));
    s.batch("t", 2, s.queued(2, AT_LEAST_ONCE));
    s.batch("t", 3, s.queued(3, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m1 q1 #1", "PUBLISH m2 q1 #2", "PUBLISH m3 q1 #3"), s.packets());
  }

  @Test
  void whatWasNotSentIsReadAgainAfterReconnect() {
    inStep();
    s.batch(
        "t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, AT_LEAST_ONCE), s.queued(3, AT_LEAST_ONCE));
    s.disconnect();
    s.take();

    s.connect(10);

    assertEquals(List.of("PUBLISH m1 q1 #1 dup", "PUBLISH m2 q1 #2 dup", "read t 3"), s.take());
  }

  @Test
  void expiredMessagesAreSkippedAndSettled() {
    inStep();
    QueuedMessage old = new QueuedMessage(1, s.message("t", "old", AT_LEAST_ONCE, 5));
    s.now += 5_000;

    s.batch("t", 1, old, s.queued(2, AT_LEAST_ONCE));
    s.puback(1);
    s.run(s.session.outbound()::checkpointAll);

    assertEquals(List.of("dropped EXPIRED 1", "PUBLISH m2 q1 #1", "settled t 3"), s.take());
  }

  @Test
  void theCursorIsStoredEveryFewMessagesAndOnlyUpToTheFirstOpenOne() {
    inStep();
    s.reconnect(10);
    s.batch("t", 1);
    for (int i = 1; i <= 5; i++) {
      s.batch("t", i, s.queued(i, AT_LEAST_ONCE));
    }
    s.take();

    s.puback(2, 3, 4, 5);
    assertEquals(List.of(), s.take());
    s.puback(1);

    assertEquals(List.of("settled t 6"), s.take());
    s.flush();
    assertEquals(6, s.state.subscription("t").orElseThrow().settledBelow());
  }

  @Test
  void oneBusyQueueDoesNotStarveAnother() {
    s.subscribe(subscription("u", AT_LEAST_ONCE), 1);
    inStep();
    s.batch("u", 1);
    for (int i = 1; i <= 4; i++) {
      s.batch("t", i, s.queued(i, AT_LEAST_ONCE));
    }
    s.batch("u", 1, new QueuedMessage(1, s.message("u", "other", AT_LEAST_ONCE)));
    s.take();

    s.puback(1);

    assertEquals(List.of("PUBLISH other q1 #3"), s.packets());
  }

  @Test
  void raisingTheQosOfASubscriptionReadsFromNowOn() {
    s.subscribe(subscription("u", AT_MOST_ONCE), 0);
    s.take();

    s.subscribe(subscription("u", AT_LEAST_ONCE), 40);

    assertEquals(List.of("read u 40"), s.take());
  }

  @Test
  void makingASubscriptionAgainKeepsItsPlace() {
    inStep();
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    s.take();

    s.subscribe(subscription("t", EXACTLY_ONCE), 9);

    assertEquals(List.of("read t 2"), s.take());
    assertFalse(s.state.subscription("t").isEmpty());
  }
}
