package io.troupe.loadtest.history;

import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who is due one copy of a message: a plain subscriber, or all members of a share group together.
 */
final class Audience {
  /** A reception and who had it. */
  record Delivery(String clientId, Reception reception) {}

  final String name;
  final TopicFilter filter;
  final Qos qosMax;
  final boolean shared;
  final List<String> members = new ArrayList<>();
  long subscribedAtNanos = Long.MAX_VALUE;

  private Audience(String name, Subscriber first) {
    this.name = name;
    this.filter = first.filter();
    this.qosMax = first.qosMax();
    this.shared = first.filter().isShared();
  }

  /** All audiences of a history; a group's subscription counts from its first member's SUBACK. */
  static List<Audience> of(History history) {
    Map<String, Audience> audiences = new LinkedHashMap<>();
    for (Subscriber subscriber : history.subscribers.values()) {
      boolean shared = subscriber.filter().isShared();
      String name = shared ? subscriber.filter().text() : subscriber.clientId();
      Audience audience = audiences.computeIfAbsent(name, n -> new Audience(n, subscriber));
      audience.members.add(subscriber.clientId());
      Long at = history.subscribedAtNanos.get(subscriber.clientId());
      if (at != null) {
        audience.subscribedAtNanos = Math.min(audience.subscribedAtNanos, at);
      }
    }
    return List.copyOf(audiences.values());
  }

  /** What its members received, in order of arrival. */
  List<Delivery> deliveries(History history) {
    List<Delivery> all = new ArrayList<>();
    for (String member : members) {
      for (Reception reception : history.receptionsOf(member)) {
        all.add(new Delivery(member, reception));
      }
    }
    if (members.size() > 1) {
      all.sort(Comparator.comparingLong(d -> d.reception().atNanos()));
    }
    return all;
  }

  boolean isDue(Flow flow, Offer offer) {
    return offer.fate == Offer.Fate.TAKEN_OVER
        && flow.kind() != Flow.Kind.RETAINED
        && filter.matches(flow.topic())
        && subscribedAtNanos < offer.offeredAtNanos
        && flow.qos().min(qosMax) != Qos.AT_MOST_ONCE;
  }
}
