package io.troupe.protocol.session;

import static io.troupe.protocol.session.SessionHarness.will;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the will is published, exactly once (3.1.2.5, 3.1.3.2.2, 3.14.4). */
class WillTest {
  private final SessionHarness s = new SessionHarness();

  private void connected(long expirySeconds, long delaySeconds) {
    s.connect(false, expirySeconds, will(delaySeconds), 10);
    s.take();
  }

  private void lose() {
    s.session.detach(true, -1, false, s.now);
  }

  private void lost() {
    s.run(this::lose);
  }

  private void published() {
    s.run(() -> s.session.willPublished(s.state.willSequence()));
  }

  private void wake() {
    s.run(s.session::wake);
  }

  private boolean mayAttach(boolean cleanStart) {
    boolean[] may = new boolean[1];
    s.run(() -> may[0] = s.session.prepareAttach(cleanStart));
    return may[0];
  }

  @Test
  void isPublishedWhenTheConnectionIsLost() {
    connected(3600, 0);

    lost();
    assertEquals(List.of("will gone"), s.take());
    published();

    assertTrue(s.state.will().isEmpty());
    s.now += 10_000;
    wake();
    assertEquals(List.of(), s.take());
  }

  @Test
  void isDiscardedByDisconnectWithReasonZero() {
    connected(3600, 0);

    s.run(() -> s.session.detach(false, -1, false, s.now));

    assertEquals(List.of(), s.take());
    assertTrue(s.state.will().isEmpty());
    s.recover();
    assertEquals(SessionState.NEVER, s.state.willDueAtMillis());
  }

  @Test
  void waitsForItsDelay() {
    connected(3600, 10);
    lost();
    s.now += 9_999;
    wake();
    assertEquals(List.of(), s.take());

    s.now += 1;
    wake();

    assertEquals(List.of("will gone"), s.take());
    assertEquals(s.now, s.state.willDueAtMillis());
  }

  @Test
  void comesWhenTheSessionEndsBeforeItsDelay() {
    connected(5, 10);
    lost();
    assertEquals(s.now + 5_000, s.session.nextWakeMillis());
    s.now += 5_000;

    wake();
    assertEquals(List.of("will gone"), s.take());
    published();

    assertFalse(s.state.exists());
  }

  @Test
  void comesAtOnceWhenTheSessionEndsWithItsConnection() {
    connected(0, 10);

    lost();
    assertEquals(List.of("will gone"), s.take());
    assertFalse(s.session.isPresent(false));
    published();

    assertFalse(s.state.exists());
  }

  @Test
  void isCancelledByTheClientsReturn() {
    connected(3600, 10);
    lost();
    s.now += 5_000;

    assertTrue(mayAttach(false));
    assertTrue(s.connect(10));
    s.now += 60_000;
    wake();

    assertEquals(List.of(), s.take());
  }

  @Test
  void isNotCancelledByAReturnAfterItsDelay() {
    connected(3600, 10);
    lost();
    s.now += 10_000;

    assertFalse(mayAttach(false));
    assertEquals(List.of("will gone"), s.take());
    published();

    assertTrue(mayAttach(false));
    assertTrue(s.connect(10));
  }

  @Test
  void isPublishedBeforeACleanStartEndsTheSession() {
    connected(3600, 10);
    s.subscribe(SessionHarness.subscription("t", io.troupe.protocol.packet.Qos.AT_LEAST_ONCE), 1);
    lost();
    s.take();

    assertFalse(mayAttach(true));
    assertEquals(List.of("unsubscribe t", "will gone"), s.take());
    published();

    assertTrue(mayAttach(true));
    assertFalse(s.connect(true, 3600, null, 10));
  }

  @Test
  void takeoverWithResumedSessionDelaysTheWillSoThatItIsCancelled() {
    connected(3600, 10);

    s.run(() -> s.session.detach(true, -1, true, s.now));

    assertTrue(mayAttach(false));
    assertEquals(List.of(), s.take());
  }

  @Test
  void takeoverPublishesAWillWithoutDelay() {
    connected(3600, 0);

    s.run(() -> s.session.detach(true, -1, true, s.now));

    assertEquals(List.of("will gone"), s.take());
    assertFalse(mayAttach(false));
  }

