package io.troupe.broker.metrics;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A gauge summed over the partitions on this node. Each partition sets its own absolute value, so a
 * partition that stops, moves or recovers cannot leave a wrong sum behind.
 */
final class PartitionSums {
  private final ConcurrentMap<Integer, AtomicLong> values = new ConcurrentHashMap<>();

  void set(int partition, long value) {
    values.computeIfAbsent(partition, key -> new AtomicLong()).set(value);
  }

  long sum() {
    long sum = 0;
    for (AtomicLong value : values.values()) {
      sum += value.get();
    }
    return sum;
  }
}
