package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The durable queues one session reads: what it takes of them, in the order of each, and how far
 * each is settled.
 */
final class QueueReaders {
  /**
   * How many offsets beyond the present one are marked as perhaps sent, so that this is stored
   * rarely.
   */
  private static final int SENT_RESERVE = 1000;

  private final SessionState state;
  private final SessionLimits limits;
  private final Effects effects;
  private final SubscriptionMatcher matcher;
  private final Window window;
  private final OutboundFlow flow;
  private final LeavingQueues leaving;

  /** In the order they may use the window; who has filled it goes to the end. */
  private Map<String, QueueReader> readers = Collections.emptyMap();

  QueueReaders(
      String clientId,
      SessionState state,
      SessionLimits limits,
      Effects effects,
      Window window,
      OutboundFlow flow) {
    this.state = state;
    this.limits = limits;
    this.effects = effects;
    this.matcher = new SubscriptionMatcher(state, clientId, limits.clockSkewMillis());
    this.window = window;
    this.flow = flow;
    this.leaving = new LeavingQueues(state, limits, effects, matcher, this);
  }

  static boolean isQueued(Subscription subscription) {
    return subscription.qos() != Qos.AT_MOST_ONCE && !subscription.filter().isShared();
  }

  LeavingQueues leaving() {
    return leaving;
  }

  Collection<QueueReader> all() {
    return readers.values();
  }

  @Nullable QueueReader get(String filter) {
    return readers.get(filter);
  }

  List<String> filters() {
    return new ArrayList<>(readers.keySet());
  }

  int buffered() {
    int count = 0;
    for (QueueReader reader : readers.values()) {
      count += reader.buffer.size();
    }
    return count;
  }

  void clear() {
    readers.clear();
  }

  void recover(long sentUntilMillis) {
    state.subscriptions.values().forEach(entry -> recover(entry, sentUntilMillis));
    state.leaving.values().forEach(entry -> recover(entry, sentUntilMillis));
  }

  private void recover(SessionState.Entry entry, long sentUntilMillis) {
    if (entry.readsQueue()) {
      add(new QueueReader(entry, sentUntilMillis));
    }
  }

  /** An identifier was stored for an offset by an earlier incarnation; false if nobody reads it. */
  boolean recoverAssigned(SessionEvent.Assigned a) {
    QueueReader reader = readers.get(a.filter());
    if (reader == null || a.offset() < reader.next) {
      return false;
    }
    reader.assigned.put(a.offset(), a.packetId());
    return true;
  }

  void open(SessionState.Entry entry) {
    if (!readers.containsKey(entry.subscription.filter().text())) {
      add(new QueueReader(entry));
    }
  }

  private void add(QueueReader reader) {
    if (readers.isEmpty()) {
      readers = new LinkedHashMap<>(2);
    }
    readers.put(reader.filter, reader);
  }

  /**
   * The subscription is about to go, or to get other options: what was sent of the queue is
   * completed without it.
   */
  void takeOut(QueueReader reader, boolean durable) {
    for (Inflight f : reader.outstanding) {
      f.reader = null;
      Message message = f.message;
      if (durable && !f.settled && f.phase == Inflight.Phase.PUBLISHED && message != null) {
        effects.persist(
            new SessionEvent.Assigned(f.packetId, reader.filter, f.offset, message, f.delivery));
      }
    }
    reader.outstanding.clear();
    reader.settledBelow = reader.buffer.isEmpty() ? reader.next : reader.buffer.getFirst().offset();
    checkpoint(reader, true);
  }

  /** Reads a queue no more; what was sent of it is completed. */
  void close(String filter) {
    QueueReader reader = readers.get(filter);
    if (reader != null) {
      takeOut(reader, true); // only sessions that outlive their connection read queues
      remove(filter);
    }
  }

  OutboundFlow flow() {
    return flow;
  }

  /** No longer reads a queue. */
  void remove(String filter) {
    QueueReader reader = readers.remove(filter);
    if (reader != null) {
      reader.assigned.values().forEach(this::releaseUnseen);
      reader.assigned.clear();
    }
  }

  /**
   * Ends an exchange whose message cannot be had any more. The client may have the message and hold
   * the packet identifier: PUBREL frees it on both sides.
   */
  private void releaseUnseen(int packetId) {
    Inflight f = Inflight.released(packetId);
    window.add(f);
    effects.persist(new SessionEvent.Released(packetId));
    window.enter(f);
    effects.pubrel(packetId, ReasonCode.SUCCESS);
  }

