package io.troupe.broker.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void aBurstGoesThroughAndThenTheRate() {
    TokenBucket bucket = new TokenBucket(10, 3, 0);

    assertTrue(bucket.tryTake(3, 0));
    assertFalse(bucket.tryTake(1, 0));
    assertFalse(bucket.tryTake(1, SECOND / 10 - 1));
    assertTrue(bucket.tryTake(1, SECOND / 10));
  }

  @Test
  void itNeverHoldsMoreThanItsSize() {
    TokenBucket bucket = new TokenBucket(10, 3, 0);

    assertFalse(bucket.tryTake(4, 100 * SECOND));
    assertTrue(bucket.tryTake(3, 100 * SECOND));
  }

  @Test
  void debtTellsHowLongToPause() {
    TokenBucket bucket = new TokenBucket(10, 10, 0);

    bucket.take(15, 0);

    assertEquals(6 * SECOND / 10, bucket.nanosUntil(1, 0));
    assertEquals(0, bucket.nanosUntil(1, 6 * SECOND / 10));
  }

  @Test
  void timeGoingBackGivesNothing() {
    TokenBucket bucket = new TokenBucket(10, 1, SECOND);
    bucket.take(1, SECOND);

    assertFalse(bucket.tryTake(1, 0));
    assertFalse(bucket.tryTake(1, SECOND));
  }

  @Property
  void neverMoreThanSizePlusRateTimesTime(
      @ForAll @Size(max = 200) List<@IntRange(max = 100_000_000) Integer> steps) {
    TokenBucket bucket = new TokenBucket(50, 20, 0);
    long now = 0;
    long taken = 0;
    for (int step : steps) {
      now += step;
      while (bucket.tryTake(1, now)) {
        taken++;
      }
      assertTrue(taken <= 20 + 50.0 * now / SECOND + 1e-6);
    }
  }
}
