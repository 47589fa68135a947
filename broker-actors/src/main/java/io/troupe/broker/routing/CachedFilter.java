package io.troupe.broker.routing;

import io.troupe.broker.config.SharedStrategy;
import io.troupe.protocol.topic.TopicFilter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A node's copy of one filter: who of its subscribers is online, and whether it has a durable
 * queue. Shared subscriptions of the same filter are groups within it. Written by {@link
 * RouteCache} only.
 */
final class CachedFilter {
  /** A shared subscription. */
  static final class Group {
    final TopicFilter filter;
    final SubscriberSet members = new SubscriberSet();
    final AtomicInteger turn = new AtomicInteger();
    volatile boolean queued;

    /** Who gets all messages with {@link SharedStrategy#STICKY}, if anybody has got one. */
    volatile @Nullable String sticky;

    Group(TopicFilter filter) {
      this.filter = filter;
    }
  }

  final int partition;
  final SubscriberSet subscribers = new SubscriberSet();
  volatile boolean queued;
  volatile Map<String, Group> groups = Map.of();

  CachedFilter(int partition) {
    this.partition = partition;
  }

  boolean isEmpty() {
    return !queued && subscribers.isEmpty() && groups.isEmpty();
  }

  boolean hasQueue() {
    if (queued) {
      return true;
    }
    for (Group group : groups.values()) {
      if (group.queued) {
        return true;
      }
    }
    return false;
  }

  void apply(RouteChange change) {
    String shareName = change.filter().shareName();
    if (shareName.isEmpty()) {
      queued = change.queued();
      apply(change, subscribers);
      return;
    }
    Group group = groups.get(shareName);
    if (group == null) {
      group = new Group(change.filter());
    }
    group.queued = change.queued();
    apply(change, group.members);
    boolean keep = group.queued || !group.members.isEmpty();
    if (keep != groups.containsKey(shareName)) {
      Map<String, Group> changed = new HashMap<>(groups);
      if (keep) {
        changed.put(shareName, group);
      } else {
        changed.remove(shareName);
      }
      groups = Map.copyOf(changed);
    }
  }

  private static void apply(RouteChange change, SubscriberSet set) {
    @Nullable Subscriber subscriber = change.subscriber();
    if (subscriber != null) {
      set.put(subscriber);
    } else if (!change.clientId().isEmpty()) {
      set.remove(change.clientId());
    }
  }
}
