package io.troupe.broker.store;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * Numbers a node remembers about itself by name, such as when it was last alive. Names are the
 * program's own, never a client's.
 */
public final class NodeMarks {
  private static final int VERSION = 1;

  private final Database database;
  private final Committer committer;

  NodeMarks(Database database, Committer committer) {
    this.database = database;
    this.committer = committer;
  }

  /** Notes a number. Not synced: a power failure may take the latest seconds back. */
  public CompletionStage<Void> put(String name, long value) {
    Mutations batch = new Mutations(64);
    batch.startPut(Family.STATE, Keys.mark(name), 1 + 8);
    batch.int8(VERSION);
    batch.int64(value);
    batch.seal();
    return committer.submit(batch, false);
  }

  /**
   * The latest number of this name. Reads the disk: for the start of a node.
   *
   * @throws StoreDamagedException when the stored bytes are not what was written
   * @throws StoreUnavailableException when the store is closed or cannot read
   */
  public OptionalLong get(String name) {
    byte[] key = Keys.mark(name);
    return database.read(
        rows -> {
          byte[] value = rows.get(Family.STATE, key);
          if (value == null) {
            return OptionalLong.empty();
          }
          ByteBuffer content = SealedValue.open("the mark '" + name + "'", key, value, VERSION);
          return OptionalLong.of(content.getLong());
        });
  }
}
