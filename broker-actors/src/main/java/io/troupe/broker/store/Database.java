package io.troupe.broker.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BackupEngine;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The RocksDB instance: open, lent for reading and writing, opened anew after an error.
 *
 * <p>Any thread may read; {@link #write} is for the commit thread. Users hold a shared lock, {@link
 * #open} and {@link #close} the exclusive one: native objects are never used after their end.
 */
final class Database implements AutoCloseable {

  /** A reading access. */
  interface Reading<T> {
    T from(Rows rows) throws RocksDBException;
  }

  /** A reading access without result. */
  interface Visit {
    void to(Rows rows) throws RocksDBException;
  }

  private final Path folder;
  private final DatabaseOptions options;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private @Nullable RocksDB rocks;
  private ColumnFamilyHandle[] handles = new ColumnFamilyHandle[0];
  private volatile @Nullable String damage;

  Database(Path folder, DatabaseOptions options) {
    this.folder = folder;
    this.options = options;
  }

  /** Opens the database, making it when missing; closes it first when it is open. */
  void open() throws RocksDBException {
    endBackgroundWork();
    lock.writeLock().lock();
    try {
      closeRocks();
      List<ColumnFamilyHandle> opened = new ArrayList<>();
      rocks = RocksDB.open(options.database(), folder.toString(), options.families(), opened);
      handles = opened.toArray(ColumnFamilyHandle[]::new);
      for (int id = 0; id < handles.length; id++) {
        if (handles[id].getID() != id) {
          closeRocks();
          throw new RocksDBException("column family " + id + " has another number");
        }
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** The commit number that opening would find; changes nothing on disk. */
  long peekCommit() throws RocksDBException {
    List<ColumnFamilyHandle> opened = new ArrayList<>();
    try (RocksDB peeked =
        RocksDB.openReadOnly(options.database(), folder.toString(), options.families(), opened)) {
      ColumnFamilyHandle[] found = opened.toArray(ColumnFamilyHandle[]::new);
      long commit =
          CommitMark.stored(new Rows(peeked, found, options.samePrefix(), options.anyPrefix()));
      opened.forEach(ColumnFamilyHandle::close);
      return commit;
    }
  }

  /**
   * Lends the database for reading.
   *
   * @throws StoreDamagedException when RocksDB finds its files damaged
   * @throws StoreUnavailableException when it is closed or a file cannot be read
   */
  <T> T read(Reading<T> reading) {
    lock.readLock().lock();
    try {
      return reading.from(
          new Rows(open(rocks), handles, options.samePrefix(), options.anyPrefix()));
    } catch (RocksDBException e) {
      if (isDamage(e)) {
        damage = e.getMessage();
        throw new StoreDamagedException("The store's files are damaged: " + e.getMessage(), e);
      }
      throw new StoreUnavailableException("The store cannot be read: " + e.getMessage(), e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** As {@link #read} for an access without result. */
  void visit(Visit visit) {
    boolean unused =
        read(
            rows -> {
              visit.to(rows);
              return true;
            });
  }

  /** Writes all of a batch or none of it, and waits for the disk when {@code sync}. */
  void write(Mutations batch, boolean sync) throws RocksDBException {
    lock.readLock().lock();
    try (WriteBatch encoded = new WriteBatch(batch.toWriteBatch())) {
      open(rocks).write(options.writing(sync), encoded);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Size of a family's files in bytes. */
  long fileBytes(Family family) throws RocksDBException {
    lock.readLock().lock();
    try {
      return open(rocks).getLongProperty(handles[family.id()], "rocksdb.total-sst-files-size");
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Reads every file and compares its checksums. */
  void verify() throws RocksDBException {
    lock.readLock().lock();
    try {
      open(rocks).verifyChecksum();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Rewrites a family's files without what has been deleted. */
  void compact(Family family) throws RocksDBException {
    lock.readLock().lock();
    try (CompactRangeOptions gently =
        new CompactRangeOptions().setExclusiveManualCompaction(false).setAllowWriteStall(false)) {
      open(rocks).compactRange(handles[family.id()], null, null, gently);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Drops files that hold nothing but keys of this range; the rest is left to compaction. */
  void dropFiles(Family family, byte[] from, byte[] to) throws RocksDBException {
    lock.readLock().lock();
    try {
      open(rocks).deleteFilesInRanges(handles[family.id()], List.of(from, to), false);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Writes all memtables into files. */
  void flush() throws RocksDBException {
    lock.readLock().lock();
    try (FlushOptions waiting = new FlushOptions().setWaitForFlush(true)) {
      open(rocks).flush(waiting, List.of(handles));
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Writes all memtables into files and gives all files a second name in a missing folder. */
  void checkpoint(Path copy) throws RocksDBException {
    lock.readLock().lock();
    try (Checkpoint checkpoint = Checkpoint.create(open(rocks))) {
      checkpoint.createCheckpoint(copy.toString());
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Copies all that is in it into a new backup; nothing may be written meanwhile. */
  void backUp(BackupEngine engine, String about) throws RocksDBException {
    lock.readLock().lock();
    try {
      // Flushed, so that no log is needed: of a database opened for reading it copies none.
      engine.createNewBackupWithMetadata(open(rocks), about, true);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    endBackgroundWork();
    lock.writeLock().lock();
    try {
      closeRocks();
    } finally {
      lock.writeLock().unlock();
    }
  }

  void noteDamage(String found) {
    damage = found;
  }

  /** The damage that reading or verifying has met, or null. */
  @Nullable String damage() {
    return damage;
  }

  static boolean isDamage(RocksDBException e) {
    return e.getStatus() != null && e.getStatus().getCode() == org.rocksdb.Status.Code.Corruption;
  }

  private static RocksDB open(@Nullable RocksDB rocks) {
    if (rocks == null) {
      throw new StoreUnavailableException("The store is closed.", null);
    }
    return rocks;
  }

  /** Makes compactions that hold the shared lock end soon. */
  private void endBackgroundWork() {
    lock.readLock().lock();
    try {
      if (rocks != null) {
        rocks.cancelAllBackgroundWork(false);
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  private void closeRocks() {
    RocksDB closing = rocks;
    rocks = null;
    if (closing != null) {
      for (ColumnFamilyHandle handle : handles) {
        handle.close();
      }
      closing.close();
    }
  }
}
