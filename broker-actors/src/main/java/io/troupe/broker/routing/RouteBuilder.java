package io.troupe.broker.routing;

import static java.util.Objects.requireNonNull;

import akka.actor.typed.ActorRef;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.Subscription;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Merges the filters that match one topic into its {@link Route}. */
final class RouteBuilder {
  /** What one session's matching subscriptions come to. */
  private static final class Merge {
    private final ActorRef<ClientSessionActor.Command> session;
    private @Nullable Delivery all;
    private @Nullable Delivery withoutNoLocal;
    private boolean queued;

    Merge(ActorRef<ClientSessionActor.Command> session) {
      this.session = session;
    }

    void add(Subscriber subscriber, Delivery delivery) {
      all = merge(all, delivery);
      if (!subscriber.subscription().noLocal()) {
        withoutNoLocal = merge(withoutNoLocal, delivery);
      }
      queued |= subscriber.queued();
    }

    private static Delivery merge(@Nullable Delivery one, Delivery other) {
      if (one == null) {
        return other;
      }
      List<Integer> ids = one.subscriptionIds();
      if (!other.subscriptionIds().isEmpty()) {
        ids = new ArrayList<>(ids);
        ids.addAll(other.subscriptionIds());
      }
      return new Delivery(
          one.qos().compareTo(other.qos()) >= 0 ? one.qos() : other.qos(),
          one.retainAsPublished() || other.retainAsPublished(),
          List.copyOf(ids));
    }
  }

  private final Set<CachedFilter> filters = new LinkedHashSet<>();
  private final Map<Delivery, Delivery> deliveries = new HashMap<>();
  private @Nullable List<Target> atMostOnce;
  private @Nullable List<Target> acknowledged;

  /** Adds a matching filter; seen twice while its list turns into a trie, it counts once. */
  void add(CachedFilter filter) {
    filters.add(filter);
  }

  List<Target> targets(Qos qos) {
    if (atMostOnce == null) {
      collect();
    }
    return qos == Qos.AT_MOST_ONCE ? requireNonNull(atMostOnce) : requireNonNull(acknowledged);
  }

  private void collect() {
    Map<String, Merge> sessions = new LinkedHashMap<>();
    for (CachedFilter filter : filters) {
      Map<String, Subscriber> once = new LinkedHashMap<>();
      filter.subscribers.forEach(each -> once.put(each.clientId(), each));
      once.values().forEach(each -> merge(sessions, each));
    }
    List<Target> all = new ArrayList<>(sessions.size());
    List<Target> withoutQueue = new ArrayList<>();
    for (Map.Entry<String, Merge> entry : sessions.entrySet()) {
      Merge merge = entry.getValue();
      Delivery delivery = merge.all;
      if (delivery != null) {
        Target target = new Target(merge.session, entry.getKey(), delivery, merge.withoutNoLocal);
        all.add(target);
        if (!merge.queued) {
          withoutQueue.add(target);
        }
      }
    }
    atMostOnce = Collections.unmodifiableList(all);
    acknowledged =
        withoutQueue.size() == all.size() ? atMostOnce : Collections.unmodifiableList(withoutQueue);
  }

  private void merge(Map<String, Merge> collected, Subscriber subscriber) {
    ActorRef<ClientSessionActor.Command> session = subscriber.session();
    if (session != null) {
      collected
          .computeIfAbsent(subscriber.clientId(), id -> new Merge(session))
          .add(subscriber, delivery(subscriber.subscription()));
    }
  }

  private Delivery delivery(Subscription subscription) {
    Delivery delivery =
        new Delivery(
            subscription.qos(),
            subscription.retainAsPublished(),
            subscription.subscriptionId() == 0
                ? List.of()
                : List.of(subscription.subscriptionId()));
    return deliveries.computeIfAbsent(delivery, same -> same);
  }

  List<SharedTargets> shared(Qos qos) {
    List<SharedTargets> shared = new ArrayList<>();
    for (CachedFilter filter : filters) {
      for (CachedFilter.Group group : filter.groups.values()) {
        if (qos == Qos.AT_MOST_ONCE || !group.queued) {
          Map<String, Target> members = new LinkedHashMap<>();
          group.members.forEach(each -> putMember(members, each));
          if (!members.isEmpty()) {
            shared.add(new SharedTargets(List.copyOf(members.values()), group));
          }
        }
      }
    }
    return List.copyOf(shared);
  }

  private void putMember(Map<String, Target> members, Subscriber member) {
    ActorRef<ClientSessionActor.Command> session = member.session();
    if (session != null) {
      Delivery delivery = delivery(member.subscription());
      members.put(member.clientId(), new Target(session, member.clientId(), delivery, delivery));
    }
  }

  int[] partitions() {
    return filters.stream()
        .filter(CachedFilter::hasQueue)
        .mapToInt(filter -> filter.partition)
        .distinct()
        .sorted()
        .toArray();
  }
}
