package io.troupe.broker.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.connection.Undelivered.State;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class UndeliveredTest {
  private static final int ONE = 1 + Undelivered.BATCH_BYTES;

  private final AtomicLong total = new AtomicLong();
  private final Undelivered session = new Undelivered(total, new Undelivered.Limit(4, 10_000));

  private void tick(int times) {
    for (int i = 0; i < times; i++) {
      assertFalse(session.tick());
    }
  }

  @Test
  void isFullAtItsBatchesUntilHalfAreTaken() {
    Undelivered.Parcel first = session.send(1);
    Undelivered.Parcel second = session.send(1);
    session.send(1);
    assertEquals(State.OPEN, session.state());
    session.send(1);
    assertEquals(State.FULL, session.state());

    first.taken();
    assertEquals(State.FULL, session.state());
    second.taken();

    assertEquals(State.OPEN, session.state());
    assertEquals(2 * ONE, total.get());
  }

  @Test
  void isFullAtItsBytes() {
    Undelivered.Parcel large = session.send(50_000);
    assertEquals(State.FULL, session.state());

    large.taken();

    assertEquals(State.OPEN, session.state());
    assertEquals(0, total.get());
  }

  @Test
  void isStuckWhenItTakesNothingAndNobodyWaitsForIt() {
    session.send(10_000);
    tick(Undelivered.STUCK_TICKS - 1);
    assertEquals(State.FULL, session.state());
    assertEquals(10_000 + Undelivered.BATCH_BYTES, total.get());

    tick(1);

    assertEquals(State.STUCK, session.state());
    assertEquals(0, total.get());
  }

  @Test
  void isNotStuckWhileItTakesSomething() {
    Undelivered.Parcel small = session.send(1);
    session.send(10_000);
    tick(Undelivered.STUCK_TICKS - 1);
    small.taken();
    tick(Undelivered.STUCK_TICKS);

    assertEquals(State.FULL, session.state());
  }

  @Test
  void takesPartAgainOnceItTakesWhatItHas() {
    Undelivered.Parcel large = session.send(10_000);
    session.send(1);
    session.state();
    tick(Undelivered.STUCK_TICKS);

    large.taken();
    assertEquals(State.OPEN, session.state());
    tick(1);

    assertEquals(ONE, total.get());
  }

  @Test
  void stuckBelowItsLimitGetsWhatComes() {
    session.send(1);
    tick(Undelivered.STUCK_TICKS);

    assertEquals(State.OPEN, session.state());
    assertEquals(0, total.get());
  }

  @Test
  void isForgottenWhenAllIsTaken() {
    Undelivered.Parcel parcel = session.send(1);
    assertFalse(session.tick());

    parcel.taken();

    assertTrue(session.tick());
  }

  @Test
  void oneThatIsNoMoreIsForgottenOnceNobodyPublishesToIt() {
    session.send(10_000);
    for (int i = 0; i < 1000; i++) {
      session.state();
      tick(1);
    }
    int ticks = 1;
    while (!session.tick()) {
      ticks++;
    }

    assertTrue(ticks > 100, "after " + ticks);
    assertEquals(0, total.get());
  }
}
