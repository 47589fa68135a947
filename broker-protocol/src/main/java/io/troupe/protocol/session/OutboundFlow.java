package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.WaitingMessages.Waiting;
import io.troupe.protocol.topic.TopicFilter;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Broker to client: packet identifiers, the window of Receive Maximum (MQTT-3.3.4-9), redelivery
 * (MQTT-4.4.0-1), the order of messages (4.6), and the queues this session reads.
 *
 * <p>A message comes from a durable queue ({@link #onQueueBatch}), from a shared subscription
 * ({@link #onShared}) or directly ({@link #onDirect}). It is sent when the window has room, in the
 * order of its source.
 *
 * <pre>
 *   detached --attach--> attached (takes messages) --start--> sends --detach--> detached
 * </pre>
 */
public final class OutboundFlow {
  private record Held(String filter, long offset) {}

  private final SessionState state;
  private final SessionLimits limits;
  private final Effects effects;
  private final Window window;
  private final QueueReaders queues;
  private final WaitingMessages waiting;

  /**
   * What shared subscriptions assigned and the client has not completed: recognised if repeated.
   */
  private Set<Held> held = Collections.emptySet();

  /**
   * What shared subscriptions assigned at QoS 1 and an earlier connection did not acknowledge:
   * other members get it, unless it comes back to this one.
   */
  private Set<Held> sentBefore = Collections.emptySet();

  /** When the SUBSCRIBE came that is under way for a filter, milliseconds since the epoch. */
  private Map<String, Long> asked = Collections.emptyMap();

  private boolean durable;
  private boolean attached;
  private boolean started;
  private int receiveMaximum;

  public OutboundFlow(String clientId, SessionState state, SessionLimits limits, Effects effects) {
    this.state = state;
    this.limits = limits;
    this.effects = effects;
    this.window = new Window(state, limits.inflightBytesMax());
    this.queues = new QueueReaders(clientId, state, limits, effects, window, this);
    this.waiting = new WaitingMessages(limits);
  }

  /**
   * After the state was replayed: opens what an earlier incarnation left unfinished.
   *
   * @param receivedUntilMillis messages the broker received later were not sent by it
   */
  public void recover(long receivedUntilMillis) {
    queues.recover(receivedUntilMillis + limits.clockSkewMillis());
    for (SessionEvent.Assigned a : state.assigned.values()) {
      window.startAfter(a.packetId());
      Message message = a.message();
      Delivery delivery = a.delivery();
      if (message != null && delivery != null) {
        Qos qos = message.qos().min(delivery.qos());
        boolean isShared = TopicFilter.parse(a.filter()).filter(TopicFilter::isShared).isPresent();
        String shared = isShared ? a.filter() : "";
        Inflight f = new Inflight(a.packetId(), qos, message, delivery, null, a.offset(), shared);
        f.sent = true;
        add(f);
      } else if (!queues.recoverAssigned(a)) {
        window.add(Inflight.released(a.packetId()));
      }
    }
    for (int packetId : state.released) {
      window.startAfter(packetId);
      window.add(Inflight.released(packetId));
    }
  }

  /**
   * A connection was attached. Messages are taken in; they are sent from {@link #start} on.
   *
   * @param durable whether the session outlives its connection
   */
  public void attach(boolean durable, int receiveMaximum) {
    this.durable = durable;
    this.attached = true;
    this.started = false;
    this.receiveMaximum = Math.min(receiveMaximum, limits.inflightMax());
  }

  /**
   * CONNACK is out: what is unacknowledged will be sent again, in its first order, by {@link
   * #pump}, and the queues are read.
   */
  public void start() {
    started = true;
    window.open(receiveMaximum);
    queues.filters().forEach(this::onQueueOpen);
  }

  /**
   * The connection is gone. Buffers are forgotten, cursors and unacknowledged messages kept (and
   * stored, if durable). What a shared subscription assigned at QoS 1, or was not sent, is for
   * other members.
   */
  public void detach() {
    attached = false;
    started = false;
    window.close();
    sentBefore.clear();
    for (Inflight f : window.all()) {
      if (f.isShared() && f.qos == Qos.AT_LEAST_ONCE) {
        if (sentBefore.isEmpty()) {
          sentBefore = new HashSet<>();
        }
        sentBefore.add(new Held(f.sharedFilter, f.offset));
      }
    }
    window.removeIf(f -> f.isShared() && f.qos == Qos.AT_LEAST_ONCE);
    while (!waiting.isEmpty()) {
      Waiting w = waiting.removeFirst();
      if (durable && !w.isShared() && w.qos() != Qos.AT_MOST_ONCE) {
        int packetId = window.takePacketId();
        if (packetId != 0) {
          hold(packetId, w);
        } else {
          effects.dropped(Effects.DropCause.PENDING_FULL, 1);
        }
      }
    }
    waiting.clear();
    asked = Collections.emptyMap();
    held.clear();
    window.all().forEach(this::noteHeld);
    queues.filters().forEach(this::onQueueLeft);
    queues.detach(durable);
  }

  /**
   * Whether a subscription that is about to be made replaces one at QoS 0 whose queue is to be read
   * on: its partition is asked for QoS 1 until nothing is left there.
   */
  public boolean keepsQueue(Subscription subscription) {
    String filter = subscription.filter().text();
    return subscription.qos() == Qos.AT_MOST_ONCE
        && state.subscriptions.containsKey(filter)
        && queues.get(filter) != null;
  }

  /**
   * The partition pushes nothing of a queue any more that {@link Effects#leaveQueue} left, or the
   * subscription is made again before it has said so.
   */
  public void onQueueLeft(String filter) {
    QueueReader reader = queues.get(filter);
    if (reader != null && reader.leaving && reader.entry.isDraining()) {
      queues.takeOut(reader, durable);
      queues.remove(filter);
      effects.persist(new SessionEvent.QueueLeft(filter));
    }
  }

  /** SUBSCRIBE has come, before its partition is asked. */
  public void asked(String filter) {
    if (asked.isEmpty()) {
      asked = new HashMap<>(2);
    }
    asked.putIfAbsent(filter, effects.nowMillis());
  }

  /** The partition has refused a subscription, or not answered in time. */
  public void refused(String filter) {
    if (!asked.isEmpty()) {
      asked.remove(filter);
    }
  }

  boolean isAsked(String filter) {
    return asked.containsKey(filter);
  }

  /**
   * A subscription is about to be stored. If it replaces one with another QoS, what was sent for
   * that one is completed as it was begun, and nothing is lost (MQTT-3.8.4-4): what its queue holds
   * is delivered for the new one, at QoS 0 too.
   */
  public void subscribing(Subscription subscription) {
    String filter = subscription.filter().text();
    QueueReader reader = queues.get(filter);
    if (reader == null || reader.entry.subscription.qos() == subscription.qos()) {
      return;
    }
    queues.takeOut(reader, durable);
    reader.leaving = false;
    if (!QueueReaders.isQueued(subscription)) {
      effects.persist(new SessionEvent.Draining(filter));
    }
  }

  /**
   * A subscription was stored: it is new or was made again. Sends nothing yet.
   *
   * @return whether it has a queue this session reads
   */
  public boolean subscribed(SessionState.Entry entry) {
    String filter = entry.subscription.filter().text();
    Long askedAt = asked.isEmpty() ? null : asked.remove(filter);
    if (askedAt != null) {
      entry.madeSince(askedAt);
    }
    takeShared(filter, waiting.takeEarly(filter), List.of());
    if (!durable || !entry.readsQueue()) {
      return false;
    }
    queues.open(entry);
    return true;
  }

  /**
   * The subscription is effective: reads what the queue got since, which also puts the session in
   * step.
   */
  public void onQueueOpen(String filter) {
    QueueReader reader = queues.get(filter);
    if (reader != null) {
      reader.mode = QueueReader.Mode.BEHIND;
      reader.leaving = false;
    }
  }

  /** The first offset of a queue not taken yet; 0 if this session reads no such queue. */
  public long nextOffset(String filter) {
    QueueReader reader = queues.get(filter);
    return reader == null ? 0 : reader.next;
  }

  /**
   * UNSUBSCRIBE has come, before its partition is asked. What a shared subscription assigned and
   * was not sent is for other members.
   *
   * @return whether the session must go on reading the queue ({@link LeavingQueues#unsubscribing})
   */
  public boolean unsubscribing(String filter) {
    waiting.forgetShared(filter);
    return queues.leaving().unsubscribing(filter);
  }

  /**
   * A subscription is gone: nothing new is sent; what was sent is completed, also after a crash
   * (MQTT-3.10.4-3). A queue that is read on stays.
   */
  public void unsubscribed(String filter) {
    waiting.forgetShared(filter);
    queues.leaving().unsubscribed(filter);
  }

  /** Queues read on after UNSUBSCRIBE. */
  public LeavingQueues leaving() {
    return queues.leaving();
  }

  /** Forgets everything: the session was discarded. */
  public void discard() {
    window.clear();
    waiting.clear();
    queues.clear();
    asked = Collections.emptyMap();
    held.clear();
    sentBefore.clear();
  }

  /** Messages of QoS 1 and 2 that are in no queue. */
  public void onDirect(List<Message> messages, Delivery delivery) {
    for (Message message : messages) {
      enqueue(new Waiting(message, delivery, "", 0, false));
    }
    pump();
  }

  /** Messages that a shared subscription assigned to this member. */
  public void onShared(String filter, List<QueuedMessage> messages) {
    onShared(filter, messages, List.of());
  }

  /**
   * The same with messages that were assigned before.
   *
   * @param again offsets that this or another member may have got before: sent with DUP
   */
  public void onShared(String filter, List<QueuedMessage> messages, List<Long> again) {
    if (attached) {
      takeShared(filter, messages, again);
      pump();
    }
  }

  private void takeShared(String filter, List<QueuedMessage> messages, List<Long> again) {
    if (messages.isEmpty()) {
      return;
    }
    SessionState.Entry entry = state.subscriptions.get(filter);
    if (entry == null) {
      waiting.keepEarly(filter, messages); // other filters of its SUBSCRIBE are not answered yet
      return;
    }
    Delivery delivery = SubscriptionMatcher.of(entry.subscription);
    for (QueuedMessage m : messages) {
      Held place = new Held(filter, m.offset());
      boolean dup = sentBefore.remove(place) || again.contains(m.offset());
      Waiting w = new Waiting(m.message(), delivery, filter, m.offset(), dup);
      if (w.qos() == Qos.EXACTLY_ONCE && entry.hasTaken(m.offset())) {
        release(w); // its partition has forgotten that this session took it over
        continue;
      }
      if (!held.contains(place)) {
        if (!waiting.contains(filter, m.offset())) {
          enqueue(w);
        }
      } else if (w.qos() == Qos.EXACTLY_ONCE) {
        release(w);
      }
    }
  }

  private void enqueue(Waiting w) {
    if (!waiting.offer(w)) {
      effects.dropped(Effects.DropCause.PENDING_FULL, 1);
    }
  }

  /** A batch of a durable queue: pushed or read. */
  public void onQueueBatch(
      String filter,
      long fromOffset,
      List<QueuedMessage> messages,
      long nextOffset,
      int dropped,
      boolean inStep) {
    QueueReader reader = queues.get(filter);
    if (reader != null && started) {
      queues.onBatch(reader, fromOffset, messages, nextOffset, dropped, inStep);
      pump();
      queues.leaving().closeDrained();
    }
  }

  /** Asks again for what a lost answer left unread; to be called now and then. */
  public void retryReads() {
    queues.retryReads();
    pump();
  }

  /** Whether a read is under way. */
  public boolean isReading() {
    return started && queues.isReading();
  }

  /**
   * Whether {@link #retryReads}, {@link #checkpointAll} or {@link #leaving} has something to do.
   */
  public boolean needsTick() {
    return isReading() || queues.hasUnstored() || (started && queues.leaving().needsPoll());
  }

  /** PUBACK (MQTT-4.3.2-5); an unknown packet identifier is ignored. */
  public void onPuback(int packetId) {
    Inflight f = window.get(packetId);
    if (f != null && f.qos == Qos.AT_LEAST_ONCE) {
      complete(f);
    }
  }

  /** PUBREC: stored, then PUBREL (MQTT-4.3.3-4); an error code ends the exchange. */
  public void onPubrec(int packetId, ReasonCode reason) {
    Inflight f = window.get(packetId);
    boolean known = f != null && f.qos == Qos.EXACTLY_ONCE;
    if (f != null && known && reason.isError()) {
      complete(f);
    } else if (f != null && known) {
      received(f);
      effects.pubrel(packetId, ReasonCode.SUCCESS);
    } else if (!reason.isError()) {
      effects.pubrel(packetId, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
    }
  }

  /** The client has the message: from now on only PUBREL is sent (MQTT-4.3.3-7). */
  private void received(Inflight f) {
    if (f.phase == Inflight.Phase.PUBLISHED) {
      f.phase = Inflight.Phase.RELEASED;
      effects.persist(new SessionEvent.Released(f.packetId));
      settle(f);
    }
  }

  /** PUBCOMP: the packet identifier is free. */
  public void onPubcomp(int packetId) {
    Inflight f = window.get(packetId);
    if (f != null && f.phase == Inflight.Phase.RELEASED) {
      complete(f);
    }
  }

  private void complete(Inflight f) {
    boolean stored = durable && f.reader == null && !f.isShared();
    if (f.qos == Qos.EXACTLY_ONCE || stored) {
      effects.persistLater(new SessionEvent.Completed(f.packetId));
    }
    window.remove(f);
    if (f.isShared()) {
      held.remove(new Held(f.sharedFilter, f.offset));
    }
    settle(f);
  }

  private void settle(Inflight f) {
    if (f.settled) {
      return;
    }
    f.settled = true;
    if (f.reader != null) {
      queues.settle(f.reader, f);
    } else if (f.isShared() && f.qos == Qos.AT_LEAST_ONCE) {
      effects.sharedSettled(f.sharedFilter, f.offset);
    }
  }

  /** Stores cursors that moved since the last time; to be called now and then. */
  public void checkpointAll() {
    queues.checkpointAll();
  }

  /** Sends what the window has room for: first again what is unacknowledged, then what waits. */
  public void pump() {
    if (!started) {
      return;
    }
    while (window.hasToResend() && window.hasRoomForResend()) {
      resend(window.nextToResend());
    }
    if (window.hasToResend()) {
      return;
    }
    while (!waiting.isEmpty() && (waiting.first().qos() == Qos.AT_MOST_ONCE || window.hasRoom())) {
      send(waiting.removeFirst());
    }
    queues.pump();
  }

  /**
   * Sends a message again, unless the client may not have it any more: then it is completed without
   * (MQTT-3.1.2-25).
   */
  void resend(Inflight f) {
    Message message = f.message;
    if (f.phase == Inflight.Phase.RELEASED || message == null) {
      window.enter(f);
      effects.pubrel(f.packetId, ReasonCode.SUCCESS);
    } else if (!f.sent && message.isExpired(effects.nowMillis())) {
      effects.dropped(Effects.DropCause.EXPIRED, 1);
      complete(f);
    } else if (effects.mayDeliver(message, f.delivery)) {
      window.enter(f);
      effects.publish(message, f.delivery, f.packetId, f.sent);
      f.sent = true;
    } else if (f.sent && f.qos == Qos.EXACTLY_ONCE) {
      // the client may hold the packet identifier: PUBREL frees it on both sides
      received(f);
      window.enter(f);
      effects.pubrel(f.packetId, ReasonCode.SUCCESS);
    } else {
      complete(f);
    }
  }

  private void send(Waiting w) {
    if (w.message().isExpired(effects.nowMillis())) {
      effects.dropped(Effects.DropCause.EXPIRED, 1);
      release(w);
      return;
    }
    if (w.isShared() && !effects.isAuthorized(w.message())) {
      effects.sharedRefused(w.sharedFilter(), w.offset());
      return;
    }
    if (!effects.mayDeliver(w.message(), w.delivery())) {
      release(w);
      return;
    }
    if (w.qos() == Qos.AT_MOST_ONCE) {
      effects.publish(w.message(), w.delivery(), 0, false);
      release(w);
      return;
    }
    Inflight f = hold(window.takePacketId(), w);
    window.enter(f);
    f.sent = true;
    effects.publish(w.message(), w.delivery(), f.packetId, w.dup() && w.qos() == Qos.AT_LEAST_ONCE);
    if (w.qos() == Qos.EXACTLY_ONCE) {
      release(w);
    }
  }

  /**
   * Gives a message a packet identifier; a durable session stores it with its content. Of a shared
   * subscription at QoS 2 every session notes that it is its own now.
   */
  private Inflight hold(int packetId, Waiting w) {
    Inflight f =
        new Inflight(
            packetId, w.qos(), w.message(), w.delivery(), null, w.offset(), w.sharedFilter());
    add(f);
    boolean once = w.qos() == Qos.EXACTLY_ONCE;
    if (w.isShared() ? once : durable) {
      effects.persist(
          new SessionEvent.Assigned(
              packetId, w.sharedFilter(), w.offset(), w.message(), w.delivery()));
    }
    return f;
  }

  private void add(Inflight f) {
    window.add(f);
    noteHeld(f);
  }

  private void noteHeld(Inflight f) {
    if (f.isShared()) {
      if (held.isEmpty()) {
        held = new HashSet<>();
      }
      held.add(new Held(f.sharedFilter, f.offset));
    }
  }

  /** This member needs nothing of the shared subscription's queue for a message any more. */
  private void release(Waiting w) {
    if (w.isShared()) {
      effects.sharedSettled(w.sharedFilter(), w.offset());
    }
  }

  /** Messages sent and not acknowledged. */
  public int inflightCount() {
    return window.all().size();
  }

  /** Messages held in memory and not sent. */
  public int pendingCount() {
    return waiting.size() + queues.buffered();
  }

  /** Whether messages that are in no queue can be taken in without dropping any soon. */
  public boolean hasRoom() {
    return waiting.hasRoom();
  }

  /** Filters of the queues this session reads. */
  public Collection<String> queues() {
    return queues.filters();
  }

  /** How many exchanges occupy the window of this connection. */
  int windowUsed() {
    return window.used();
  }

  @Nullable Inflight inflight(int packetId) {
    return window.get(packetId);
  }
}
