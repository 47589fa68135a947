package io.troupe.broker.store;

import java.io.IOException;
import org.rocksdb.RocksDBException;

/** Writes the group commit's rounds into the database, numbered as {@link CommitMark} tells. */
final class CommittedDatabase implements Committer.Target {
  private final Database database;
  private final StoreFolder folder;
  private final CommitMark mark;
  private final boolean fsync;
  private long commit;

  CommittedDatabase(Database database, StoreFolder folder, CommitMark mark, boolean fsync)
      throws RocksDBException {
    this.database = database;
    this.folder = folder;
    this.mark = mark;
    this.fsync = fsync;
    commit = database.read(CommitMark::stored);
  }

  @Override
  public void write(Mutations batch, boolean sync) throws RocksDBException, IOException {
    if (!sync || !fsync) {
      database.write(batch, false);
      return;
    }
    CommitMark.addTo(batch, commit + 1);
    database.write(batch, true);
    commit++;
    mark.advance(commit);
  }

  @Override
  public void recover() throws RocksDBException, IOException {
    if (!folder.acceptsWrites()) {
      throw new IOException("the disk does not accept writes (full, read-only or failing)");
    }
    database.open();
    long found = database.read(CommitMark::stored);
    if (found < commit) {
      throw new IOException(
          "commit " + commit + " was acknowledged, but only " + found + " is there");
    }
    commit = found;
    mark.advance(commit);
  }
}
