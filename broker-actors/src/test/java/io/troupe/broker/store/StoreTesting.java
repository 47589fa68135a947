package io.troupe.broker.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.troupe.protocol.packet.Payload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** What the store's tests share: settings, waiting, entries. */
final class StoreTesting {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private StoreTesting() {}

  static Config config(Path folder) {
    return ConfigFactory.load()
        .withValue("troupe.store.directory", ConfigValueFactory.fromAnyRef(folder.toString()));
  }

  static Config with(Config config, String key, Object value) {
    return config.withValue("troupe.store." + key, ConfigValueFactory.fromAnyRef(value));
  }

  static StoreSettings settings(Path folder) {
    return StoreSettings.from(config(folder));
  }

  static EmbeddedStore open(Path folder) {
    return EmbeddedStore.open(settings(folder));
  }

  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + PATIENCE + ": " + what);
      }
      Thread.onSpinWait();
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }

  /** An entry whose counter assumes that all entries of its queue have this size. */
  static QueueLog.Entry entry(long queueId, long offset, byte[] bytes) {
    return new QueueLog.Entry(queueId, offset, Payload.wrap(bytes), offset * bytes.length);
  }

  static List<QueueLog.Entry> entries(long queueId, long from, long to, int size) {
    List<QueueLog.Entry> entries = new ArrayList<>();
    for (long offset = from; offset <= to; offset++) {
      entries.add(entry(queueId, offset, bytes(queueId, offset, size)));
    }
    return entries;
  }

  /** Bytes that tell which entry they belong to and do not compress. */
  static byte[] bytes(long queueId, long offset, int size) {
    byte[] bytes = new byte[size];
    new java.util.SplittableRandom(queueId * 1_000_003 + offset).nextBytes(bytes);
    return bytes;
  }

  static long[] offsets(List<QueueLog.Entry> entries) {
    return entries.stream().mapToLong(QueueLog.Entry::offset).toArray();
  }

  static long folderBytes(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(StoreTesting::size).sum();
    } catch (IOException | UncheckedIOException e) {
      return folderBytes(folder); // a file has gone meanwhile
    }
  }

  static Path newest(Path folder, String suffix) {
    try (Stream<Path> files = Files.list(folder.resolve("db"))) {
      return files
          .filter(each -> each.toString().endsWith(suffix))
          .max(java.util.Comparator.comparing(Path::getFileName))
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