  void detach(boolean durable) {
    for (QueueReader reader : readers.values()) {
      reader.forgetBuffer();
      if (durable) {
        // what was not sent yet is not to look like it after the session has left memory
        long sentBelow = Math.max(reader.next, reader.dupBelow);
        if (reader.reservedBelow > sentBelow) {
          reader.reservedBelow = sentBelow;
          effects.persistLater(cursor(reader));
        }
      }
      checkpoint(reader, true);
    }
  }

  void onBatch(
      QueueReader reader,
      long fromOffset,
      List<QueuedMessage> messages,
      long nextOffset,
      int dropped,
      boolean inStep) {
    if (fromOffset > reader.next) {
      // something between was not seen, such as a batch pushed while this session was not
      // listening: read it
      if (reader.mode == QueueReader.Mode.IN_STEP) {
        reader.mode = QueueReader.Mode.BEHIND;
      }
      return;
    }
    if (dropped > 0) {
      effects.dropped(Effects.DropCause.QUEUE_FULL, dropped);
    }
    for (QueuedMessage m : messages) {
      if (m.offset() >= reader.next) {
        reader.noteReceived(m);
        reader.buffer.add(m);
        reader.bufferedBytes += m.message().sizeBytes();
      }
    }
    if (!reader.assigned.isEmpty()) {
      releaseMissing(reader, messages, nextOffset);
    }
    boolean atEnd = messages.isEmpty() && nextOffset <= reader.next;
    reader.next = Math.max(reader.next, nextOffset);
    changeMode(reader, fromOffset, inStep, atEnd);
  }

  /** Identifiers whose message the queue does not have any more: expired, or dropped at a limit. */
  private void releaseMissing(QueueReader reader, List<QueuedMessage> messages, long nextOffset) {
    Set<Long> there = new HashSet<>();
    messages.forEach(m -> there.add(m.offset()));
    reader
        .assigned
        .subMap(reader.next, Math.max(reader.next, nextOffset))
        .entrySet()
        .removeIf(
            entry -> {
              if (there.contains(entry.getKey())) {
                return false;
              }
              releaseUnseen(entry.getValue());
              return true;
            });
  }

  /**
   * A push that crossed a {@link Effects#pause} must not put the session in step: only the answer
   * to a read does, and then each push keeps it there.
   */
  private void changeMode(QueueReader reader, long fromOffset, boolean inStep, boolean atEnd) {
    boolean full =
        reader.buffer.size() > limits.pendingMessagesMax()
            || reader.bufferedBytes > limits.pendingBytesMax();
    boolean answer = reader.mode == QueueReader.Mode.READING && fromOffset == reader.readFrom;
    if (answer && atEnd && leaving.isLeaving(reader)) {
      reader.mode = QueueReader.Mode.AT_END;
      reader.atEndMillis = reader.readAtMillis;
    } else if (!inStep || leaving.isLeaving(reader)) {
      reader.mode = QueueReader.Mode.BEHIND;
    } else if (full) {
      effects.pause(reader.filter);
      reader.mode = QueueReader.Mode.BEHIND;
    } else if (answer) {
      reader.inStep();
    }
  }

  void pump() {
    do {
      leaving.startRound();
      pumpEach();
      // a queue that waited for another one may go on
    } while (leaving.isWorthAnotherRound() && window.hasRoom());
  }

  private void pumpEach() {
    QueueReader last = null;
    for (QueueReader reader : readers.values()) {
      last = pump(reader) ? reader : last;
      if (!window.hasRoom()) {
        break;
      }
    }
    if (last != null && readers.size() > 1 && !window.hasRoom()) {
      readers.remove(last.filter);
      readers.put(last.filter, last);
    }
  }

  /** Whether something was sent. */
  private boolean pump(QueueReader reader) {
    boolean sent = false;
    boolean draining = reader.entry.isDraining();
    while (!reader.buffer.isEmpty() && window.hasRoom() && !(draining && !effects.isFlowing())) {
      if (leaving.mustWait(reader, reader.buffer.getFirst().message())) {
        break;
      }
      QueuedMessage m = reader.buffer.removeFirst();
      reader.bufferedBytes -= m.message().sizeBytes();
      sent |= send(reader, m);
    }
    checkpoint(reader, false);
    if (reader.mode == QueueReader.Mode.BEHIND
        && reader.buffer.size() <= limits.pendingMessagesMax() / 4
        && window.hasRoom()) {
      reader.mode = QueueReader.Mode.READING;
      reader.readFrom = reader.next;
      reader.readAtMillis = effects.nowMillis();
      effects.read(reader.filter, reader.next);
    } else if (draining
        && !reader.leaving
        && reader.mode == QueueReader.Mode.IN_STEP
        && reader.buffer.isEmpty()) {
      reader.leaving = true;
      effects.leaveQueue(reader.entry.subscription);
    }
    return sent;
  }

