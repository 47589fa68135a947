package io.troupe.broker.store;

import java.util.concurrent.atomic.AtomicLongArray;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the files within about twice the live data. RocksDB frees deleted rows when it rewrites the
 * files that hold them, and rewrites files only as new ones arrive. So when, in one family, at
 * least half of what its files hold has been deleted since the last time, the family is rewritten:
 * each byte written costs at most about one further byte here.
 */
final class SpaceReclaimer {
  private static final Logger LOG = LoggerFactory.getLogger(SpaceReclaimer.class);

  private final Database database;
  private final long reclaimMin;
  private final AtomicLongArray deletedBytes = new AtomicLongArray(Family.values().length);

  SpaceReclaimer(Database database, long reclaimMin) {
    this.database = database;
    this.reclaimMin = reclaimMin;
  }

  /** Counts rows deleted, about this many bytes. */
  void deleted(Family family, long bytes) {
    deletedBytes.addAndGet(family.id(), Math.max(0, bytes));
  }

  /** Rewrites the families that need it; takes as long as that takes. */
  void run() {
    for (Family family : Family.values()) {
      long deleted = deletedBytes.get(family.id());
      if (deleted < reclaimMin) {
        continue;
      }
      try {
        long held = database.fileBytes(family);
        if (held >= reclaimMin && deleted >= held / 2) {
          database.compact(family);
          LOG.debug(
              "Rewrote {}: {} bytes of files before, {} now",
              family,
              held,
              database.fileBytes(family));
          deletedBytes.addAndGet(family.id(), -deleted);
        } else if (held < reclaimMin) {
          deletedBytes.addAndGet(family.id(), -deleted);
        }
      } catch (RocksDBException | StoreUnavailableException e) {
        LOG.warn("Could not rewrite {} to free space; tried again later", family, e);
      }
    }
  }
}
