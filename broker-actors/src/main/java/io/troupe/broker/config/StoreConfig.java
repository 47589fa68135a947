package io.troupe.broker.config;

import io.troupe.broker.store.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The embedded store.
 *
 * @param directory its folder, by default below the data folder
 * @param settings all of it, as the store takes it
 */
public record StoreConfig(Path directory, StoreSettings settings) {

  static StoreConfig read(ConfigReader store, Path dataDir) {
    Path own = store.path("directory", "a folder, or \"\" for one in the data folder");
    Path directory = own == null ? dataDir.resolve("store") : own;
    long pendingBytesMax = store.bytes("pending-bytes-max", 64L << 10, 1L << 30);
    long commitBytesMax = store.bytes("commit-bytes-max", 64L << 10, 256L << 20);
    if (commitBytesMax > pendingBytesMax) {
      store.problem("pending-bytes-max", "must be at least commit-bytes-max");
      pendingBytesMax = commitBytesMax;
    }
    StoreSettings settings =
        new StoreSettings(
            directory,
            store.flag("fsync"),
            store.oneOf("on-damage", StoreSettings.OnDamage.class),
            store.bytes("verify-at-start-max", 0, 1L << 50),
            pendingBytesMax,
            (int) commitBytesMax,
            store.duration("slow-commit", Duration.ofMillis(1), Duration.ofHours(1)),
            store.integer("read-threads", 1, 64),
            store.integer("reads-max", 1, 10_000_000),
            store.bytes("memory", 16L << 20, 1L << 40),
            store.bytes("reclaim-min", 1L << 20, 1L << 40));
    return new StoreConfig(settings.directory(), settings);
  }
}
