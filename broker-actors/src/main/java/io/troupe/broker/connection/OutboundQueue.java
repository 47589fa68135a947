package io.troupe.broker.connection;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * What sessions send to the connections of one event loop: put in from any thread, drained by the
 * loop in one go with one flush per connection. Bounded by the sessions: QoS 0 is not put in for a
 * congested connection, QoS 1 and 2 only as far as the client's window allows.
 */
final class OutboundQueue {
  private static final int DRAIN_MAX = 4096;
  private static final long HELD_BACK_MILLIS = 20;

  private record Item(ClientConnection connection, Object content) {}

  private final EventLoop loop;
  private final Queue<Item> items = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final List<ClientConnection> touched = new ArrayList<>();
  private final Runnable drain = this::drain;
  private final Runnable flush = this::flushLater;
  private final BooleanSupplier mayAcknowledge;
  private boolean flushScheduled;

  /**
   * @param mayAcknowledge while it says no, nothing goes out: what sessions send either
   *     acknowledges or was decided by a node that may have been replaced
   */
  OutboundQueue(EventLoop loop, BooleanSupplier mayAcknowledge) {
    this.loop = loop;
    this.mayAcknowledge = mayAcknowledge;
  }

  /** Any thread. */
  void add(ClientConnection connection, Object content) {
    items.add(new Item(connection, content));
    if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
      loop.execute(drain);
    }
  }

  private void drain() {
    if (!mayAcknowledge.getAsBoolean()) {
      loop.schedule(drain, HELD_BACK_MILLIS, TimeUnit.MILLISECONDS);
      return;
    }
    scheduled.set(false);
    for (int i = 0; i < DRAIN_MAX; i++) {
      Item item = items.poll();
      if (item == null) {
        flushTouched();
        return;
      }
      item.connection.output(item.content);
    }
    flushTouched();
    if (scheduled.compareAndSet(false, true)) {
      loop.execute(drain);
    }
  }

  /** On the loop: the connection has written something; it is flushed when the loop's turn ends. */
  void touch(ClientConnection connection) {
    touched.add(connection);
    if (!flushScheduled) {
      flushScheduled = true;
      loop.execute(flush);
    }
  }

  private void flushLater() {
    flushScheduled = false;
    flushTouched();
  }

  private void flushTouched() {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).flushNow();
    }
    touched.clear();
  }
}
