package io.troupe.protocol.session;

import static io.troupe.protocol.packet.Qos.AT_LEAST_ONCE;
import static io.troupe.protocol.packet.Qos.EXACTLY_ONCE;
import static io.troupe.protocol.session.SessionHarness.subscription;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.ReasonCode;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A crash at every point of an outbound exchange, and an orderly end. */
class RecoveryTest {
  private final SessionHarness s =
      new SessionHarness(new SessionLimits(100, 20, 1 << 20, 1 << 20, 3, 35_000, 0));

  @BeforeEach
  void inStep() {
    s.connect(10);
    s.subscribe(subscription("t", EXACTLY_ONCE), 1);
    s.batch("t", 1);
    s.take();
  }

  @Test
  void qosTwoWhoseIdentifierWasNotStoredIsSentAfresh() {
    s.crashBeforeStoring(s.batchCommand("t", 1, s.queued(1, EXACTLY_ONCE)));

    s.connect(10);
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));

    assertEquals(List.of("PUBLISH m1 q2 #1"), s.packets());
  }

  @Test
  void qosTwoKeepsItsStoredIdentifier() {
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    s.crashBeforeEffects(s.batchCommand("t", 2, s.queued(2, EXACTLY_ONCE)));
    s.connect(10);
    s.take();

    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, EXACTLY_ONCE));

    // identifier 2 is taken, so the QoS 1 message gets a new one
    assertEquals(List.of("PUBLISH m1 q1 #3 dup", "PUBLISH m2 q2 #2 dup"), s.packets());
  }

  @Test
  void aPubrecThatWasNotStoredIsAskedForAgain() {
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));
    s.take();
    s.crashBeforeStoring(() -> s.session.outbound().onPubrec(1, ReasonCode.SUCCESS));
    s.connect(10);

    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));

    assertEquals(List.of("PUBLISH m1 q2 #1 dup"), s.packets());
  }

  @Test
  @Promise("I3")
  void afterAStoredPubrecOnlyPubrelIsSent() {
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));
    s.take();
    s.crashBeforeEffects(() -> s.session.outbound().onPubrec(1, ReasonCode.SUCCESS));

    s.connect(10);
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));

    assertEquals(List.of("PUBREL #1"), s.packets());
    s.pubcomp(1);
    assertEquals(0, s.session.outbound().inflightCount());
  }

  @Test
  void aLostPubcompOnlyRepeatsPubrel() {
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));
    s.pubrec(1);
    s.crashBeforeStoring(() -> s.session.outbound().onPubcomp(1));
    s.take();

    s.connect(10);
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));

    assertEquals(List.of("PUBREL #1"), s.packets());
  }

  @Test
  @Promise("I5")
  void qosOneThatMayHaveBeenSentGoesOutWithDup() {
    s.crashBeforeEffects(s.batchCommand("t", 1, s.queued(1, AT_LEAST_ONCE)));
    s.connect(10);

    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m1 q1 #1 dup"), s.packets());
  }

  @Test
  @Promise("I5")
  void firstDeliveriesOfAnUnbrokenLifeHaveNoDup() {
    for (int i = 1; i <= 2500; i++) {
      s.batch("t", i, s.queued(i, AT_LEAST_ONCE));
      s.puback(i);
    }

    assertTrue(s.packets().stream().noneMatch(p -> p.endsWith("dup")));
  }

  @Test
  void theReserveOfOffsetsIsStoredOncePerThousand() {
    int before = s.journal.size();

    for (int i = 1; i <= 900; i++) {
      s.batch("t", i, s.queued(i, AT_LEAST_ONCE));
      s.puback(i);
    }

    assertEquals(before + 1, s.journal.size());
  }

  @Test
  void afterAnOrderlyDisconnectAndPassivationFirstDeliveriesHaveNoDup() {
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    s.puback(1);
    s.disconnect();
    s.recover();
    s.connect(10);
    s.take();

    s.batch("t", 2, s.queued(2, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m2 q1 #1"), s.packets());
  }

  @Test
  void whatWasSentBeforeAnOrderlyDisconnectHasDupAfterwards() {
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    s.disconnect();
    s.recover();
    s.connect(10);
    s.take();

    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m1 q1 #1 dup", "PUBLISH m2 q1 #2"), s.packets());
  }

  @Test
  @Promise("I5")
  void afterACrashWhatIsNewInTheQueueHasNoDup() {
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    s.recover();
    s.connect(10);
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    s.take();

    s.batch("t", 2, s.queued(2, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m2 q1 #2"), s.packets());
  }

  @Test
  void afterACrashWhatIsYoungerHasNoDupThoughTheSessionIsBehind() {
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    s.recover();
    s.connect(10);
    s.take();
    QueuedMessage old = s.queued(1, AT_LEAST_ONCE);
    s.now += 1;
    QueuedMessage young = s.queued(2, AT_LEAST_ONCE);

    s.batch("t", 1, 3, false, old, young);

    assertEquals(List.of("PUBLISH m1 q1 #1 dup", "PUBLISH m2 q1 #2"), s.packets());
  }

  @Test
  void twoDisconnectsBeforeTheResendDoNotHideTheSecondCopy() {
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    s.disconnect();
    s.recover();
    s.connect(10);
    s.disconnect();
    s.recover();
    s.connect(10);
    s.take();

    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m1 q1 #1 dup"), s.packets());
  }

  @Test
  void settledMessagesAreNotReadAgain() {
    s.batch(
        "t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, EXACTLY_ONCE), s.queued(3, AT_LEAST_ONCE));
    s.puback(1, 3);
    s.pubrec(2);
    s.pubcomp(2);
    s.disconnect();
    s.recover();
    s.take();

    s.connect(10);

    assertEquals(List.of("read t 4"), s.take());
  }

  @Test
  @Promise("I3")
  void completedQosTwoIsNotDeliveredTwiceThoughTheCursorIsOld() {
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, EXACTLY_ONCE));
    s.pubrec(2);
    s.pubcomp(2);
    s.flush();
    s.recover();
    s.connect(10);
    s.take();

    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, EXACTLY_ONCE));

    assertEquals(1, s.packets().size());
  }

  @Test
  void anIdentifierWhoseMessageTheQueueHasDroppedIsReleased() {
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));
    s.recover();
    s.connect(10);
    s.take();

    s.batch("t", 1, s.queued(2, EXACTLY_ONCE));

    assertEquals(List.of("PUBREL #1", "PUBLISH m2 q2 #2"), s.packets());
    s.pubcomp(1);
    s.flush();
    assertTrue(s.state.released().isEmpty());
  }

  @Test
  void unsubscribingCompletesWhatWasSentAlsoAfterACrash() {
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, EXACTLY_ONCE));
    s.take();
    s.crashBeforeEffects(s.unsubscribing("t"));

    s.connect(10);

    assertEquals(List.of("PUBLISH m1 q1 #1 dup", "PUBLISH m2 q2 #2 dup"), s.packets());
    s.puback(1);
    s.pubrec(2);
    s.pubcomp(2);
    s.flush();
    assertTrue(s.state.assigned().isEmpty());
    s.take();
    s.recover();
    s.connect(10);
    assertEquals(List.of(), s.packets());
  }

  @Test
  void unsubscribingInOneLifeFreesTheIdentifiers() {
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, AT_LEAST_ONCE));
    s.unsubscribe("t");
    s.take();

    s.puback(1, 2);
    s.flush();

    assertTrue(s.state.assigned().isEmpty());
    s.batch("t", 3, s.queued(3, AT_LEAST_ONCE));
    assertEquals(List.of(), s.packets());
  }

  @Test
  void unsubscribingBeforeAResendReleasesTheIdentifier() {
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));
    s.recover();
    s.connect(10);
    s.take();

    s.unsubscribe("t");

    assertEquals(List.of("PUBREL #1"), s.packets());
  }

  @Test
  void cleanStartForgetsEverything() {
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));
    s.disconnect();
    s.take();

    boolean present = s.connect(true, 3600, null, 10);

    assertEquals(false, present);
    assertEquals(List.of("unsubscribe t"), s.take());
    assertTrue(s.state.assigned().isEmpty());
    assertEquals(0, s.state.subscriptionCount());
  }
}
