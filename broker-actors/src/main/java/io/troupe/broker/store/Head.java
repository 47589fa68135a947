package io.troupe.broker.store;

import java.nio.ByteBuffer;
import org.rocksdb.RocksDBException;

/**
 * What is remembered of the deleted beginning of a journal or a queue.
 *
 * @param deletedTo the last deleted number; 0 when nothing was deleted yet
 * @param cumulativeBytes of a queue, the counter of that entry; of a journal 0
 */
record Head(long deletedTo, long cumulativeBytes) {
  private static final Head NOTHING_DELETED = new Head(0, 0);
  private static final int VERSION = 1;
  private static final int CONTENT_BYTES = 1 + 8 + 8;

  static Head read(Rows rows, byte[] key) throws RocksDBException {
    byte[] value = rows.get(Family.STATE, key);
    if (value == null) {
      return NOTHING_DELETED;
    }
    ByteBuffer content = SealedValue.open("a deletion mark", key, value, VERSION);
    return new Head(content.getLong(), content.getLong());
  }

  void addTo(Mutations batch, byte[] key) {
    batch.startPut(Family.STATE, key, CONTENT_BYTES);
    batch.int8(VERSION);
    batch.int64(deletedTo);
    batch.int64(cumulativeBytes);
    batch.seal();
  }
}
