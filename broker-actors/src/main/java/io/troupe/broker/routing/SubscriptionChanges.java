package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.session.ClientSessionActor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Subscribe, Unsubscribe and Offline: gathers all that are waiting, stores their events together,
 * then carries them out in order. Answers go out when all nodes have confirmed.
 */
final class SubscriptionChanges {
  private record Asked(
      @Nullable ActorRef<RouteCacheActor.Command> node,
      long requestId,
      TopicPartitionActor.SubscriptionCommand command) {}

  private record Key(String filter, String clientId) {}

  private final PartitionScope scope;
  private final QueueLoads loads;
  private final ReadStage reads;
  private final SharedStage shared;
  private List<Asked> gathered = new ArrayList<>();

  /** Filters whose queue may have lost its last subscriber. */
  private final Set<String> perhapsUnused = new LinkedHashSet<>();

  private boolean flushAsked;

  SubscriptionChanges(PartitionScope scope, QueueLoads loads, ReadStage reads, SharedStage shared) {
    this.scope = scope;
    this.loads = loads;
    this.reads = reads;
    this.shared = shared;
  }

  void ask(
      @Nullable ActorRef<RouteCacheActor.Command> node,
      long requestId,
      TopicPartitionActor.SubscriptionCommand command) {
    gathered.add(new Asked(node, requestId, command));
    askFlush();
  }

  /** Comes back after all that is in the mailbox now, so that it is stored together. */
  void askFlush() {
    if (!flushAsked) {
      flushAsked = true;
      scope.self.tell(new TopicPartitionActor.Flush());
    }
  }

  boolean isIdle() {
    return gathered.isEmpty() && perhapsUnused.isEmpty();
  }

  void flush() {
    flushAsked = false;
    if (!scope.links.isReady()) {
      return;
    }
    List<Asked> batch = gathered;
    gathered = new ArrayList<>();
    Set<Key> planned = new HashSet<>();
    Set<String> wanted = new HashSet<>();
    Set<String> opened = new HashSet<>();
    boolean again = false;
    for (Asked asked : batch) {
      Key key = new Key(asked.command().filter(), asked.command().clientId());
      FilterState filter = scope.state.filter(asked.command().filter());
      if (planned.contains(key)) {
        // To be planned with the state that the one before leaves, which is not stored yet.
        gathered.add(asked);
        again = true;
        continue;
      }
      if (filter != null && !loads.loaded(filter)) {
        gathered.add(asked); // its turn comes when the queue is loaded
        continue;
      }
      planned.add(key);
      if (asked.command() instanceof TopicPartitionActor.Subscribe subscribe) {
        wanted.add(subscribe.filter());
        plan(asked, subscribe, opened);
      } else if (asked.command() instanceof TopicPartitionActor.Unsubscribe unsubscribe) {
        plan(asked, unsubscribe);
      } else if (asked.command() instanceof TopicPartitionActor.Offline offline) {
        plan(asked, offline);
      } else {
        throw new AssertionError(asked.command());
      }
    }
    closeUnused(wanted);
    if (again) {
      askFlush();
    }
  }

  /** A queue was loaded: what waited for it can go on. */
  void onQueueLoaded() {
    if (!gathered.isEmpty()) {
      askFlush();
    }
  }

  /**
   * Closes the queues that nobody needs, except those that a command still waits for.
   *
   * @param wanted filters that a command of now may need the queue of
   */
  private void closeUnused(Set<String> wanted) {
    Set<String> awaited = new HashSet<>();
    gathered.forEach(asked -> awaited.add(asked.command().filter()));
    for (String text : perhapsUnused) {
      FilterState filter = scope.state.filter(text);
      DurableQueue queue = filter == null ? null : filter.queue;
      if (filter != null
          && queue != null
          && !wanted.contains(text)
          && !awaited.contains(text)
          && !filter.needsQueue()) {
        if (filter.group != null && queue.isLoaded()) {
          scope.dropped(DropReason.SESSION_ENDED, filter.group.open(queue.end()));
        }
        scope.persist(new PartitionEvent.QueueClosed(text, filter.queueId));
        scope.after(
            () -> {
              scope.log.deleteQueue(queue.id);
              reads.forget(queue);
              scope.links.tell(new RouteChange(filter.filter, false, "", null), () -> {});
            });
      }
    }
    perhapsUnused.retainAll(awaited);
  }

  // Subscribe.

  private void plan(Asked asked, TopicPartitionActor.Subscribe command, Set<String> opened) {
    Subscriber wanted = command.subscriber();
    FilterState filter = scope.state.filter(command.filter());
    SubscriberState known = filter == null ? null : filter.subscribers.get(wanted.clientId());
    DurableQueue queue = filter == null ? null : filter.queue;
    if (wanted.queued() && queue == null && opened.add(command.filter())) {
      scope.persist(
          new PartitionEvent.QueueOpened(
              command.filter(), scope.state.nextQueueId + opened.size() - 1));
      scope.after(() -> loadFresh(command.filter()));
    }
    if (wanted.durable()) {
      if (known == null || !isStored(known, wanted)) {
        scope.persist(
            new PartitionEvent.SubscriberStored(
                wanted.clientId(),
                wanted.subscription(),
                wanted.limits(),
                wanted.credit(),
                queue == null ? 1 : queue.assigned()));
      }
    } else if (known != null && known.durable) {
      scope.persist(new PartitionEvent.SubscriberForgotten(command.filter(), wanted.clientId()));
    }
    boolean existed = known != null;
    scope.after(() -> subscribed(asked, command, existed));
  }

