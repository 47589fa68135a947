package io.troupe.broker.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import io.troupe.broker.store.NodeLease;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
  private static final long LEASE_NANOS = TimeUnit.MILLISECONDS.toNanos(LEASE_MILLIS);

  private final CqlSession session;
  private final QueueTables tables;
  private final ScheduledExecutorService timer;
  private volatile long heldUntilNanos = System.nanoTime();
  private volatile boolean ended;
  private volatile boolean begun;
  private boolean renewing;

  /**
   * @param timer shut down when the store closes
   */
  CassandraLease(CqlSession session, QueueTables tables, ScheduledExecutorService timer) {
    this.session = session;
    this.tables = tables;
    this.timer = timer;
  }

  @Override
  public void begin(String incarnation, Runnable onEnded) {
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

  private void later(Runnable work, boolean over) {
    try {
      timer.schedule(work, over ? WAIT_MILLIS : RENEW_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      // This node ends itself; nothing here will go on.
      LOG.debug("closed while the lease of another node was being ended");
    }
  }
}
