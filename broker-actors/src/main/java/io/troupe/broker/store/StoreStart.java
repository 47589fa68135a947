package io.troupe.broker.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the database after checking that nothing acknowledged is missing. What a crash has left
 * unfinished at the end of the log was never acknowledged and is dropped; everything else that does
 * not fit refuses the start, because a broker that runs with a part of its data would confirm by
 * its running that the rest is gone.
 */
final class StoreStart {
  private static final Logger LOG = LoggerFactory.getLogger(StoreStart.class);

  private final StoreSettings.OnDamage onDamage;
  private final long verifyAtStartMax;
  private final StoreFolder folder;
  private final Database database;

  /**
   * @param verifyAtStartMax bytes up to which all files are verified before it opens, otherwise
   *     meanwhile
   */
  StoreStart(
      StoreSettings.OnDamage onDamage,
      long verifyAtStartMax,
      StoreFolder folder,
      Database database) {
    this.onDamage = onDamage;
    this.verifyAtStartMax = verifyAtStartMax;
    this.folder = folder;
    this.database = database;
  }

  /**
   * Checks and opens.
   *
   * @return the mark to note commits in, from then on
   * @throws StoreStartException naming what is damaged and what to do
   */
  CommitMark open() throws IOException {
    long acknowledged = CommitMark.read(folder.commitMark());
    boolean discarding = false;
    try {
      String missing = missing(acknowledged);
      if (missing != null) {
        if (onDamage == StoreSettings.OnDamage.REFUSE) {
          throw refusal(missing);
        }
        LOG.error(
            "Acknowledged data is lost, and the start goes on because troupe.store.on-damage is"
                + " discard: {}",
            missing);
        discarding = true;
      }
      database.open();
      verifyFiles();
      CommitMark mark = CommitMark.open(folder.commitMark());
      if (discarding) {
        mark.reset(database.read(CommitMark::stored));
      }
      return mark;
    } catch (RocksDBException e) {
      throw refusal(String.valueOf(e.getMessage()), e);
    } catch (StoreDamagedException e) {
      throw refusal(String.valueOf(e.getMessage()), e);
    }
  }

  /** What acknowledged data is missing from the log, or null when none is. */
  private @Nullable String missing(long acknowledged) throws IOException, RocksDBException {
    WalScan log = WalScan.of(folder.database());
    WalScan.Hole hole = log.hole();
    if (hole != null && log.commitsAfterHole()) {
      return "The write-ahead log is damaged in " + hole + ", before later commits.";
    }
    if (log.lastCommit() < acknowledged) {
      long stored = hasDatabase() ? database.peekCommit() : 0;
      if (stored < acknowledged) {
        return "Acknowledged commits are missing, from number "
            + (stored + 1)
            + " to "
            + acknowledged
            + ": "
            + (hole == null
                ? "the end of the write-ahead log in " + folder.database() + " is cut off or gone."
                : "the write-ahead log is damaged in " + hole + ".");
      }
    }
    if (hole != null) {
      LOG.warn(
          "The write-ahead log ends unfinished in {}: dropping what was never acknowledged", hole);
    }
    return null;
  }

  private boolean hasDatabase() {
    return Files.exists(folder.database().resolve("CURRENT"));
  }

  private void verifyFiles() throws RocksDBException {
    long bytes = 0;
    for (Family family : Family.values()) {
      bytes += database.fileBytes(family);
    }
    if (bytes <= verifyAtStartMax) {
      database.verify();
    } else {
      new FileVerifier(folder.database(), database).start();
    }
  }

  private StoreStartException refusal(String problem) {
    return refusal(problem, null);
  }

  private StoreStartException refusal(String problem, @Nullable Exception cause) {
    Path path = folder.path();
    return new StoreStartException(
        "The store in "
            + path
            + " cannot be opened: "
            + problem
            + " Nothing was changed. Keep a copy of the folder, then restore it from its backup. If"
            + " there is none, damage in the write-ahead log can be given up together with what"
            + " follows it by starting once with troupe.store.on-damage = discard; a damaged"
            + " .sst file cannot.",
        cause);
  }
}
