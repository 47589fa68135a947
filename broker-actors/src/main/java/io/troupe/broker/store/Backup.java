package io.troupe.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * One backup of an embedded store.
 *
 * @param id 1, 2, 3 ... in its folder
 * @param bytes of all its files; files that it shares with other backups are there once
 * @param about what was written with it
 */
public record Backup(int id, long bytes, int files, About about) {

  /**
   * A backup's own account of itself.
   *
   * @param broker version of the program that took it
   * @param storeFormat version of the store's files
   * @param commit number of the last commit in it
   * @param layout the settings of the data folder's file LAYOUT, by key
   */
  public record About(
      String broker, int storeFormat, Instant takenAt, long commit, Map<String, String> layout) {
    private static final String FIRST_LINE = "troupe-backup 1";
    private static final String LAYOUT = "layout ";
    private static final String CHECKSUM = "crc32c = ";

    public About {
      layout = Map.copyOf(layout);
    }

    /** Lines {@code key = value}, the last one with the checksum of those before. */
    String encode() {
      StringBuilder text = new StringBuilder(FIRST_LINE + "\n");
      text.append("broker = ").append(broker).append('\n');
      text.append("store-format = ").append(storeFormat).append('\n');
      text.append("taken-at = ").append(takenAt).append('\n');
      text.append("commit = ").append(commit).append('\n');
      new TreeMap<>(layout)
          .forEach((key, value) -> text.append(LAYOUT + key + " = " + value + "\n"));
      return text + CHECKSUM + checksum(text.toString()) + "\n";
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws BackupException when it is something else, damaged or of a later version
     */
    static About decode(String text) throws BackupException {
      int end = text.lastIndexOf(CHECKSUM);
      if (!text.startsWith("troupe-backup ") || end < 0) {
        throw new BackupException("it is not one of Troupe, or its description is damaged", null);
      }
      if (!text.startsWith(FIRST_LINE + "\n")) {
        throw new BackupException("it is of a later version of Troupe: restore it with that", null);
      }
      if (!text.substring(end).equals(CHECKSUM + checksum(text.substring(0, end)) + "\n")) {
        throw new BackupException("its description is damaged", null);
      }
      Map<String, String> values = new LinkedHashMap<>();
      Map<String, String> layout = new TreeMap<>();
      for (String line : text.substring(FIRST_LINE.length() + 1, end).split("\n")) {
        String[] parts = line.split(" = ", 2);
        if (parts[0].startsWith(LAYOUT)) {
          layout.put(parts[0].substring(LAYOUT.length()), parts[1]);
        } else {
          values.put(parts[0], parts[1]);
        }
      }
      try {
        return new About(
            values.getOrDefault("broker", "?"),
            Integer.parseInt(values.getOrDefault("store-format", "")),
            Instant.parse(values.getOrDefault("taken-at", "")),
            Long.parseLong(values.getOrDefault("commit", "")),
            layout);
      } catch (NumberFormatException | DateTimeException e) {
        throw new BackupException("its description is damaged", e);
      }
    }

    private static String checksum(String text) {
      CRC32C checksum = new CRC32C();
      checksum.update(text.getBytes(UTF_8));
      return Long.toHexString(checksum.getValue());
    }
  }
}
