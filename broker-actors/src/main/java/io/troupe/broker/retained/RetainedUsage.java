package io.troupe.broker.retained;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What the retained partitions of this node hold: the limits are for all of them together, so that
 * topics may lie in one partition or in many. Thread-safe; each partition sets its own.
 */
final class RetainedUsage {
  private final AtomicLongArray messages;
  private final AtomicLongArray bytes;

  RetainedUsage(int partitions) {
    messages = new AtomicLongArray(partitions);
    bytes = new AtomicLongArray(partitions);
  }

  void set(int partition, long messageCount, long byteCount) {
    messages.set(partition, messageCount);
    bytes.set(partition, byteCount);
  }

  /** What the limits of all leave to one partition. */
  RetainedLimits left(RetainedLimits all, int partition) {
    return new RetainedLimits(
        all.messagesMax() - others(messages, partition),
        all.bytesMax() - others(bytes, partition),
        all.pageMessages(),
        all.pageBytes(),
        all.pageExamined());
  }

  private static long others(AtomicLongArray values, int partition) {
    long sum = 0;
    for (int i = 0; i < values.length(); i++) {
      sum += i == partition ? 0 : values.get(i);
    }
    return sum;
  }
}
