package io.troupe.broker.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable store of one node: one database in one folder, written by one group commit, serving
 * the journal and snapshot plugins, the {@link QueueLog} and the {@link NodeMarks}.
 *
 * <p>The program opens it before its actor system and closes it after; the plugins find it by its
 * folder. Without a program (tests) the first plugin opens it and the last one closes it.
 */
public final class EmbeddedStore implements NodeStore {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStore.class);
  private static final long UPKEEP_SECONDS = 1;

  /** Open stores by folder; guarded by itself. */
  private static final Map<Path, EmbeddedStore> OPEN = new HashMap<>();

  private final StoreSettings settings;
  private final DatabaseOptions options;
  private final StoreFolder folder;
  private final Database database;
  private final CommitMark mark;
  private final Committer committer;
  private final ReadPool readers;
  private final SpaceReclaimer reclaimer;
  private final Deletions deletions;
  private final ScheduledExecutorService upkeep;
  private final RocksDbQueueLog queueLog;
  private final RocksDbNodeMarks nodeMarks;
  private final RocksDbEndedSessions endedSessions;

  private final AtomicBoolean checkpointTaken = new AtomicBoolean();

  // Guarded by OPEN.
  private int users;
  private boolean owned;

  private EmbeddedStore(
      StoreSettings settings,
      DatabaseOptions options,
      StoreFolder folder,
      Database database,
      CommitMark mark,
      Committer.Target target) {
    this.settings = settings;
    this.options = options;
    this.folder = folder;
    this.database = database;
    this.mark = mark;
    committer = new Committer(target, settings.pendingBytesMax(), settings.commitBytesMax());
    readers = new ReadPool(settings.readThreads(), settings.readsMax());
    reclaimer = new SpaceReclaimer(database, settings.reclaimMin());
    deletions = new Deletions(database, committer, reclaimer);
    queueLog = new RocksDbQueueLog(database, committer, readers, deletions);
    nodeMarks = new RocksDbNodeMarks(database, committer);
    upkeep =
        Executors.newScheduledThreadPool(
            2,
            work -> {
              Thread thread = new Thread(work, "store-upkeep");
              thread.setDaemon(true);
              return thread;
            });
    endedSessions = new RocksDbEndedSessions(database, committer, deletions, upkeep);
    every(this::restrictModes);
    every(reclaimer::run);
  }

  /**
   * Opens the store of a folder for this program.
   *
   * @throws StoreStartException when it cannot be opened; the message tells the operator what to do
   */
  public static EmbeddedStore open(StoreSettings settings) {
    synchronized (OPEN) {
      if (OPEN.containsKey(settings.directory())) {
        throw new StoreStartException(
            "The store's folder "
                + settings.directory()
                + " is in use by another broker in this process. Each broker needs a folder of its"
                + " own: set troupe.store.directory.");
      }
      EmbeddedStore store = start(settings);
      store.owned = true;
      store.users = 1;
      OPEN.put(settings.directory(), store);
      return store;
    }
  }

  /** The open store of a folder, opened when it is not; to be {@link #release}d. */
  static EmbeddedStore share(StoreSettings settings) {
    synchronized (OPEN) {
      EmbeddedStore store = OPEN.get(settings.directory());
      if (store == null) {
        store = start(settings);
        OPEN.put(settings.directory(), store);
      }
      store.users++;
      return store;
    }
  }

  @Override
  public QueueLog queueLog() {
    return queueLog;
  }

  @Override
  public NodeLease lease() {
    return NodeLease.ALONE;
  }

  @Override
  public NodeMarks nodeMarks() {
    return nodeMarks;
  }

  @Override
  public Optional<EndedSessions> endedSessions() {
    return Optional.of(endedSessions);
  }

  /** A journal writes to this store: what it was asked before is done before sessions go. */
  void behindJournal(Executor order) {
    endedSessions.behindJournal(order);
  }

  @Override
  public StoreHealth health() {
    long latency = committer.latencyMicros();
    long pending = committer.pendingBytes();
    StoreUnavailableException failure = committer.failure();
    if (failure != null) {
      return new StoreHealth(
          StoreHealth.Status.FAILED, String.valueOf(failure.getMessage()), latency, pending);
    }
    String damage = database.damage();
    if (damage != null) {
      return new StoreHealth(
          StoreHealth.Status.FAILED, "Damaged files: " + damage, latency, pending);
    }
    long slowMicros = settings.slowCommit().toNanos() / 1_000;
    if (latency > slowMicros) {
      String reason = "A commit takes " + latency / 1_000 + " ms";
      return new StoreHealth(StoreHealth.Status.SLOW, reason, latency, pending);
    }
    return new StoreHealth(StoreHealth.Status.OK, "", latency, pending);
  }

  /**
   * Everything stored before this call, at one moment; writing goes on meanwhile and afterwards.
   * One at a time.
   */
  @Override
  public StoreCheckpoint checkpoint() throws BackupException {
    if (!checkpointTaken.compareAndSet(false, true)) {
      throw new BackupException("another backup of this broker is under way", null);
    }
    try {
      committer.barrier().toCompletableFuture().join();
      long commit = database.read(CommitMark::stored);
      folder.removeCheckpoint();
      database.checkpoint(folder.checkpoint());
      return new StoreCheckpoint(folder.checkpoint(), commit, this::endCheckpoint);
    } catch (CompletionException
        | StoreUnavailableException
        | StoreDamagedException
        | RocksDBException
        | IOException e) {
      endCheckpoint();
      Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
      throw new BackupException("the store cannot be backed up now: " + cause.getMessage(), e);
    }
  }

  private void endCheckpoint() {
    try {
      folder.removeCheckpoint();
    } catch (IOException e) {
      LOG.warn("The folder {} of a backup could not be removed", folder.checkpoint(), e);
    } finally {
      checkpointTaken.set(false);
    }
  }

  /** Ends the program's use; stores what was asked for before. Closing again does nothing. */
  @Override
  public void close() {
    synchronized (OPEN) {
      if (owned) {
        owned = false;
        release();
      }
    }
  }

  /** Ends one use; the last one closes the files. */
  void release() {
    synchronized (OPEN) {
      users--;
      if (users == 0) {
        OPEN.remove(settings.directory());
        shutDown();
      }
    }
  }

  Database database() {
    return database;
  }

  Committer committer() {
    return committer;
  }

  ReadPool readers() {
    return readers;
  }

  Deletions deletions() {
    return deletions;
  }

  SpaceReclaimer reclaimer() {
    return reclaimer;
  }

  private static EmbeddedStore start(StoreSettings settings) {
    StoreFolder folder = StoreFolder.open(settings.directory());
    DatabaseOptions options = null;
    Database database = null;
    CommitMark mark = null;
    try {
      options = loadOptions(settings);
      database = new Database(folder.database(), options);
      mark =
          new StoreStart(settings.onDamage(), settings.verifyAtStartMax(), folder, database).open();
      Committer.Target target = new CommittedDatabase(database, folder, mark, settings.fsync());
      folder.restrictModes();
      folder.removeCheckpoint();
      return new EmbeddedStore(settings, options, folder, database, mark, target);
    } catch (IOException | RocksDBException e) {
      closeAll(mark, database, options, folder);
      throw new StoreStartException(
          "The store in " + settings.directory() + " cannot be opened: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      closeAll(mark, database, options, folder);
      throw e;
    }
  }

  private static DatabaseOptions loadOptions(StoreSettings settings) {
    try {
      return new DatabaseOptions(settings.memoryBytes());
    } catch (LinkageError | RuntimeException e) {
      throw new StoreStartException(
          "RocksDB's native library cannot be loaded: "
              + (e.getCause() == null ? e : e.getCause()).getMessage()
              + ". It is unpacked into "
              + System.getProperty("java.io.tmpdir")
              + ", which must be writable and not mounted noexec; set ROCKSDB_SHAREDLIB_DIR to"
              + " another folder otherwise.",
          e);
    }
  }

  private void shutDown() {
    upkeep.shutdownNow();
    deletions.close();
    readers.close();
    committer.close();
    closeAll(mark, database, options, folder);
  }

  private static void closeAll(@Nullable AutoCloseable... parts) {
    for (AutoCloseable part : parts) {
      try {
        if (part != null) {
          part.close();
        }
      } catch (Exception e) {
        LOG.warn("A part of the store did not close cleanly", e);
      }
    }
  }

  private void every(Runnable work) {
    upkeep.scheduleWithFixedDelay(work, UPKEEP_SECONDS, UPKEEP_SECONDS, TimeUnit.SECONDS);
  }

  private void restrictModes() {
    try {
      folder.restrictModes();
    } catch (IOException e) {
      LOG.warn("Could not restrict the modes of the store's files", e);
    }
  }
}