  private void loadFresh(String text) {
    FilterState filter = scope.state.filter(text);
    if (filter != null && filter.queue != null && !filter.queue.isLoaded()) {
      filter.queue.loadFresh();
    }
  }

  private static boolean isStored(SubscriberState known, Subscriber wanted) {
    return known.durable
        && known.subscription.equals(wanted.subscription())
        && known.limits.equals(wanted.limits())
        && known.credit == wanted.credit();
  }

  private void subscribed(Asked asked, TopicPartitionActor.Subscribe command, boolean existed) {
    Subscriber wanted = command.subscriber();
    FilterState filter = scope.state.filterOrNew(wanted.subscription().filter());
    SubscriberState subscriber = filter.subscriberOrNew(wanted.clientId(), wanted.subscription());
    boolean sameSession = Objects.equals(subscriber.session, wanted.session());
    subscriber.confirmed &= sameSession;
    subscriber.subscription = wanted.subscription();
    subscriber.limits = wanted.limits();
    subscriber.credit = wanted.credit();
    subscriber.session = wanted.session();
    subscriber.node = asked.node();
    DurableQueue queue = filter.queue;
    filter.joinQueue(subscriber, queue == null ? 1 : queue.assigned());
    if (!sameSession) {
      filter.putInStep(subscriber, false);
    }
    if (queue != null && !subscriber.queued()) {
      perhapsUnused(filter);
    }
    long endOffset = 0;
    if (queue != null && subscriber.readsQueue()) {
      endOffset = command.nextOffset() == 0 ? queue.effectiveCursor(subscriber) : queue.end();
    }
    ClientSessionActor.SubscriptionEffective answer =
        new ClientSessionActor.SubscriptionEffective(command.filter(), existed, endOffset);
    tell(
        filter,
        subscriber,
        () -> {
          subscriber.confirmed = true;
          scope.sessions.tell(command.replyTo(), answer);
          done(asked);
          shared.onMember(filter, subscriber);
        });
  }

  /** Tells the nodes how things stand with a subscriber now. */
  private void tell(FilterState filter, SubscriberState subscriber, Runnable done) {
    boolean online =
        filter.subscribers.get(subscriber.clientId) == subscriber && subscriber.isOnline();
    scope.links.tell(
        new RouteChange(
            filter.filter,
            filter.hasQueue(),
            subscriber.clientId,
            online ? subscriber.asSubscriber() : null),
        done);
  }

  private void done(Asked asked) {
    scope.links.tellDone(
        asked.node(),
        new PartitionUpdate.Done(
            asked.command().filter(), asked.command().clientId(), asked.requestId()));
  }

  private void perhapsUnused(FilterState filter) {
    if (filter.hasQueue() && !filter.needsQueue()) {
      perhapsUnused.add(filter.text());
      askFlush();
    }
  }

  // Unsubscribe.

  private void plan(Asked asked, TopicPartitionActor.Unsubscribe command) {
    FilterState filter = scope.state.filter(command.filter());
    SubscriberState known = filter == null ? null : filter.subscribers.get(command.clientId());
    boolean existed = known != null;
    Runnable answer =
        () -> {
          scope.sessions.tell(
              command.replyTo(),
              new ClientSessionActor.UnsubscriptionEffective(command.filter(), existed));
          done(asked);
        };
    if (command.keep() && known != null && known.durable && known.readsQueue()) {
      scope.after(() -> offline(command.topicFilter().text(), known, answer));
      return;
    }
    release(filter, command.clientId(), command.taken());
    if (known != null && known.durable) {
      scope.persist(new PartitionEvent.SubscriberForgotten(command.filter(), command.clientId()));
    }
    long abandoned = 0;
    if (filter != null && filter.queue != null && known != null && known.cursor != 0) {
      abandoned = filter.queue.end() - filter.queue.effectiveCursor(known);
    }
    scope.dropped(DropReason.SESSION_ENDED, abandoned);
    scope.after(
        () -> {
          if (known == null) {
            // Not before all nodes have heard of an earlier one that is still on its way to them.
            FilterState now = scope.state.filter(command.filter());
            boolean queued = now != null && now.hasQueue();
            scope.links.tell(
                new RouteChange(command.topicFilter(), queued, command.clientId(), null), answer);
            if (now != null) {
              shared.dispatch(now);
            }
          } else {
            unsubscribed(command.topicFilter().text(), known, answer);
          }
        });
  }

