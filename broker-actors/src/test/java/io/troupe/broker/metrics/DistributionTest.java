package io.troupe.broker.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DistributionTest {

  @Property
  void aBucketStandsForItsValuesToOnePartInSixteen(
      @ForAll @LongRange(min = 0, max = (1L << 40) - 1) long value) {
    long known = Distribution.valueOf(Distribution.bucket(value));

    assertTrue(Math.abs(known - value) <= value / 16, value + " read as " + known);
  }

  @Test
  void valuesOutsideTheRangeCountAsTheNearest() {
    assertEquals(0, Distribution.bucket(-5));
    assertEquals(Distribution.BUCKETS - 1, Distribution.bucket(Long.MAX_VALUE));
    assertEquals(Distribution.BUCKETS - 1, Distribution.bucket((1L << 40) - 1));
  }

  @Test
  void recordedValuesAreCounted() {
    Distribution distribution = new Distribution();

    distribution.record(1000);
    distribution.record(1001, 4);

    assertEquals(5, distribution.count());
    assertEquals(5, distribution.countOf(Distribution.bucket(1000)));
  }
}
