package io.troupe.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which rows an embedded store holds. */
public final class StoredRows {
  private static final byte[] FIRST = {};
  private static final byte[] LAST = new byte[16];

  static {
    Arrays.fill(LAST, (byte) 0xFF);
  }

  private StoredRows() {}

  /** Of an open store in this process: events, snapshots and heads of ids, and all marks. */
  public static List<String> ofSessions(Path folder, String idPart) {
    EmbeddedStore store = EmbeddedStore.share(StoreTesting.settings(folder));
    try {
      List<String> rows = of(store, idPart);
      rows.addAll(marks(store));
      return rows;
    } finally {
      store.release();
    }
  }

  /** What the files of a folder take. */
  public static long folderBytes(Path folder) {
    return StoreTesting.folderBytes(folder);
  }

  /** Events, snapshots and journal heads whose persistence id has this in it. */
  static List<String> of(EmbeddedStore store, String idPart) {
    List<String> rows = new ArrayList<>();
    for (Family family : List.of(Family.EVENTS, Family.SNAPSHOTS, Family.STATE)) {
      keys(store, family).stream()
          .filter(key -> family != Family.STATE || key[0] == 'h')
          .map(key -> new String(key, UTF_8))
          .filter(key -> key.contains(idPart))
          .forEach(key -> rows.add(family + " " + key));
    }
    return rows;
  }

  /** Marks of QoS 2 messages. */
  static List<String> marks(EmbeddedStore store) {
    return keys(store, Family.STATE).stream()
        .filter(key -> key[0] == 'd')
        .map(key -> "mark of " + Keys.publisher(key) + ": " + Keys.number(key))
        .toList();
  }

  private static List<byte[]> keys(EmbeddedStore store, Family family) {
    List<byte[]> keys = new ArrayList<>();
    store.database().visit(rows -> rows.forEachKey(family, FIRST, LAST, keys::add));
    return keys;
  }
}
