package io.troupe.broker.store;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The {@code troupe.store} section of the configuration; every key is explained in {@code
 * reference.conf}. Sizes are bytes.
 *
 * @param directory the folder the store owns; made when missing
 */
public record StoreSettings(
    Path directory,
    boolean fsync,
    OnDamage onDamage,
    long verifyAtStartMax,
    long pendingBytesMax,
    int commitBytesMax,
    Duration slowCommit,
    int readThreads,
    int readsMax,
    long memoryBytes,
    long reclaimMin) {

  /** What a start does about damage in acknowledged data of the write-ahead log. */
  public enum OnDamage {
    REFUSE,
    /** Start with what lies before the damage: for an operator who has no better copy. */
    DISCARD
  }

  /**
   * Least of {@code reads-max}: more than the 256 actors that Akka lets recover at once, each of
   * which reads. An actor whose read is refused does not start.
   */
  public static final int READS_MAX_LEAST = 1000;

  private static final long MEMORY_MIN = 16L << 20;

  public StoreSettings {
    directory = directory.toAbsolutePath().normalize();
    require(verifyAtStartMax >= 0, "verify-at-start-max must not be negative");
    require(commitBytesMax >= 1 << 16, "commit-bytes-max must be at least 64 KiB");
    require(commitBytesMax <= 1 << 28, "commit-bytes-max must be at most 256 MiB");
    require(
        pendingBytesMax >= commitBytesMax, "pending-bytes-max must be at least commit-bytes-max");
    require(slowCommit.toMillis() > 0, "slow-commit must be at least 1 ms");
    require(readThreads >= 1 && readThreads <= 64, "read-threads must be 1 to 64");
    require(readsMax >= READS_MAX_LEAST, "reads-max must be at least " + READS_MAX_LEAST);
    require(memoryBytes >= MEMORY_MIN, "memory must be at least 16 MiB");
    require(reclaimMin >= 1 << 20, "reclaim-min must be at least 1 MiB");
  }

  /**
   * Reads the section from the whole configuration tree.
   *
   * @throws IllegalArgumentException with the key's name when a value is outside its range
   */
  public static StoreSettings from(Config root) {
    Config store = root.getConfig("troupe.store");
    String directory = store.getString("directory");
    require(!directory.isBlank(), "directory is not set");
    return new StoreSettings(
        Path.of(directory),
        store.getBoolean("fsync"),
        onDamage(store.getString("on-damage")),
        store.getBytes("verify-at-start-max"),
        store.getBytes("pending-bytes-max"),
        Math.toIntExact(store.getBytes("commit-bytes-max")),
        store.getDuration("slow-commit"),
        store.getInt("read-threads"),
        store.getInt("reads-max"),
        store.getBytes("memory"),
        store.getBytes("reclaim-min"));
  }

  private static OnDamage onDamage(String text) {
    require(
        text.equals("refuse") || text.equals("discard"),
        "on-damage must be refuse or discard, not '" + text + "'");
    return text.equals("refuse") ? OnDamage.REFUSE : OnDamage.DISCARD;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException("troupe.store: " + message);
    }
  }
}
