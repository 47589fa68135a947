package io.troupe.loadtest.check;

/** When the broker was last disturbed. Any thread. */
final class FaultClock {
  private boolean active;
  private long lastEndNanos = Long.MIN_VALUE;

  synchronized void begin() {
    active = true;
  }

  synchronized void end(long nowNanos) {
    active = false;
    lastEndNanos = nowNanos;
  }

  /** Whether no fault was going on at that time or has been since. */
  synchronized boolean quietSince(long nanos) {
    return !active && (lastEndNanos == Long.MIN_VALUE || lastEndNanos - nanos < 0);
  }
}
