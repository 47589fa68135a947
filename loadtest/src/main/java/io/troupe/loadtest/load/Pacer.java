package io.troupe.loadtest.load;

import java.util.concurrent.TimeUnit;

/**
 * Gives the publishers of one lane their messages in turn, by a fixed schedule that does not wait
 * for the broker (open loop). Messages are due at half milliseconds, so that a fast schedule does
 * not cost a wake-up for each.
 */
final class Pacer implements Runnable {
  private static final long GRAIN_NANOS = 500_000;

  private final Lane lane;
  private final double nanosPerBatch;
  private long startNanos;
  private long batches;
  private boolean stopped;

  /**
   * @param perSecond messages of this lane
   */
  Pacer(Lane lane, double perSecond) {
    this.lane = lane;
    this.nanosPerBatch = 1e9 * lane.plan.messagesPerWrite() / perSecond;
  }

  void start() {
    startNanos = System.nanoTime();
    run();
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    if (stopped) {
      return;
    }
    long now = System.nanoTime();
    long due = dueNanos();
    while (due - now <= 0) {
      lane.publishers.get((int) (batches % lane.publishers.size())).offer(due);
      batches++;
      due = dueNanos();
    }
    lane.loop.schedule(this, Math.max(due - System.nanoTime(), 1), TimeUnit.NANOSECONDS);
  }

  private long dueNanos() {
    long exact = (long) (batches * nanosPerBatch);
    return startNanos + (exact + GRAIN_NANOS - 1) / GRAIN_NANOS * GRAIN_NANOS;
  }
}
