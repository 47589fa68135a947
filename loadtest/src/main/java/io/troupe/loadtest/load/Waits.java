package io.troupe.loadtest.load;

import io.troupe.loadtest.load.Meter.Counts;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;

/** Waiting while the series goes on, a point each second. One thread. */
final class Waits {
  private static final long TICK_NANOS = 1_000_000_000L;

  private final Meter meter;
  private final List<String> notes;
  private final boolean lossIsNormal;

  /**
   * @param notes where it is said that messages did not arrive
   * @param lossIsNormal whether messages may be missing at the end, as at QoS 0; then waiting for
   *     them is short, and no note is written
   */
  Waits(Meter meter, List<String> notes, boolean lossIsNormal) {
    this.meter = meter;
    this.notes = notes;
    this.lossIsNormal = lossIsNormal;
  }

  /** Lets time pass, as a phase of its own. */
  Counts tickFor(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    Counts now = meter.begin();
    while (end - System.nanoTime() > 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      TimeUnit.MILLISECONDS.sleep(Math.min(1000, left + 1));
      now = meter.tick();
    }
    return now;
  }

  /** Waits until nothing is left, nothing has moved for a while, or the time is over. */
  Counts tickUntil(ToLongFunction<Counts> left, long secondsMost) throws InterruptedException {
    long startNanos = System.nanoTime();
    long movedNanos = startNanos;
    long tickedNanos = startNanos;
    long before = Long.MAX_VALUE;
    while (true) {
      TimeUnit.MILLISECONDS.sleep(10);
      Counts now = meter.peek();
      long rest = left.applyAsLong(now);
      boolean stalled = rest == before && now.atNanos() - movedNanos > stallSeconds() * TICK_NANOS;
      boolean late = now.atNanos() - startNanos > TimeUnit.SECONDS.toNanos(secondsMost);
      if (rest <= 0 || stalled || late) {
        meter.tick();
        noteMissing(rest, stalled, secondsMost);
        return now;
      }
      if (rest != before) {
        before = rest;
        movedNanos = now.atNanos();
      }
      if (now.atNanos() - tickedNanos > TICK_NANOS) {
        meter.tick();
        tickedNanos = now.atNanos();
      }
    }
  }

  /** Waits until something holds, or the time is over; returns whether it holds. */
  static boolean until(BooleanSupplier holds, int secondsMost) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMost);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return true;
  }

  /** Waits until the data folder has kept its size for two seconds, twenty at most. */
  void untilDiskIsQuiet() throws InterruptedException {
    long bytes = meter.diskBytes();
    for (int seconds = 0; seconds < 20; seconds += 2) {
      tickFor(2_000);
      long now = meter.diskBytes();
      if (now == bytes) {
        return;
      }
      bytes = now;
    }
  }

  private int stallSeconds() {
    return lossIsNormal ? 2 : 10;
  }

  private void noteMissing(long rest, boolean stalled, long secondsMost) {
    if (rest > 0 && !(stalled && lossIsNormal)) {
      String why =
          stalled ? "nothing moved for " + stallSeconds() + " s" : "in " + secondsMost + " s";
      notes.add(rest + " messages did not get through, " + why);
    }
  }
}
