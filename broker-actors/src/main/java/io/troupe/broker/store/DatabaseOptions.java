package io.troupe.broker.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksObject;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * How RocksDB is set up, and the native objects that carry it. Memory: one cache holds data blocks,
 * indexes and filters and is also charged with the memtables, so that {@code troupe.store.memory}
 * bounds all of them; native threads and iterators come on top (about 30 MiB).
 */
final class DatabaseOptions implements AutoCloseable {
  static {
    // Before any field initialiser makes a native object.
    RocksDB.loadLibrary();
  }

  private static final long MEMTABLE_BYTES_MAX = 16L << 20;
  private static final long WAL_BYTES_MAX = 48L << 20;
  private static final long FILE_BYTES = 32L << 20;
  private static final int OPEN_FILES_MAX = 192;
  private static final int BLOCK_BYTES = 16 << 10;
  private static final double BLOOM_BITS_PER_KEY = 10;
  private static final int LEVEL_0_FILES = 4;
  private static final int RANGE_DELETIONS_PER_MEMTABLE = 1_000;
  private static final long ONE_DAY_SECONDS = 86_400;

  private final List<RocksObject> owned = new ArrayList<>();
  private final Cache cache;
  private final BloomFilter bloom = own(new BloomFilter(BLOOM_BITS_PER_KEY));
  private final DBOptions database;
  private final List<ColumnFamilyDescriptor> families = new ArrayList<>();
  private final WriteOptions synced = own(new WriteOptions().setSync(true));
  private final WriteOptions unsynced = own(new WriteOptions());
  private final ReadOptions samePrefix = own(new ReadOptions().setPrefixSameAsStart(true));
  private final ReadOptions anyPrefix = own(new ReadOptions().setTotalOrderSeek(true));

  DatabaseOptions(long memoryBytes) {
    cache = own(new LRUCache(memoryBytes));
    long memtables = memoryBytes / 2;
    WriteBufferManager buffers = own(new WriteBufferManager(memtables, cache));
    // Only known to the native library by name: notices a log file that has gone.
    Properties named = new Properties();
    named.setProperty("track_and_verify_wals_in_manifest", "true");
    DBOptions options = DBOptions.getDBOptionsFromProps(named);
    if (options == null) {
      throw new IllegalStateException("RocksDB does not know its own options");
    }
    database =
        own(options)
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setParanoidChecks(true)
            .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
            .setWriteBufferManager(buffers)
            .setMaxTotalWalSize(WAL_BYTES_MAX)
            .setMaxBackgroundJobs(2)
            .setMaxOpenFiles(OPEN_FILES_MAX)
            .setBytesPerSync(1 << 20)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setMaxLogFileSize(4 << 20)
            .setKeepLogFileNum(2)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            // After an error the store opens the database anew instead.
            .setMaxBgErrorResumeCount(0);
    long memtable = Math.min(MEMTABLE_BYTES_MAX, memtables / 2);
    for (Family family : Family.values()) {
      families.add(new ColumnFamilyDescriptor(family.nameBytes(), familyOptions(family, memtable)));
    }
  }

  DBOptions database() {
    return database;
  }

  List<ColumnFamilyDescriptor> families() {
    return families;
  }

  WriteOptions writing(boolean sync) {
    return sync ? synced : unsynced;
  }

  ReadOptions samePrefix() {
    return samePrefix;
  }

  ReadOptions anyPrefix() {
    return anyPrefix;
  }

  /** For a copy that is read once: rewriting its files would be of no use. */
  DatabaseOptions withoutCompaction() {
    families.forEach(family -> family.getOptions().setDisableAutoCompactions(true));
    return this;
  }

  void listen(AbstractEventListener listener) {
    database.setListeners(List.of(listener));
  }

  private ColumnFamilyOptions familyOptions(Family family, long memtableBytes) {
    ColumnFamilyOptions options = own(new ColumnFamilyOptions());
    options
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setBlockSize(BLOCK_BYTES)
                .setFormatVersion(6)
                .setFilterPolicy(bloom))
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setWriteBufferSize(memtableBytes)
        .setMaxWriteBufferNumber(3)
        .setTargetFileSizeBase(FILE_BYTES)
        // The last level is kept about ten times the rest: garbage above it stays small.
        .setLevelCompactionDynamicLevelBytes(true)
        .setLevel0FileNumCompactionTrigger(LEVEL_0_FILES)
        .setMemtableMaxRangeDeletions(RANGE_DELETIONS_PER_MEMTABLE)
        .setPeriodicCompactionSeconds(ONE_DAY_SECONDS);
    if (family != Family.STATE) {
      options.useFixedLengthPrefixExtractor(Keys.PREFIX_BYTES);
    }
    return options;
  }

  private <T extends RocksObject> T own(T object) {
    owned.add(object);
    return object;
  }

  @Override
  public void close() {
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).close();
    }
  }
}
