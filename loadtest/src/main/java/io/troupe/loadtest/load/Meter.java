package io.troupe.loadtest.load;

import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.load.LoadResult.Second;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Adds up the lanes, reads the broker's process, and keeps the series. One thread. */
final class Meter {
  private final List<Lane> lanes;
  private final ProcessMeter broker;
  private final @Nullable Path data;
  private final Consumer<Second> progress;
  private final List<Second> series = new ArrayList<>();
  private final long startNanos = System.nanoTime();
  private Counts last;
  private Histogram window = empty();
  private long peakBytes;
  private long diskBytesBefore;

  /** Sums over all lanes at one time. */
  record Counts(
      long atNanos,
      long sent,
      long acknowledged,
      long refused,
      long delivered,
      long gaps,
      long misordered,
      long damaged,
      long unsent,
      long brokerCpuNanos,
      long ownCpuNanos,
      long brokerBytes) {}

  Meter(List<Lane> lanes, Target target, Consumer<Second> progress) throws InterruptedException {
    this.lanes = lanes;
    this.broker = new ProcessMeter(target.pid());
    this.data = target.data();
    this.progress = progress;
    this.last = read(empty());
  }

  List<Second> series() {
    return series;
  }

  /** Begins a phase: latencies and the peak of memory start anew. */
  Counts begin() throws InterruptedException {
    last = read(empty());
    window = empty();
    peakBytes = last.brokerBytes;
    diskBytesBefore = diskBytes();
    return last;
  }

  /** One more point of the series. */
  Counts tick() throws InterruptedException {
    Histogram interval = empty();
    Counts now = read(interval);
    window.add(interval);
    peakBytes = Math.max(peakBytes, now.brokerBytes);
    double seconds = (now.atNanos - last.atNanos) / 1e9;
    Second second =
        new Second(
            (now.atNanos - startNanos) / 1e9,
            (now.sent - last.sent) / seconds,
            (now.delivered - last.delivered) / seconds,
            interval.getValueAtPercentile(50) / 1e6,
            interval.getValueAtPercentile(99) / 1e6,
            interval.getMaxValue() / 1e6,
            (now.brokerCpuNanos - last.brokerCpuNanos) / 1e7 / seconds,
            (now.ownCpuNanos - last.ownCpuNanos) / 1e7 / seconds,
            now.brokerBytes);
    series.add(second);
    progress.accept(second);
    last = now;
    return now;
  }

  /** Ends a phase with the latencies of its messages. */
  Phase end(String name, Counts from, Counts to, long count) {
    return end(name, from, to, count, window);
  }

  Phase end(String name, Counts from, Counts to, long count, Histogram latencies) {
    return new Phase(
        name,
        (to.atNanos - from.atNanos) / 1e9,
        count,
        to.brokerCpuNanos - from.brokerCpuNanos,
        to.ownCpuNanos - from.ownCpuNanos,
        peakBytes,
        to.brokerBytes - from.brokerBytes,
        diskBytes() - diskBytesBefore,
        latencies);
  }

  /** Counters only; no point of the series. */
  Counts peek() throws InterruptedException {
    return read(null);
  }

  private Counts read(@Nullable Histogram latencies) throws InterruptedException {
    long[] sums = new long[8];
    for (Lane lane : lanes) {
      Lane.Sample s;
      try {
        s = lane.loop.submit(() -> lane.sample(latencies != null)).get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
      long[] values = {
        s.sent(),
        s.acknowledged(),
        s.refused(),
        s.delivered(),
        s.gaps(),
        s.misordered(),
        s.damaged(),
        s.unsent()
      };
      for (int i = 0; i < sums.length; i++) {
        sums[i] += values[i];
      }
      Histogram taken = s.latencies();
      if (latencies != null && taken != null) {
        latencies.add(taken);
      }
    }
    return new Counts(
        System.nanoTime(),
        sums[0],
        sums[1],
        sums[2],
        sums[3],
        sums[4],
        sums[5],
        sums[6],
        sums[7],
        broker.cpuNanos(),
        ProcessMeter.ownCpuNanos(),
        broker.residentBytes());
  }

  /** The lengths of all files in the data folder; 0 if it is not known. */
  long diskBytes() {
    if (data == null) {
      return 0;
    }
    long bytes = 0;
    // One level at a time: files come and go meanwhile, and that must not end the walk.
    Deque<File> folders = new ArrayDeque<>(List.of(data.toFile()));
    while (!folders.isEmpty()) {
      File[] entries = folders.remove().listFiles();
      for (File entry : entries == null ? new File[0] : entries) {
        if (entry.isDirectory()) {
          folders.add(entry);
        } else {
          bytes += entry.length();
        }
      }
    }
    return bytes;
  }

  private static Histogram empty() {
    return new Histogram(Lane.LATENCY_MAX_NANOS, 3);
  }
}
