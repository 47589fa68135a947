package io.troupe.http.command;

import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.store.BackupException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The settings that say where stored data lies, kept in the data folder since its first start: with
 * others the broker would look for queues, retained messages and deadlines in the wrong places and
 * find nothing.
 */
final class DataLayout {
  static final String FILE = "LAYOUT";

  private DataLayout() {}

  /**
   * Writes the file on the first start, compares on later ones.
   *
   * @throws StartFailure naming each setting that differs and the value it must have
   */
  static void check(BrokerConfig config) throws StartFailure {
    Path file = config.dataDir().resolve(FILE);
    Map<String, Integer> now = settings(config);
    try {
      Map<String, Integer> before = read(file);
      if (before.isEmpty()) {
        write(config.dataDir(), now);
        return;
      }
      List<String> changed = new ArrayList<>();
      now.forEach(
          (key, value) -> {
            Integer old = before.getOrDefault(key, value);
            if (!old.equals(value)) {
              changed.add(key + " = " + old + " (not " + value + ")");
            }
          });
      if (!changed.isEmpty()) {
        throw new StartFailure(
            "the data in "
                + config.dataDir()
                + " was made with other settings, which are fixed for its life; set "
                + String.join(", ", changed)
                + ", or start with an empty data folder",
            null);
      }
    } catch (IOException e) {
      throw StartFailure.of(e);
    }
  }

  private static Map<String, Integer> settings(BrokerConfig config) {
    Map<String, Integer> settings = new TreeMap<>();
    settings.put("troupe.routing.partitions", config.routing().partitions());
    settings.put("troupe.retained.partitions", config.retained().partitions());
    settings.put("troupe.retained.prefix-levels", config.retained().prefixLevels());
    settings.put("troupe.directory.partitions", config.directory().partitions());
    return settings;
  }

  private static Map<String, Integer> read(Path file) throws IOException, StartFailure {
    Map<String, Integer> settings = new TreeMap<>();
    try {
      for (Map.Entry<String, String> line : lines(file).entrySet()) {
        settings.put(line.getKey(), Integer.valueOf(line.getValue()));
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new StartFailure(file + " is damaged; restore the data folder from its backup", e);
    }
    return settings;
  }

  /** What a backup keeps of a data folder besides its store. */
  static Map<String, String> ofBackup(Path dataDir) throws BackupException {
    Path file = dataDir.resolve(FILE);
    try {
      return lines(file);
    } catch (IOException | IndexOutOfBoundsException e) {
      throw new BackupException(file + " cannot be read", e);
    }
  }

  private static Map<String, String> lines(Path file) throws IOException {
    Map<String, String> lines = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] parts = line.split(" = ", 2);
        lines.put(parts[0], parts[1]);
      }
    } catch (NoSuchFileException e) {
      return lines;
    }
    return lines;
  }

  /** On disk upon return. */
  static void write(Path dataDir, Map<String, ?> settings) throws IOException {
    Path file = dataDir.resolve(FILE);
    Path temporary = file.resolveSibling(FILE + ".new");
    List<String> lines = new ArrayList<>();
    new TreeMap<>(settings).forEach((key, value) -> lines.add(key + " = " + value));
    Files.write(temporary, lines);
    try (FileChannel written = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      written.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
