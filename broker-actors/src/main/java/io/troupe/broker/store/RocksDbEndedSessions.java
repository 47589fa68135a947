package io.troupe.broker.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link EndedSessions} of one node's disk. */
final class RocksDbEndedSessions implements EndedSessions {
  private static final Logger LOG = LoggerFactory.getLogger(RocksDbEndedSessions.class);

  /** So many marks are looked at while the database is lent. */
  private static final int SWEEP_MARKS = 1_000;

  private static final byte[] SWEPT = new byte[0];

  private final Database database;
  private final Committer committer;
  private final Deletions deletions;
  private final Executor background;

  /** Runs work after everything that the journal was asked before. */
  private volatile Executor behindJournal = Runnable::run;

  /**
   * @param background for work that may take long
   */
  RocksDbEndedSessions(
      Database database, Committer committer, Deletions deletions, Executor background) {
    this.database = database;
    this.committer = committer;
    this.deletions = deletions;
    this.background = background;
  }

  /** A journal writes to this store. */
  void behindJournal(Executor order) {
    behindJournal = order;
  }

  /**
   * What a retention policy has asked the journal to delete must come first: later it could hit the
   * events of the next session, whose numbers are the same.
   */
  @Override
  public CompletionStage<Void> forget(Ended ended) {
    return CompletableFuture.supplyAsync(
            () ->
                deletions.submit(
                    ended.persistenceId(),
                    Long.MAX_VALUE, // whatever else waits to be deleted there is part of it
                    (all, round) -> delete(ended, round)),
            behindJournal)
        .thenCompose(deleted -> deleted);
  }

  private void delete(Ended ended, Deletions.Round round) {
    database.visit(
        rows -> {
          if (ended.toSequenceNr() > 0) {
            deleteEvents(rows, ended, round);
            deleteSnapshots(rows, ended, round);
          }
          if (ended.marksTo() > 0) {
            deleteMarks(rows, ended, round);
          }
        });
  }

  /** Events, and the memory of them unless there are later ones. */
  private static void deleteEvents(Rows rows, Ended ended, Deletions.Round round)
      throws RocksDBException {
    byte[] headKey = Keys.journalHead(ended.persistenceId());
    byte[] first = Keys.numbered(ended.persistenceId(), Head.read(rows, headKey).deletedTo() + 1);
    boolean later = false;
    try (RocksIterator iterator = rows.ascending(Family.EVENTS, first)) {
      for (; iterator.isValid() && Keys.sameOwner(iterator.key(), first); iterator.next()) {
        later = Keys.number(iterator.key()) > ended.toSequenceNr();
        if (later) {
          break;
        }
        round.deleteRow(Family.EVENTS, iterator);
      }
      iterator.status();
    }
    if (later) {
      new Head(ended.toSequenceNr(), 0).addTo(round.batch(), headKey);
    } else {
      round.batch().delete(Family.STATE, headKey);
    }
  }

  private static void deleteSnapshots(Rows rows, Ended ended, Deletions.Round round)
      throws RocksDBException {
    byte[] first = Keys.numbered(ended.persistenceId(), 0);
    try (RocksIterator iterator = rows.ascending(Family.SNAPSHOTS, first)) {
      while (iterator.isValid()
          && Keys.sameOwner(iterator.key(), first)
          && Keys.number(iterator.key()) <= ended.toSequenceNr()) {
        round.deleteRow(Family.SNAPSHOTS, iterator);
        iterator.next();
      }
      iterator.status();
    }
  }

  private static void deleteMarks(Rows rows, Ended ended, Deletions.Round round)
      throws RocksDBException {
    for (int partition = 0; partition < ended.partitions(); partition++) {
      byte[] first = Keys.dedup(partition, ended.publisher(), 0);
      byte[] end = Keys.withNumber(first, ended.marksTo() + 1);
      rows.forEachKey(Family.STATE, first, end, key -> round.batch().delete(Family.STATE, key));
    }
  }

  @Override
  public void sweepMarks(UnaryOperator<String> persistenceId, long below) {
    background.execute(
        () -> {
          try {
            byte[] from = Keys.dedup(0, "", 0);
            while (from.length > 0) {
              from = sweep(from, persistenceId, below);
            }
          } catch (RuntimeException e) {
            LOG.warn("Marks of publishers that are gone are left until the next start", e);
          }
        });
  }

  /** Sweeps a part; returns where the next begins, or {@link #SWEPT}. */
  private byte[] sweep(byte[] from, UnaryOperator<String> persistenceId, long below) {
    Mutations batch = new Mutations(1_024);
    byte[] next = database.read(rows -> sweep(rows, from, persistenceId, below, batch));
    committer.submit(batch, false).toCompletableFuture().join();
    return next;
  }

  private static byte[] sweep(
      Rows rows, byte[] from, UnaryOperator<String> persistenceId, long below, Mutations batch)
      throws RocksDBException {
    byte[] owner = SWEPT;
    boolean unknown = false;
    int seen = 0;
    try (RocksIterator iterator = rows.ascendingAll(Family.STATE, from)) {
      for (; iterator.isValid() && iterator.key()[0] == from[0]; iterator.next()) {
        byte[] key = iterator.key();
        if (++seen > SWEEP_MARKS) {
          return key;
        }
        if (owner.length == 0 || !Keys.sameOwner(key, owner)) {
          owner = key;
          unknown = hasNothing(rows, persistenceId.apply(Keys.publisher(key)));
        }
        if (unknown && Keys.number(key) < below) {
          batch.delete(Family.STATE, key);
        }
      }
      iterator.status();
    }
    return SWEPT;
  }

  private static boolean hasNothing(Rows rows, String persistenceId) throws RocksDBException {
    byte[] lowest = Keys.numbered(persistenceId, 0);
    for (Family family : List.of(Family.EVENTS, Family.SNAPSHOTS)) {
      try (RocksIterator iterator = rows.ascending(family, lowest)) {
        if (iterator.isValid() && Keys.sameOwner(iterator.key(), lowest)) {
          return false;
        }
        iterator.status();
      }
    }
    return true;
  }
}
