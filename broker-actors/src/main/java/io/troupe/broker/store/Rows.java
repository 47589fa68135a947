package io.troupe.broker.store;

import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** Reading an open database. Valid only while {@link Database} lends it. */
final class Rows {
  private final RocksDB rocks;
  private final ColumnFamilyHandle[] handles;
  private final ReadOptions samePrefix;
  private final ReadOptions anyPrefix;

  Rows(RocksDB rocks, ColumnFamilyHandle[] handles, ReadOptions samePrefix, ReadOptions anyPrefix) {
    this.rocks = rocks;
    this.handles = handles;
    this.samePrefix = samePrefix;
    this.anyPrefix = anyPrefix;
  }

  byte @Nullable [] get(Family family, byte[] key) throws RocksDBException {
    return rocks.get(handles[family.id()], anyPrefix, key);
  }

  /**
   * Ascending from a key (inclusive) through the keys of the same prefix; Bloom filters skip files
   * without it. The caller closes it and asks its status when it ends.
   */
  RocksIterator ascending(Family family, byte[] from) {
    RocksIterator iterator = rocks.newIterator(handles[family.id()], samePrefix);
    iterator.seek(from);
    return iterator;
  }

  /** Ascending from a key (inclusive), without end. */
  RocksIterator ascendingAll(Family family, byte[] from) {
    RocksIterator iterator = rocks.newIterator(handles[family.id()], anyPrefix);
    iterator.seek(from);
    return iterator;
  }

  /** Descending from a key (inclusive), without end. */
  RocksIterator descending(Family family, byte[] from) {
    RocksIterator iterator = rocks.newIterator(handles[family.id()], anyPrefix);
    iterator.seekForPrev(from);
    return iterator;
  }

  /** Takes each key from {@code from} to before {@code to}, ascending. */
  void forEachKey(
      Family family, byte[] from, byte[] to, java.util.function.Consumer<byte[]> consumer)
      throws RocksDBException {
    try (Slice end = new Slice(to);
        ReadOptions bounded = new ReadOptions().setTotalOrderSeek(true).setIterateUpperBound(end);
        RocksIterator iterator = rocks.newIterator(handles[family.id()], bounded)) {
      for (iterator.seek(from); iterator.isValid(); iterator.next()) {
        consumer.accept(iterator.key());
      }
      iterator.status();
    }
  }
}
