package io.troupe.broker.store;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** The {@link NodeMarks} of one node's disk. */
final class RocksDbNodeMarks implements NodeMarks {
  private static final int VERSION = 1;

  private final Database database;
  private final Committer committer;

  RocksDbNodeMarks(Database database, Committer committer) {
    this.database = database;
    this.committer = committer;
  }

  @Override
  public CompletionStage<Void> put(String name, long value) {
    Mutations batch = new Mutations(64);
    batch.startPut(Family.STATE, Keys.mark(name), 1 + 8);
    batch.int8(VERSION);
    batch.int64(value);
    batch.seal();
    return committer.submit(batch, false);
  }

  @Override
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
