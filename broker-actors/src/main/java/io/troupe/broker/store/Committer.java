package io.troupe.broker.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The group commit: one thread that writes everything asked for since its last round as one batch
 * with one fsync. Under load the rounds grow, and the cost of an fsync is shared by more writers.
 *
 * <p>A round that fails fails all its writers and all who wait, and nothing is accepted until the
 * database could be opened anew: after a failed fsync nobody knows what is on disk, and a second
 * fsync that succeeds proves nothing.
 */
final class Committer implements AutoCloseable {

  /** What the rounds are written to. */
  interface Target {
    /**
     * Writes all or none; when {@code sync} it is on disk upon return.
     *
     * @throws Exception when nothing may be assumed of the batch
     */
    void write(Mutations batch, boolean sync) throws Exception;

    /**
     * Tries to make writing possible again.
     *
     * @throws Exception when it is not possible yet
     */
    void recover() throws Exception;
  }

  private record Request(Mutations mutations, boolean sync, CompletableFuture<Void> done) {}

  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
  private static final long RECOVERY_INTERVAL_MILLIS = 1_000;

  private final Object lock = new Object();
  private final Target target;
  private final long pendingBytesMax;
  private final int commitBytesMax;
  private final Thread thread;

  // Guarded by lock.
  private List<Request> waiting = new ArrayList<>();
  private long pendingBytes;
  private boolean closed;
  private @Nullable StoreUnavailableException failure;

  private volatile long latestMicros;
  private volatile long startedNanos;

  Committer(Target target, long pendingBytesMax, int commitBytesMax) {
    this.target = target;
    this.pendingBytesMax = pendingBytesMax;
    this.commitBytesMax = commitBytesMax;
    thread = new Thread(this::run, "store-commit");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Asks for changes to be stored, after everything asked for before. The stage completes on the
   * commit thread.
   *
   * @param sync whether the stage completes only when the changes are on disk
   */
  CompletionStage<Void> submit(Mutations mutations, boolean sync) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    RuntimeException refusal = enqueue(new Request(mutations, sync, done));
    if (refusal != null) {
      done.completeExceptionally(refusal);
    }
    return done;
  }

  /** Completes when everything asked for before is decided. */
  CompletionStage<Void> barrier() {
    return submit(new Mutations(0), false);
  }

  /** Why nothing is accepted now, or null. */
  @Nullable StoreUnavailableException failure() {
    synchronized (lock) {
      return failure;
    }
  }

  long pendingBytes() {
    synchronized (lock) {
      return pendingBytes;
    }
  }

  /** Duration of the latest round, or of the one under way if that has taken longer. */
  long latencyMicros() {
    long started = startedNanos;
    long underWay = started == 0 ? 0 : (System.nanoTime() - started) / 1_000;
    return Math.max(latestMicros, underWay);
  }

  /** Completes what was asked for before, then refuses. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable RuntimeException enqueue(Request request) {
    int size = request.mutations.size();
    synchronized (lock) {
      if (closed) {
        return new StoreUnavailableException("The store is closed.", null);
      }
      if (failure != null) {
        return new StoreUnavailableException(String.valueOf(failure.getMessage()), failure);
      }
      if (size > 0 && pendingBytes > 0 && pendingBytes + size > pendingBytesMax) {
        return new StoreOverloadedException(
            pendingBytes + " bytes wait to be stored; troupe.store.pending-bytes-max is reached");
      }
      waiting.add(request);
      pendingBytes += size;
      if (waiting.size() == 1) {
        lock.notifyAll();
      }
      return null;
    }
  }

  private void run() {
    for (List<Request> taken = take(); !taken.isEmpty(); taken = take()) {
      int from = 0;
      while (from < taken.size()) {
        int to = roundEnd(taken, from);
        List<Request> round = taken.subList(from, to);
        Throwable problem = write(round);
        if (problem != null) {
          fail(taken.subList(from, taken.size()), problem);
          recover();
          break;
        }
        complete(round);
        from = to;
      }
    }
  }

  /** Waits for requests; empty when closed and none is left. */
  private List<Request> take() {
    synchronized (lock) {
      while (waiting.isEmpty() && !closed) {
        waitQuietly(0);
      }
      List<Request> taken = waiting;
      waiting = new ArrayList<>();
      return taken;
    }
  }

  private int roundEnd(List<Request> requests, int from) {
    long size = requests.get(from).mutations.size();
    int to = from + 1;
    while (to < requests.size() && size + requests.get(to).mutations.size() <= commitBytesMax) {
      size += requests.get(to).mutations.size();
      to++;
    }
    return to;
  }

  private @Nullable Throwable write(List<Request> round) {
    int size = CommitMark.ENCODED_BYTES;
    boolean sync = false;
    for (Request request : round) {
      size += request.mutations.size();
      sync |= request.sync;
    }
    Mutations batch = new Mutations(size);
    for (Request request : round) {
      batch.add(request.mutations);
    }
    if (batch.isEmpty()) {
      return null;
    }
    startedNanos = System.nanoTime();
    try {
      target.write(batch, sync);
      return null;
    } catch (Throwable e) { // whatever it was, the writers must hear of it
      return e;
    } finally {
      latestMicros = (System.nanoTime() - startedNanos) / 1_000;
      startedNanos = 0;
    }
  }

  private void complete(List<Request> round) {
    long size = 0;
    for (Request request : round) {
      size += request.mutations.size();
    }
    synchronized (lock) {
      pendingBytes -= size;
    }
    for (Request request : round) {
      request.done.complete(null);
    }
  }

  private void fail(List<Request> undecided, Throwable problem) {
    StoreUnavailableException reason =
        new StoreUnavailableException(
            "The store cannot write: " + problem.getMessage() + ". It tries to recover by itself.",
            problem);
    LOG.error("Storing failed; nothing is acknowledged until the store has recovered", problem);
    List<Request> failed = new ArrayList<>(undecided);
    synchronized (lock) {
      failure = reason;
      failed.addAll(waiting);
      waiting = new ArrayList<>();
      pendingBytes = 0;
    }
    for (Request request : failed) {
      request.done.completeExceptionally(reason);
    }
  }

  private void recover() {
    String latest = "";
    while (true) {
      synchronized (lock) {
        if (!closed) {
          waitQuietly(RECOVERY_INTERVAL_MILLIS);
        }
        if (closed) {
          return;
        }
      }
      try {
        target.recover();
        synchronized (lock) {
          failure = null;
        }
        LOG.warn("The store has recovered and accepts writes again");
        return;
      } catch (Throwable e) { // tried again until it succeeds
        String now = String.valueOf(e.getMessage());
        if (!now.equals(latest)) {
          LOG.error("The store has not recovered yet: {}", now);
          latest = now;
        }
      }
    }
  }

  @SuppressWarnings("WaitNotInLoop") // both callers check their condition again
  private void waitQuietly(long millis) {
    try {
      lock.wait(millis);
    } catch (InterruptedException e) {
      LOG.debug("Interrupted; the commit thread ends by close only", e);
    }
  }
}