  private void unsubscribed(String text, SubscriberState subscriber, Runnable answer) {
    FilterState filter = scope.state.filter(text);
    if (filter == null) {
      // Removed with its stored subscriber, by the event: the nodes still have to know.
      scope.links.tell(
          new RouteChange(subscriber.subscription.filter(), false, subscriber.clientId, null),
          answer);
      return;
    }
    filter.remove(subscriber);
    if (filter.group != null) {
      scope.dropped(DropReason.SESSION_ENDED, filter.group.gone(subscriber.clientId));
      shared.progressed(filter);
    }
    tell(filter, subscriber, answer);
    perhapsUnused(filter);
    scope.state.dropIfEmpty(filter);
    shared.dispatch(filter);
  }

  /** A member goes: what is assigned to it for good, but was not taken over, is for others. */
  private void release(@Nullable FilterState filter, String clientId, @Nullable List<Long> taken) {
    if (filter == null || filter.group == null || taken == null) {
      return;
    }
    List<Long> rest = filter.group.notTaken(clientId, taken);
    if (!rest.isEmpty()) {
      scope.persist(new PartitionEvent.SharedAssigned(filter.text(), "", rest));
    }
  }

  // Offline.

  private void plan(Asked asked, TopicPartitionActor.Offline command) {
    FilterState filter = scope.state.filter(command.filter());
    SubscriberState subscriber = filter == null ? null : filter.subscribers.get(command.clientId());
    if (subscriber == null || isOfAnother(subscriber, command)) {
      scope.after(() -> done(asked));
      return;
    }
    release(filter, command.clientId(), command.taken());
    scope.after(() -> offline(asked, command));
  }

  /** Whether another session is online in its place. */
  private static boolean isOfAnother(
      SubscriberState subscriber, TopicPartitionActor.Offline command) {
    return subscriber.isOnline() && !Objects.equals(subscriber.session, command.session());
  }

  private void offline(Asked asked, TopicPartitionActor.Offline command) {
    FilterState filter = scope.state.filter(command.filter());
    SubscriberState subscriber = filter == null ? null : filter.subscribers.get(command.clientId());
    if (filter != null && subscriber != null && !isOfAnother(subscriber, command)) {
      if (subscriber.isOnline()) {
        offline(filter, subscriber);
      } else {
        shared.dispatch(filter); // of a session that has started anew without its connection
      }
    }
    done(asked);
  }

  private void offline(String text, SubscriberState subscriber, Runnable answer) {
    FilterState filter = scope.state.filter(text);
    if (filter == null || filter.subscribers.get(subscriber.clientId) != subscriber) {
      answer.run();
      return;
    }
    subscriber.session = null;
    subscriber.node = null;
    filter.putInStep(subscriber, false);
    tell(filter, subscriber, answer);
  }

  private void offline(FilterState filter, SubscriberState subscriber) {
    if (!subscriber.durable) {
      unsubscribed(filter.text(), subscriber, () -> {});
      return;
    }
    offline(filter.text(), subscriber, () -> {});
    if (filter.group != null) {
      filter.group.offline(subscriber.clientId);
      shared.dispatch(filter);
    }
  }

  /** These nodes are no more: neither are the sessions on them. */
  void nodesGone(Set<ActorRef<RouteCacheActor.Command>> nodes) {
    if (nodes.isEmpty()) {
      return;
    }
    for (FilterState filter : List.copyOf(scope.state.filters.all())) {
      for (SubscriberState subscriber : List.copyOf(filter.subscribers.values())) {
        if (subscriber.node != null && nodes.contains(subscriber.node)) {
          offline(filter, subscriber);
        }
      }
    }
  }

  // After a restart.

  /** A node tells of a subscriber that was effective before this incarnation. */
  void present(ActorRef<RouteCacheActor.Command> node, Subscriber present) {
    FilterState filter = scope.state.filter(present.subscription().filter().text());
    SubscriberState subscriber = filter == null ? null : filter.subscribers.get(present.clientId());
    if (present.durable() && subscriber == null) {
      // Unsubscribed meanwhile: the node will hear.
      return;
    }
    if (filter == null || subscriber == null) {
      filter = scope.state.filterOrNew(present.subscription().filter());
      subscriber = filter.subscriberOrNew(present.clientId(), present.subscription());
      subscriber.limits = present.limits();
      subscriber.credit = present.credit();
    }
    subscriber.session = present.session();
    subscriber.node = node;
    subscriber.confirmed = true;
    if (subscriber.readsQueue()) {
      ReadStage.tellBehind(scope, filter, subscriber);
    }
  }

  /** All nodes have told what they know: groups serve the members that are left. */
  void ready() {
    for (FilterState filter : scope.state.filters.all()) {
      if (filter.group != null) {
        shared.settleOrphans(filter, filter.group);
        for (SubscriberState subscriber : List.copyOf(filter.subscribers.values())) {
          shared.onMember(filter, subscriber);
        }
      }
      perhapsUnused(filter);
    }
    askFlush();
  }
}
