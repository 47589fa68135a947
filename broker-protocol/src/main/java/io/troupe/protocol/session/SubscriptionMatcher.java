package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of a session's own subscriptions match a queued message, merged into one delivery
 * (MQTT-3.3.4-2), and which of their queues delivers it: that of the oldest subscription in force
 * when the message was received, among equals the first by filter. The copies in the other queues
 * are skipped.
 *
 * <p>So which queue delivers a message follows from the message and the times of the subscriptions,
 * and never changes: not with a subscription made or changed later, and not with one that goes,
 * since its queue is read on ({@link SessionEvent.Unsubscribing}).
 */
final class SubscriptionMatcher {
  private final SessionState state;
  private final String clientId;
  private final long clockSkewMillis;

  SubscriptionMatcher(SessionState state, String clientId, long clockSkewMillis) {
    this.state = state;
    this.clientId = clientId;
    this.clockSkewMillis = clockSkewMillis;
  }

  /** How to deliver a message found in this entry's queue, or null: skip it. */
  @Nullable Delivery deliver(Message message, SessionState.Entry from) {
    from.seen(message.receivedAtMillis());
    if (isOnly(from)) {
      return applies(from.subscription, message) ? of(from.subscription) : null;
    }
    Qos qos = Qos.AT_MOST_ONCE;
    boolean retainAsPublished = false;
    boolean wanted = false;
    List<Integer> ids = new ArrayList<>(2);
    for (SessionState.Entry entry : state.subscriptions.values()) {
      Subscription s = entry.subscription;
      if (applies(s, message)) {
        // a subscription made later is not owed what another one, gone by now, has left
        wanted |= entry == from || message.receivedAtMillis() >= entry.atMillis;
        qos = s.qos().compareTo(qos) > 0 ? s.qos() : qos;
        retainAsPublished |= s.retainAsPublished();
        if (s.subscriptionId() != 0) {
          ids.add(s.subscriptionId());
        }
      }
    }
    if (!wanted || !applies(from.subscription, message) || !delivers(message, from)) {
      return null;
    }
    Qos had = from.subscription.qos();
    return new Delivery(had.compareTo(qos) > 0 ? had : qos, retainAsPublished, ids);
  }

  /** The usual case, in which there is nothing to choose. */
  private boolean isOnly(SessionState.Entry from) {
    return state.subscriptions.size() == 1 && state.leaving.isEmpty() && from.former.isEmpty();
  }

  boolean applies(Subscription s, Message message) {
    boolean own = s.noLocal() && message.publisher().equals(clientId);
    return !s.filter().isShared() && !own && s.filter().matches(message.topic());
  }

  private boolean delivers(Message message, SessionState.Entry from) {
    SessionState.Entry first = null;
    long firstSince = 0;
    for (int i = 0; i < 2; i++) {
      boolean active = i == 0;
      for (SessionState.Entry entry :
          active ? state.subscriptions.values() : state.leaving.values()) {
        Subscription s = entry.subscription;
        if (!entry.readsQueue() || !applies(s, message)) {
          continue;
        }
        long since = entry.surelySince(message.receivedAtMillis(), clockSkewMillis, active);
        if (since >= 0 && (first == null || isBefore(since, entry, firstSince, first))) {
          first = entry;
          firstSince = since;
        }
      }
    }
    if (first != null) {
      return first == from;
    }
    // it came while subscriptions were made: whose queue has it delivers it, unless others may too,
    // which would make it come twice or late
    boolean active = !state.leaving.containsKey(from.subscription.filter().text());
    return active
        && from.mayOwn(message.receivedAtMillis())
        && !(from.isFromItsMaking(message.receivedAtMillis()) && isOverlapped(message, from));
  }

  private boolean isOverlapped(Message message, SessionState.Entry from) {
    for (SessionState.Entry entry : state.subscriptions.values()) {
      if (entry != from && entry.readsQueue() && applies(entry.subscription, message)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBefore(
      long since, SessionState.Entry entry, long otherSince, SessionState.Entry other) {
    return since < otherSince || (since == otherSince && textBefore(entry, other));
  }

  private static boolean textBefore(SessionState.Entry a, SessionState.Entry b) {
    return a.subscription.filter().text().compareTo(b.subscription.filter().text()) < 0;
  }

  /**
   * Whether another queue may deliver messages because of this subscription: then it must be read
   * on when the subscription goes.
   */
  boolean othersRelyOn(SessionState.Entry leaving) {
    for (SessionState.Entry entry : state.subscriptions.values()) {
      Subscription s = entry.subscription;
      boolean ranksBehind =
          !leaving.former.isEmpty() || isBefore(leaving.atMillis, leaving, entry.atMillis, entry);
      if (entry != leaving
          && ranksBehind
          && entry.readsQueue()
          && s.filter().overlaps(leaving.subscription.filter())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a subscription still has a right to what the queue of one that is gone for the client
   * holds: one that overlaps it and was there before it went.
   */
  boolean isWanted(SessionState.Entry leaving) {
    for (SessionState.Entry entry : state.subscriptions.values()) {
      TopicFilter filter = entry.subscription.filter();
      if (!filter.isShared()
          && entry.atMillis <= leaving.leftAtMillis()
          && filter.overlaps(leaving.subscription.filter())) {
        return true;
      }
    }
    return false;
  }

  static Delivery of(Subscription s) {
    return new Delivery(
        s.qos(),
        s.retainAsPublished(),
        s.subscriptionId() == 0 ? List.of() : List.of(s.subscriptionId()));
  }
}
