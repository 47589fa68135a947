package io.troupe.broker.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Deletes parts of journals and queues, most often their beginnings, one after another on a thread
 * of its own: what is to be deleted depends on what was deleted before. Requests for the same that
 * come while a round is under way become one.
 *
 * <p>Few rows are deleted one by one, many as a range: a range costs the same for any number of
 * rows but slows reading while it lies in memory.
 */
final class Deletions implements AutoCloseable {
  private static final int ONE_BY_ONE_MAX = 64;
  private static final int ROUND_MAX = 10_000;
  private static final long DROP_FILES_BYTES = 64L << 20;

  /** Knows how to delete one owner's rows. Runs on the deletion thread. */
  interface Owner {
    /** Adds the deletion of all rows up to this number. */
    void deleteTo(long number, Round round);
  }

  /** The deletions of one round, stored together. */
  static final class Round {
    private final Mutations batch = new Mutations(1_024);
    private final List<Drop> drops = new ArrayList<>();
    private final SpaceReclaimer reclaimer;

    private Round(SpaceReclaimer reclaimer) {
      this.reclaimer = reclaimer;
    }

    Mutations batch() {
      return batch;
    }

    /** Deletes the row where an iterator stands. */
    void deleteRow(Family family, RocksIterator iterator) {
      batch.delete(family, iterator.key());
      reclaimer.deleted(family, iterator.key().length + iterator.value().length);
    }

    /**
     * Deletes the rows from one numbered key to another, both included.
     *
     * @param bytes about what they take
     */
    void deleteRows(Family family, byte[] first, long last, long bytes) {
      long from = Keys.number(first);
      if (last - from < ONE_BY_ONE_MAX) {
        for (long number = from; number <= last; number++) {
          batch.delete(family, Keys.withNumber(first, number));
        }
      } else {
        byte[] end = Keys.withNumber(first, last == Long.MAX_VALUE ? last : last + 1);
        batch.deleteRange(family, first, end);
        if (bytes >= DROP_FILES_BYTES) {
          drops.add(database -> database.dropFiles(family, first, end));
        }
      }
      reclaimer.deleted(family, bytes);
    }
  }

  /** Frees whole files at once after a round is stored. */
  private interface Drop {
    void from(Database database) throws RocksDBException;
  }

  private static final class Pending {
    private Owner owner;
    private long number;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private Pending(Owner owner, long number) {
      this.owner = owner;
      this.number = number;
    }
  }

  private final Object lock = new Object();
  private final Database database;
  private final Committer committer;
  private final SpaceReclaimer reclaimer;
  private final Thread thread;
  private Map<Object, Pending> waiting = new HashMap<>();
  private boolean closed;

  Deletions(Database database, Committer committer, SpaceReclaimer reclaimer) {
    this.database = database;
    this.committer = committer;
    this.reclaimer = reclaimer;
    thread = new Thread(this::run, "store-delete");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Asks for the deletion of an owner's rows up to a number.
   *
   * @param key names the owner among all journals and queues
   */
  CompletionStage<Void> submit(Object key, long number, Owner owner) {
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedStage(
            new StoreUnavailableException("The store is closed.", null));
      }
      Pending pending = waiting.computeIfAbsent(key, k -> new Pending(owner, number));
      if (number > pending.number) {
        pending.owner = owner;
        pending.number = number;
      }
      lock.notifyAll();
      return pending.done;
    }
  }

  /** Does what was asked for before, then refuses. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    for (List<Pending> round = take(); !round.isEmpty(); round = take()) {
      delete(round);
    }
  }

  /** Waits for requests; empty when closed and none is left. */
  private List<Pending> take() {
    synchronized (lock) {
      while (waiting.isEmpty() && !closed) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          closed = true;
        }
      }
      if (waiting.size() <= ROUND_MAX) {
        List<Pending> taken = new ArrayList<>(waiting.values());
        waiting = new HashMap<>();
        return taken;
      }
      List<Pending> taken = new ArrayList<>(ROUND_MAX);
      var entries = waiting.values().iterator();
      while (taken.size() < ROUND_MAX) {
        taken.add(entries.next());
        entries.remove();
      }
      return taken;
    }
  }

  private void delete(List<Pending> pending) {
    Round round = new Round(reclaimer);
    List<Pending> done = new ArrayList<>(pending.size());
    for (Pending each : pending) {
      try {
        each.owner.deleteTo(each.number, round);
        done.add(each);
      } catch (RuntimeException e) {
        each.done.completeExceptionally(e);
      }
    }
    try {
      committer.submit(round.batch, false).toCompletableFuture().join();
      for (Drop drop : round.drops) {
        drop.from(database);
      }
      done.forEach(each -> each.done.complete(null));
    } catch (RuntimeException | RocksDBException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      done.forEach(each -> each.done.completeExceptionally(cause));
    }
  }
}
