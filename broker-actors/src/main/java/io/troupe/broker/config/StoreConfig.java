package io.troupe.broker.config;

import io.troupe.broker.cassandra.CassandraSettings;
import io.troupe.broker.store.StoreSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What keeps the data.
 *
 * @param directory the embedded store's folder, by default below the data folder
 * @param settings all of the embedded store, as it takes it
 * @param cassandra the store of a cluster; null: the embedded one is used
 */
public record StoreConfig(
    Path directory, StoreSettings settings, @Nullable CassandraSettings cassandra) {
  private enum Kind {
    EMBEDDED,
    CASSANDRA
  }

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
            store.integer("reads-max", StoreSettings.READS_MAX_LEAST, 10_000_000),
            store.bytes("memory", 16L << 20, 1L << 40),
            store.bytes("reclaim-min", 1L << 20, 1L << 40));
    boolean shared = store.oneOf("kind", Kind.class) == Kind.CASSANDRA;
    CassandraSettings cassandra = cassandra(store.at("cassandra"), pendingBytesMax);
    return new StoreConfig(settings.directory(), settings, shared ? cassandra : null);
  }

  private static CassandraSettings cassandra(ConfigReader in, long pendingBytesMax) {
    String keyspace = in.text("keyspace", 1, 48);
    if (!keyspace.matches("[a-zA-Z][a-zA-Z0-9_]*")) {
      in.problem(
          "keyspace",
          "expected letters, digits and _, beginning with a letter, found \"" + keyspace + '"');
    }
    String username = in.text("username", 0, 255);
    String password = in.text("password", 0, 1024);
    Path passwordFile = in.file("password-file");
    if (passwordFile != null) {
      password = firstLine(in, passwordFile);
    }
    return new CassandraSettings(
        contactPoints(in),
        in.text("datacenter", 1, 255),
        keyspace.toLowerCase(Locale.ROOT),
        username.isEmpty() ? null : username,
        username.isEmpty() ? null : password,
        in.integer("replication", 1, 9),
        in.flag("create-schema"),
        in.duration("request-timeout", Duration.ofSeconds(1), Duration.ofMinutes(5)),
        pendingBytesMax);
  }

  private static List<InetSocketAddress> contactPoints(ConfigReader in) {
    List<InetSocketAddress> addresses = new ArrayList<>();
    List<String> texts = in.texts("contact-points");
    for (String text : texts) {
      InetSocketAddress address = ConfigReader.hostAndPort(text);
      if (address == null) {
        in.problem("contact-points", "expected \"host:port\", found \"" + text + '"');
      } else {
        addresses.add(address);
      }
    }
    if (texts.isEmpty()) {
      in.problem("contact-points", "at least one server is needed");
    }
    return addresses;
  }

  private static String firstLine(ConfigReader in, Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.findFirst().orElse("");
    } catch (IOException | UncheckedIOException e) {
      in.problem("password-file", "cannot be read: " + e.getMessage());
      return "";
    }
  }
}
