package io.troupe.loadtest.history;

import io.troupe.protocol.packet.Qos;
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
  final Qos qosMax;
  final boolean shared;
  final List<String> members = new ArrayList<>();
  private final Subscriber first;

  /** From when on messages are due; {@link Period#NEVER} if none are. */
  private long dueFromNanos = Period.NEVER;

  private Audience(String name, Subscriber first) {
    this.name = name;
    this.first = first;
    this.qosMax = first.qosMax();
    this.shared = first.isShared();
  }

  /** All audiences of a history; a group's subscription counts from its first member's SUBACK. */
  static List<Audience> of(History history) {
    Map<String, Audience> audiences = new LinkedHashMap<>();
    for (Subscriber subscriber : history.subscribers.values()) {
      String name =
          subscriber.isShared() ? subscriber.filters().get(0).text() : subscriber.clientId();
      Audience audience = audiences.computeIfAbsent(name, n -> new Audience(n, subscriber));
      audience.members.add(subscriber.clientId());
      List<Period> periods = history.periodsOf(subscriber.clientId());
      if (subscriber.lasting() && !periods.isEmpty()) {
        // What came in an earlier period may have gone with its session or subscription.
        Period last = periods.get(periods.size() - 1);
        long from = last.endedAtNanos == Period.NEVER ? last.grantedAtNanos : Period.NEVER;
        audience.dueFromNanos = Math.min(audience.dueFromNanos, from);
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

  boolean matches(Flow flow) {
    return first.matches(flow.topic());
  }

  /** Whether the subscription stood before the message was offered. */
  boolean stoodBefore(Offer offer) {
    return dueFromNanos < offer.offeredAtNanos;
  }

  boolean isDue(Flow flow, Offer offer) {
    return offer.fate == Offer.Fate.TAKEN_OVER
        && flow.kind() != Flow.Kind.RETAINED
        && flow.expirySeconds() == 0
        && stoodBefore(offer)
        && flow.qos().min(qosMax) != Qos.AT_MOST_ONCE
        && matches(flow);
  }
}
