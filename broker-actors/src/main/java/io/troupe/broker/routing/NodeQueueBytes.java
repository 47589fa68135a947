package io.troupe.broker.routing;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of the messages in all durable queues of this node, against their limit. After a start they
 * become known within minutes, as the queues are looked up in the background. Thread-safe.
 */
public final class NodeQueueBytes {
  private final long limit;
  private final AtomicLong total = new AtomicLong();
  private final ConcurrentHashMap<Integer, AtomicLong> partitions = new ConcurrentHashMap<>();

  /**
   * @param limit bytes, at least 1
   */
  public NodeQueueBytes(long limit) {
    this.limit = limit;
  }

  /** A partition has stored more, or given space back. */
  void add(int partition, long bytes) {
    of(partition).addAndGet(bytes);
    total.addAndGet(bytes);
  }

  /** A partition has counted anew; 0 when it leaves this node. */
  void set(int partition, long bytes) {
    total.addAndGet(bytes - of(partition).getAndSet(bytes));
  }

  private AtomicLong of(int partition) {
    return partitions.computeIfAbsent(partition, p -> new AtomicLong());
  }

  /** Whether nothing more is to be stored. */
  boolean isFull() {
    return total.get() >= limit;
  }

  public long limit() {
    return limit;
  }
}
