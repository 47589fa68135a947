package io.troupe.broker.link;

import io.troupe.broker.connection.RemoteConnection;
import io.troupe.broker.connection.Undelivered;
import io.troupe.broker.metrics.LinkMetrics;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one other node: put in from any thread, taken out by its {@link LinkSenderActor}.
 *
 * <p>From {@value #FULL_BYTES} bytes on it is full: what may be dropped or read again later is not
 * put in. Everything else is bounded by windows, credits and Receive Maximum; should it come to
 * {@value #BROKEN_BYTES} bytes all the same, the link is given up.
 */
final class Outbox {
  static final long FULL_BYTES = 64L << 20;
  static final long BROKEN_BYTES = 256L << 20;

  private static final int EXPECTED_TICKS = 2400;

  private record Expected(Undelivered.Parcel parcel, long atTick) {}

  private final String node;
  private final Queue<LinkItem> items = new ConcurrentLinkedQueue<>();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Map<Long, RemoteConnection> connections = new ConcurrentHashMap<>();
  private final Map<Long, Expected> expected = new ConcurrentHashMap<>();
  private final LinkMetrics.Counts sent;
  private volatile long ticks;
  private volatile @Nullable Runnable wake;
  private volatile boolean closed;

  /**
   * @param node its incarnation
   */
  Outbox(String node, LinkMetrics.Counts sent) {
    this.node = node;
    this.sent = sent;
  }

  String node() {
    return node;
  }

  /** Who is to be woken when there is something. */
  void opened(Runnable sender) {
    wake = sender;
    wakeSender();
  }

  /** Puts an item in; false if the link is gone: it is settled, and will never arrive. */
  boolean offer(LinkItem item) {
    bytes.addAndGet(item.weight());
    waiting.incrementAndGet();
    items.add(item);
    if (closed) {
      settleAll();
      return false;
    }
    wakeSender();
    return true;
  }

  private void wakeSender() {
    Runnable sender = wake;
    if (sender != null && !scheduled.get() && scheduled.compareAndSet(false, true)) {
      sender.run();
    }
  }

  /** The sender looks; what comes from now on wakes it again. */
  void looking() {
    scheduled.set(false);
  }

  /** The next item to send; it counts until it is {@link #settled}. */
  @Nullable LinkItem poll() {
    return items.poll();
  }

  void settled(LinkItem item) {
    bytes.addAndGet(-item.weight());
    waiting.decrementAndGet();
    item.settled();
  }

  boolean isFull() {
    return bytes.get() > FULL_BYTES;
  }

  boolean isBroken() {
    return bytes.get() > BROKEN_BYTES;
  }

  long bytes() {
    return bytes.get();
  }

  /** How many items wait or are under way. */
  long waiting() {
    return waiting.get();
  }

  /** A session there will tell that it has taken a parcel, by this number. */
  void expect(long number, Undelivered.Parcel parcel) {
    expected.put(number, new Expected(parcel, ticks));
    if (closed) {
      took(number);
    }
  }

  /** A session there has taken a parcel, or never will; unknown numbers mean nothing. */
  void took(long number) {
    Expected one = expected.remove(number);
    if (one != null) {
      one.parcel.taken();
    }
  }

  /**
   * Four times a second: what was sent to a session that is no more is not expected for ever. What
   * waits for it learns by itself, much sooner, that it takes nothing.
   */
  void tick() {
    long now = ticks + 1;
    ticks = now;
    if (now % EXPECTED_TICKS == 0) {
      long before = now - EXPECTED_TICKS;
      expected.forEach(
          (number, one) -> {
            if (one.atTick < before) {
              took(number);
            }
          });
    }
  }

  /** A session here is attached to a connection there. */
  void attached(RemoteConnection connection) {
    connections.put(connection.id(), connection);
    if (closed && connections.remove(connection.id(), connection)) {
      connection.lost();
    }
  }

  void detached(RemoteConnection connection) {
    connections.remove(connection.id(), connection);
  }

  /** Nothing arrives any more. */
  void close() {
    closed = true;
    settleAll();
    expected.keySet().forEach(this::took);
    loseConnections();
  }

  /** Sessions lose their connections there. */
  void loseConnections() {
    for (RemoteConnection connection : List.copyOf(connections.values())) {
      if (connections.remove(connection.id(), connection)) {
        connection.lost();
      }
    }
  }

  private void settleAll() {
    for (LinkItem item = items.poll(); item != null; item = items.poll()) {
      sent.dropped().increment();
      settled(item);
    }
  }
}
