package io.troupe.http.command;

import io.troupe.broker.store.BackupException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** Tells every few seconds how far a long piece of work has come. */
final class LongWork {
  private static final int EVERY_SECONDS = 5;
  private static final double MEBIBYTE = 1 << 20;

  private LongWork() {}

  /** The work. */
  interface Work<T> {
    T run() throws BackupException;
  }

  /**
   * Works on this thread.
   *
   * @param done bytes, as they are now
   * @param total bytes there will be at most
   */
  static <T> T tell(PrintWriter out, LongSupplier done, long total, Work<T> work)
      throws BackupException {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(LongWork::thread);
    timer.scheduleWithFixedDelay(
        () -> {
          out.println("  " + size(done.getAsLong()) + " of at most " + size(total));
          out.flush();
        },
        EVERY_SECONDS,
        EVERY_SECONDS,
        TimeUnit.SECONDS);
    try {
      return work.run();
    } finally {
      timer.shutdownNow();
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "progress");
    thread.setDaemon(true);
    return thread;
  }

  /** Of all files in a folder; of one that changes meanwhile, about. */
  static long bytesIn(Path folder) {
    if (Files.notExists(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }

  static String size(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / MEBIBYTE);
  }
}