  @Test
  void takeoverWithCleanStartPublishesADelayedWill() {
    connected(3600, 10);

    s.run(() -> s.session.detach(true, -1, false, s.now));

    assertFalse(mayAttach(true));
    assertEquals(List.of("will gone"), s.take());
  }

  @Test
  @Promise("I7")
  void aPublicationRepeatedAfterACrashHasTheSameSequence() {
    connected(3600, 0);
    s.crashBeforeEffects(this::lose);
    long sequence = s.state.willSequence();

    wake();

    assertEquals(List.of("will gone again"), s.take());
    assertEquals(sequence, s.state.willSequence());
  }

  @Test
  void aCrashBeforeTheLossIsStoredLeavesAFirstPublication() {
    connected(3600, 0);
    s.crashBeforeStoring(this::lose);

    s.run(() -> s.session.connectionLost(s.now));

    assertEquals(List.of("will gone"), s.take());
  }

  @Test
  @Promise("I7")
  void aWillDueWhileTheBrokerWasDownIsAFirstPublication() {
    connected(3600, 10);
    lost();
    s.recover();
    s.now += 20_000;

    wake();

    assertEquals(List.of("will gone"), s.take());
  }

  @Test
  void isTriedAgainAfterAFailure() {
    connected(3600, 0);
    lost();
    s.take();
    wake();
    assertEquals(List.of(), s.take());

    s.run(() -> s.session.willFailed(s.state.willSequence()));
    wake();

    assertEquals(List.of("will gone again"), s.take());
  }

  @Test
  void anOldAnswerSettlesNothing() {
    connected(3600, 0);
    lost();

    s.run(() -> s.session.willPublished(s.state.willSequence() - 1));

    assertTrue(s.state.will().isPresent());
  }

  @Test
  void disconnectMayShortenTheSessionToItsEnd() {
    connected(3600, 0);

    s.run(() -> s.session.detach(false, 0, false, s.now));

    assertFalse(s.state.exists());
  }

  @Test
  void disconnectMayLengthenTheSession() {
    connected(60, 0);
    s.run(() -> s.session.detach(false, 7200, false, s.now));

    s.now += 7_199_999;
    assertTrue(s.session.isPresent(false));
    s.now += 1;
    assertFalse(s.session.isPresent(false));
    wake();

    assertFalse(s.state.exists());
  }

  @Test
  void aSessionMayNeverExpire() {
    connected(0xFFFFFFFFL, 0);
    s.run(() -> s.session.detach(false, -1, false, s.now));

    s.now += 4_294_967_295_000L + 1;
    wake();

    assertTrue(s.session.isPresent(false));
    assertEquals(SessionState.NEVER, s.session.nextWakeMillis());
  }

  @Test
  void timeWhileTheBrokerWasDownCounts() {
    s.connect(10);
    long lostAt = s.now + 1000;
    s.recover();
    s.now += 3_601_000;

    s.run(() -> s.session.connectionLost(lostAt));

    assertFalse(s.session.isPresent(false));
    wake();
    assertFalse(s.state.exists());
  }

  @Test
  void aConnectionIsNotLostBeforeItWasMade() {
    s.connect(10);
    s.recover();

    s.run(() -> s.session.connectionLost(0));

    assertTrue(s.session.isPresent(false));
    assertEquals(s.now + 3_600_000, s.session.nextWakeMillis());
  }

  @Test
  void aSecondLossOfTheSameConnectionChangesNothing() {
    s.connect(10);
    s.disconnect();
    long expires = s.state.expiresAtMillis();
    s.now += 1000;

    s.run(() -> s.session.connectionLost(s.now));

    assertEquals(expires, s.state.expiresAtMillis());
    assertEquals("", s.state.connectedTo());
  }

  @Test
  void endingTheSessionTellsItsSubscriptions() {
    s.connect(10);
    s.subscribe(SessionHarness.subscription("t", io.troupe.protocol.packet.Qos.AT_LEAST_ONCE), 1);
    s.disconnect();
    s.take();
    s.now += 3_600_000;

    wake();

    assertEquals(List.of("unsubscribe t"), s.take());
    assertEquals(0, s.state.subscriptionCount());
  }
}
