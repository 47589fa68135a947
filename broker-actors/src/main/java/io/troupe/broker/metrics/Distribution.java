package io.troupe.broker.metrics;

import java.util.concurrent.atomic.LongAdder;

/**
 * How often values of each magnitude were recorded: eight buckets per power of two, so a value is
 * known to about 6 %. Recording is one striped addition, allocates nothing and may happen on any
 * thread.
 *
 * <p>Values are 0 to 2^40; what is outside counts as the nearest of these.
 */
final class Distribution {
  private static final int SUB_BITS = 3;
  private static final int SUB_BUCKETS = 1 << SUB_BITS;
  private static final int POWERS_MAX = 40;
  static final int BUCKETS = (POWERS_MAX - SUB_BITS + 1) * SUB_BUCKETS;

  private final LongAdder[] counts = new LongAdder[BUCKETS];

  Distribution() {
    for (int i = 0; i < BUCKETS; i++) {
      counts[i] = new LongAdder();
    }
  }

  void record(long value) {
    counts[bucket(value)].increment();
  }

  void record(long value, long times) {
    counts[bucket(value)].add(times);
  }

  /** How many values were recorded. */
  long count() {
    long count = 0;
    for (LongAdder adder : counts) {
      count += adder.sum();
    }
    return count;
  }

  long countOf(int bucket) {
    return counts[bucket].sum();
  }

  /** Values below 8 have a bucket each; above, the first four bits decide. */
  static int bucket(long value) {
    if (value < SUB_BUCKETS) {
      return value < 0 ? 0 : (int) value;
    }
    int power = 63 - Long.numberOfLeadingZeros(value);
    if (power >= POWERS_MAX) {
      return BUCKETS - 1;
    }
    int shift = power - SUB_BITS;
    return (shift + 1) * SUB_BUCKETS + (int) ((value >>> shift) & (SUB_BUCKETS - 1));
  }

  /** The value that stands for a bucket: its middle. */
  static long valueOf(int bucket) {
    if (bucket < 2 * SUB_BUCKETS) {
      return bucket;
    }
    int shift = bucket / SUB_BUCKETS - 1;
    long low = (long) (SUB_BUCKETS + bucket % SUB_BUCKETS) << shift;
    return low + (1L << (shift - 1));
  }
}
