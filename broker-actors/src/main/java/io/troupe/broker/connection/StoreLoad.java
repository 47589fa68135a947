package io.troupe.broker.connection;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What this node's publishers have given to the store and wait for: bytes of messages, each counted
 * once per partition it goes to. When it is full, publishers of acknowledged messages are read no
 * further until half of it is answered. Thread-safe.
 *
 * <p>A socket read that is under way is finished, so it is exceeded by one read per publisher at
 * most.
 */
final class StoreLoad {
  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();

  StoreLoad(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  void add(long more) {
    bytes.addAndGet(more);
  }

  void answered(long less) {
    bytes.addAndGet(-less);
  }

  boolean isFull() {
    return bytes.get() > bytesMax;
  }

  /** Whether publishers that were paused may go on. */
  boolean hasRoom() {
    return bytes.get() <= bytesMax / 2;
  }

  long bytes() {
    return bytes.get();
  }
}
