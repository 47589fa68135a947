package io.troupe.broker.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import io.troupe.broker.store.NodeLease;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's claim in {@code node_leases}: a row per life of a node, changed by conditional writes
 * only. A renewal counts from the moment it was sent, for {@value #LEASE_MILLIS} ms by this
 * machine's monotonic clock, which also runs while the process is stopped. Who ends another's claim
 * waits that long afterwards, and a tenth more for clocks of different speed.
 */
final class CassandraLease implements NodeLease {
  private static final Logger LOG = LoggerFactory.getLogger(CassandraLease.class);
  private static final long LEASE_MILLIS = 3_000;
  private static final long RENEW_MILLIS = 500;
  private static final long WAIT_MILLIS = LEASE_MILLIS + LEASE_MILLIS / 10;

  /** So that a node whose renewals the store delays still counts as alive. */
  private static final long LIVE_MILLIS = 10_000;

  private static final long RELEASE_MILLIS = 2_000;
  private static final long LEASE_NANOS = TimeUnit.MILLISECONDS.toNanos(LEASE_MILLIS);

  private final CqlSession session;
  private final QueueTables tables;
  private final ScheduledExecutorService timer;
  private volatile long heldUntilNanos = System.nanoTime();
  private volatile boolean ended;
  private volatile boolean begun;
  private boolean renewing;
  private @Nullable String own;

  /**
   * @param timer shut down when the store closes
   */
  CassandraLease(CqlSession session, QueueTables tables, ScheduledExecutorService timer) {
    this.session = session;
    this.tables = tables;
    this.timer = timer;
  }

  @Override
  public synchronized void begin(String incarnation, Runnable onEnded) {
    own = incarnation;
    timer.scheduleWithFixedDelay(
        () -> renew(incarnation, onEnded), 0, RENEW_MILLIS, TimeUnit.MILLISECONDS);
  }

  private synchronized void renew(String incarnation, Runnable onEnded) {
    if (ended || renewing) {
      return;
    }
    renewing = true;
    long sent = System.nanoTime();
    var statement = begun ? tables.renewLease : tables.beginLease;
    session
        .executeAsync(statement.bind(incarnation))
        .whenComplete((result, failure) -> renewed(sent, result, failure, onEnded));
  }

  private synchronized void renewed(
      long sent, @Nullable AsyncResultSet result, @Nullable Throwable failure, Runnable onEnded) {
    renewing = false;
    if (ended || result == null || failure != null) {
      return; // it is tried again; meanwhile the claim runs out
    }
    boolean applied = result.wasApplied(); // to be asked before the row is taken
    Row row = result.one();
    if (applied) {
      begun = true;
      heldUntilNanos = sent + LEASE_NANOS;
    } else if (row != null && !row.getBoolean("ended")) {
      begun = true; // begun by a request whose answer was lost: the next one renews
    } else {
      ended = true;
      LOG.error("The other nodes have removed this one from the cluster: it stops");
      onEnded.run();
    }
  }

  @Override
  public boolean isHeld() {
    return !ended && System.nanoTime() - heldUntilNanos < 0;
  }

  @Override
  public CompletionStage<Void> end(String incarnation) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    end(incarnation, done);
    return done;
  }

  private void end(String incarnation, CompletableFuture<Void> done) {
    session
        .executeAsync(tables.endLease.bind(incarnation))
        .thenCompose(
            result ->
                result.wasApplied() || isEnded(result)
                    ? CompletableFuture.completedFuture(true)
                    : endUnknown(incarnation))
        .whenComplete(
            (isEnded, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "The lease of {} cannot be ended yet: {}", incarnation, failure.toString());
              }
              boolean over = failure == null && isEnded;
              later(over ? () -> done.complete(null) : () -> end(incarnation, done), over);
            });
  }

  private static boolean isEnded(AsyncResultSet result) {
    Row row = result.one();
    return row != null && row.getColumnDefinitions().contains("ended") && row.getBoolean("ended");
  }

  /** It has not begun: it must not begin. */
  private CompletionStage<Boolean> endUnknown(String incarnation) {
    return session
        .executeAsync(tables.forbidLease.bind(incarnation))
        .thenApply(AsyncResultSet::wasApplied);
  }

  @Override
  public CompletionStage<List<String>> live() {
    return session
        .executeAsync(tables.readLeases.bind())
        .thenCompose(page -> addLive(page, new ArrayList<>()));
  }

  private static CompletionStage<List<String>> addLive(AsyncResultSet page, List<String> live) {
    for (Row row : page.currentPage()) {
      long renewedMillis = row.getLong("renewed_micros") / 1_000;
      if (!row.getBoolean("ended") && row.getLong("now_millis") - renewedMillis < LIVE_MILLIS) {
        live.add(String.valueOf(row.getString("life")));
      }
    }
    return page.hasMorePages()
        ? page.fetchNextPage().thenCompose(next -> addLive(next, live))
        : CompletableFuture.completedFuture(live);
  }

  @Override
  public void release() {
    String incarnation;
    synchronized (this) {
      incarnation = own;
      if (incarnation == null || ended) {
        return;
      }
      ended = true; // a renewal under way changes nothing: it is refused, or comes before
    }
    try {
      session
          .executeAsync(tables.endLease.bind(incarnation))
          .toCompletableFuture()
          .get(RELEASE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("the lease was not released: it grows old", e);
    }
  }

  private void later(Runnable work, boolean over) {
    try {
      timer.schedule(work, over ? WAIT_MILLIS : RENEW_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      // This node ends itself; nothing here will go on.
      LOG.debug("closed while the lease of another node was being ended");
    }
  }
}
