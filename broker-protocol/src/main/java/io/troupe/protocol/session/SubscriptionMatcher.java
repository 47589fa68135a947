package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of a session's own subscriptions match a queued message, merged into one delivery
 * (MQTT-3.3.4-2), and which of their queues delivers it: the one with the highest QoS, among equals
 * the first by filter. The copies in the other queues are skipped.
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
    boolean own = message.publisher().equals(clientId);
    if (state.subscriptions.size() == 1) {
      return own && from.subscription.noLocal() ? null : of(from.subscription);
    }
    Qos qos = Qos.AT_MOST_ONCE;
    boolean retainAsPublished = false;
    List<Integer> ids = new ArrayList<>(2);
    SessionState.Entry chosen = null;
    for (SessionState.Entry entry : state.subscriptions.values()) {
      Subscription s = entry.subscription;
      if (s.filter().isShared() || (own && s.noLocal()) || !s.filter().matches(message.topic())) {
        continue;
      }
      qos = s.qos().compareTo(qos) > 0 ? s.qos() : qos;
      retainAsPublished |= s.retainAsPublished();
      if (s.subscriptionId() != 0) {
        ids.add(s.subscriptionId());
      }
      boolean surelyThere = message.receivedAtMillis() > entry.atMillis + clockSkewMillis;
      if (s.qos() != Qos.AT_MOST_ONCE
          && (entry == from || surelyThere)
          && isBefore(entry, chosen)) {
        chosen = entry;
      }
    }
    return chosen == from ? new Delivery(qos, retainAsPublished, ids) : null;
  }

  private static boolean isBefore(SessionState.Entry a, SessionState.@Nullable Entry b) {
    if (b == null) {
      return true;
    }
    int byQos = a.subscription.qos().compareTo(b.subscription.qos());
    return byQos > 0
        || (byQos == 0
            && a.subscription.filter().text().compareTo(b.subscription.filter().text()) < 0);
  }

  static Delivery of(Subscription s) {
    return new Delivery(
        s.qos(),
        s.retainAsPublished(),
        s.subscriptionId() == 0 ? List.of() : List.of(s.subscriptionId()));
  }
}
