package io.troupe.broker.metrics;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions that the store could not give: it was not there, or took too long, or what it has is
 * damaged. Their clients are refused (Server unavailable) and may come again. Each is counted; one
 * a second is logged, with its cause, since a store that is gone fails all of them. Thread-safe.
 */
public final class UnreadSessions {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadSessions.class);
  private static final long LOG_NANOS = 1_000_000_000L;

  private final LongSupplier nanoTime;
  private final LongAdder count = new LongAdder();
  private final AtomicLong unlogged = new AtomicLong();
  private final AtomicLong loggedNanos;

  UnreadSessions(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.loggedNanos = new AtomicLong(nanoTime.getAsLong() - LOG_NANOS);
  }

  /**
   * Counts one.
   *
   * @param clientId as the client chose it
   */
  public void add(String clientId, Throwable cause) {
    count.increment();
    long last = loggedNanos.get();
    long now = nanoTime.getAsLong();
    if (now - last < LOG_NANOS || !loggedNanos.compareAndSet(last, now)) {
      unlogged.incrementAndGet();
      return;
    }
    LOG.error(
        "The session of client {} cannot be read from the store, who connects with it is refused:"
            + " {}{}",
        clientId.replaceAll("\\p{Cntrl}", "?"),
        reason(cause),
        others(unlogged.getAndSet(0)));
  }

  private static String reason(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage() == null ? root : root.getMessage());
  }

  private static String others(long count) {
    return count == 0 ? "" : " (and " + count + " others before)";
  }

  /** How many there were since the start. */
  public long count() {
    return count.sum();
  }
}
