package io.troupe.broker.store;

import com.sun.management.OperatingSystemMXBean;
import io.troupe.broker.store.QueueLog.Entry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Prints what appending costs: entries per second and processor time per entry, by entries per
 * append and by writers that each wait for one append before the next. Run as a program with a
 * folder on the disk to be measured and optionally the seconds per row.
 */
final class StoreMeter {
  private static final int ENTRY_BYTES = 280;
  private static final int[] WRITERS = {1, 4, 16, 64};
  private static final int[] ENTRIES_PER_APPEND = {1, 10, 100};

  private final EmbeddedStore store;
  private final OperatingSystemMXBean process =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final AtomicLong nextQueue = new AtomicLong(1);

  private StoreMeter(EmbeddedStore store) {
    this.store = store;
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory(Path.of(arguments[0]), "store-meter");
    long seconds = arguments.length > 1 ? Long.parseLong(arguments[1]) : 3;
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      StoreMeter meter = new StoreMeter(store);
      meter.measure(16, 10, 3);
      meter.measure(1, 1, 3);
      System.out.println("| writers | entries/append | entries/s | appends/s | CPU us/entry |");
      System.out.println("|---|---|---|---|---|");
      for (int perAppend : ENTRIES_PER_APPEND) {
        for (int writers : WRITERS) {
          System.out.println(meter.measure(writers, perAppend, seconds));
        }
      }
      System.out.println(meter.reading());
    } finally {
      delete(folder);
    }
  }

  private String measure(int writers, int perAppend, long seconds) throws Exception {
    AtomicLong appended = new AtomicLong();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    CountDownLatch finished = new CountDownLatch(writers);
    long cpu = process.getProcessCpuTime();
    long start = System.nanoTime();
    for (int i = 0; i < writers; i++) {
      new Writer(nextQueue.getAndIncrement(), perAppend, end, appended, finished).next();
    }
    finished.await();
    double took = (System.nanoTime() - start) / 1e9;
    double used = (process.getProcessCpuTime() - cpu) / 1e3;
    double rate = appended.get() / took;
    return String.format(
        Locale.ROOT,
        "| %d | %d | %,.0f | %,.0f | %.2f |",
        writers,
        perAppend,
        rate,
        rate / perAppend,
        used / appended.get());
  }

  private String reading() throws Exception {
    long queue = nextQueue.getAndIncrement();
    int count = 200_000;
    for (long offset = 1; offset <= count; offset += 1_000) {
      StoreTesting.await(
          store
              .queueLog()
              .append(
                  StoreTesting.entries(queue, offset, offset + 999, ENTRY_BYTES),
                  List.of(),
                  List.of()));
    }
    store.database().compact(Family.QUEUES);
    readAll(queue, count);
    long cpu = process.getProcessCpuTime();
    long start = System.nanoTime();
    readAll(queue, count);
    double took = (System.nanoTime() - start) / 1e9;
    double used = (process.getProcessCpuTime() - cpu) / 1e3;
    return String.format(
        Locale.ROOT,
        "reading pages of 100: %,.0f entries/s, %.2f us CPU per entry",
        count / took,
        used / count);
  }

  private void readAll(long queue, int count) {
    for (long offset = 1; offset <= count; offset += 100) {
      StoreTesting.await(store.queueLog().read(queue, offset, 100, Long.MAX_VALUE));
    }
  }

  /** Appends again whenever the last append is stored; blocks no thread. */
  private final class Writer {
    private final long queue;
    private final int perAppend;
    private final long end;
    private final AtomicLong appended;
    private final CountDownLatch finished;
    private final byte[] bytes;
    private long offset = 1;

    private Writer(
        long queue, int perAppend, long end, AtomicLong appended, CountDownLatch finished) {
      this.queue = queue;
      this.perAppend = perAppend;
      this.end = end;
      this.appended = appended;
      this.finished = finished;
      bytes = StoreTesting.bytes(queue, 1, ENTRY_BYTES);
    }

    private void next() {
      List<Entry> entries = new ArrayList<>(perAppend);
      for (int i = 0; i < perAppend; i++) {
        entries.add(StoreTesting.entry(queue, offset++, bytes));
      }
      store
          .queueLog()
          .append(entries, List.of(), List.of())
          .whenComplete(
              (done, problem) -> {
                if (problem != null) {
                  problem.printStackTrace();
                }
                appended.addAndGet(perAppend);
                if (problem != null || System.nanoTime() > end) {
                  finished.countDown();
                } else {
                  next();
                }
              });
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