  private boolean send(QueueReader reader, QueuedMessage m) {
    Message message = m.message();
    Integer assigned = reader.assigned.remove(m.offset());
    if (assigned != null) {
      sendAgain(reader, m, assigned);
      return true;
    }
    if (message.isExpired(effects.nowMillis())) {
      effects.dropped(Effects.DropCause.EXPIRED, 1);
      reader.skip(m.offset());
      return false;
    }
    Delivery delivery = matcher.deliver(message, reader.entry);
    Qos qos = delivery == null ? Qos.AT_MOST_ONCE : message.qos().min(delivery.qos());
    boolean complete = qos == Qos.EXACTLY_ONCE && m.offset() < reader.completeBelow;
    if (delivery == null || complete || !effects.mayDeliver(message, delivery)) {
      reader.skip(m.offset());
      return false;
    }
    if (qos == Qos.AT_MOST_ONCE) {
      effects.publish(message, delivery, 0, false);
      reader.skip(m.offset());
      return false;
    }
    Inflight f =
        new Inflight(window.takePacketId(), qos, message, delivery, reader, m.offset(), "");
    // below completeBelow it may have been sent at a higher QoS, for a subscription now gone
    long sentBelow = Math.max(reader.dupBelow, reader.completeBelow);
    boolean dup = qos == Qos.AT_LEAST_ONCE && m.offset() < sentBelow;
    window.add(f);
    reader.outstanding.add(f);
    if (qos == Qos.EXACTLY_ONCE) {
      effects.persist(new SessionEvent.Assigned(f.packetId, reader.filter, m.offset(), null, null));
    } else {
      reserve(reader, m.offset());
    }
    window.enter(f);
    f.sent = true;
    effects.publish(message, delivery, f.packetId, dup);
    return true;
  }

  /**
   * A QoS 2 exchange begun by an earlier incarnation goes on with its identifier, whatever became
   * of the subscriptions since (MQTT-4.4.0-1).
   */
  private void sendAgain(QueueReader reader, QueuedMessage m, int packetId) {
    Delivery now = matcher.deliver(m.message(), reader.entry);
    Delivery merged = now == null ? SubscriptionMatcher.of(reader.entry.subscription) : now;
    Delivery delivery =
        new Delivery(Qos.EXACTLY_ONCE, merged.retainAsPublished(), merged.subscriptionIds());
    Inflight f =
        new Inflight(packetId, Qos.EXACTLY_ONCE, m.message(), delivery, reader, m.offset(), "");
    f.sent = true;
    window.add(f);
    reader.outstanding.add(f);
    flow.resend(f);
  }

  /**
   * Before an offset is sent at QoS 1, it is stored that it may have been: else a crash would hide
   * the second copy.
   */
  private void reserve(QueueReader reader, long offset) {
    if (offset >= reader.reservedBelow) {
      reader.reservedBelow = offset + SENT_RESERVE;
      effects.persist(cursor(reader));
    }
  }

  private static SessionEvent cursor(QueueReader reader) {
    return new SessionEvent.CursorMoved(reader.filter, reader.settledBelow, reader.reservedBelow);
  }

  void settle(QueueReader reader, Inflight f) {
    reader.settle(f);
    checkpoint(reader, false);
  }

  private void checkpoint(QueueReader reader, boolean now) {
    if (reader.settledBelow > reader.checkpointed
        && (now || reader.settledSinceCheckpoint >= limits.checkpointEvery())) {
      reader.checkpointed = reader.settledBelow;
      reader.settledSinceCheckpoint = 0;
      effects.persistLater(cursor(reader));
      effects.settled(reader.filter, reader.settledBelow);
    }
  }

  void checkpointAll() {
    readers.values().forEach(r -> checkpoint(r, true));
  }

  void retryReads() {
    for (QueueReader reader : readers.values()) {
      if (reader.mode == QueueReader.Mode.READING) {
        reader.mode = QueueReader.Mode.BEHIND;
      }
    }
  }

  boolean isReading() {
    for (QueueReader reader : readers.values()) {
      if (reader.mode == QueueReader.Mode.READING) {
        return true;
      }
    }
    return false;
  }

  boolean hasUnstored() {
    for (QueueReader reader : readers.values()) {
      if (reader.settledBelow > reader.checkpointed) {
        return true;
      }
    }
    return false;
  }
}
