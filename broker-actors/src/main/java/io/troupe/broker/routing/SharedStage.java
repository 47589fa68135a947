package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.session.QueuedMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Hands the messages of shared subscriptions to their members. */
final class SharedStage {
  private final PartitionScope scope;
  private final QueueLoads loads;
  private final ReadStage reads;

  /** Groups whose progress is not stored yet. */
  private final Set<String> progressed = new HashSet<>();

  /** Groups whose queue could not be read. */
  private final Set<String> later = new HashSet<>();

  /** Messages that were refused and could not be read. */
  private List<TopicPartitionActor.SharedRefused> unread = new ArrayList<>();

  /** What belongs to members for good and could not be read. */
  private List<Runnable> unsent = new ArrayList<>();

  /** Groups of which it may be stored that messages were sent which were not. */
  private final Set<String> ahead = new HashSet<>();

  private final Set<DurableQueue> reading = new HashSet<>();

  SharedStage(PartitionScope scope, QueueLoads loads, ReadStage reads) {
    this.scope = scope;
    this.loads = loads;
    this.reads = reads;
  }

  /** A subscriber has come, or its subscription has changed. */
  void onMember(FilterState filter, SubscriberState subscriber) {
    SharedGroup group = filter.group;
    if (group == null || filter.subscribers.get(subscriber.clientId) != subscriber) {
      return;
    }
    if (!subscriber.isOnline() || !subscriber.confirmed || !subscriber.queued()) {
      group.offline(subscriber.clientId);
    } else {
      NavigableSet<Long> own = group.online(subscriber);
      if (!own.isEmpty()) {
        resend(filter, group, subscriber, own);
      }
    }
    dispatch(filter);
  }

  /**
   * Sends again what belongs to a member for good; it leaves out what it has. What the queue does
   * not have any more is settled.
   *
   * @param own in order, not empty
   */
  private void resend(
      FilterState filter, SharedGroup group, SubscriberState subscriber, NavigableSet<Long> own) {
    DurableQueue queue = filter.queue;
    ActorRef<ClientSessionActor.Command> session = subscriber.session;
    if (queue == null || session == null || !loads.loaded(filter)) {
      return; // it begins anew when the queue is loaded, or the member is back
    }
    long from = own.first();
    reads.page(
        queue,
        from,
        page -> {
          if (filter.queue != queue || !session.equals(subscriber.session)) {
            return;
          }
          if (page == null) {
            unsent.add(() -> resend(filter, group, subscriber, own));
            return;
          }
          long next = Math.max(from + 1, page.nextOffset());
          resend(filter, group, subscriber, own.headSet(next, false), page);
          NavigableSet<Long> rest = own.tailSet(next, true);
          if (!rest.isEmpty()) {
            resend(filter, group, subscriber, rest);
          }
        });
  }

  private void resend(
      FilterState filter,
      SharedGroup group,
      SubscriberState subscriber,
      NavigableSet<Long> own,
      PageCache.Page page) {
    List<QueuedMessage> found = new ArrayList<>();
    Set<Long> gone = new HashSet<>(own);
    for (QueuedMessage message : page.messages()) {
      if (gone.remove(message.offset()) && group.isOwn(subscriber.clientId, message.offset())) {
        found.add(message);
      }
    }
    if (!gone.isEmpty()) {
      group.settle(subscriber.clientId, List.copyOf(gone));
      progressed(filter);
    }
    if (!found.isEmpty()) {
      send(filter, group, Map.of(subscriber, found));
    }
  }

  /** Assigns what there is, as far as members have credit. */
  void dispatch(FilterState filter) {
    SharedGroup group = filter.group;
    DurableQueue queue = filter.queue;
    if (group == null || queue == null || !group.hasMembers() || !loads.loaded(filter)) {
      return;
    }
    SharedGroup.Assignments assignments =
        group.dispatch(
            scope.strategies.of(filter.filter),
            scope.nowMillis(),
            bound -> ThreadLocalRandom.current().nextInt(bound),
            refusedBy -> awaits(filter, group, refusedBy));
    scope.dropped(DropReason.EXPIRED, assignments.expired());
    scope.dropped(DropReason.NOT_AUTHORIZED, assignments.refused());
    if (assignments.expired() + assignments.refused() > 0) {
      progressed(filter);
    }
    assignments
        .forGood()
        .forEach(
            (clientId, offsets) ->
                scope.persist(
                    new PartitionEvent.SharedAssigned(
                        filter.text(), clientId, List.copyOf(offsets))));
    storeSent(filter, assignments.sentBelow());
    if (!assignments.batches().isEmpty()) {
      ahead.add(filter.text());
      scope.after(() -> send(filter, group, assignments.batches()));
    }
    long from = group.wantsFrom(queue.end());
    if (from > 0 && reading.add(queue)) {
      reads.page(
          queue,
          from,
          page -> {
            reading.remove(queue);
            if (page == null) {
              later.add(filter.text());
            } else if (filter.queue == queue) {
              List<QueuedMessage> rest =
                  page.messages().stream().filter(each -> each.offset() >= from).toList();
              group.offerPage(from, rest, page.nextOffset());
              filter.moveGroupCursor();
              dispatch(filter);
            }
          });
    }
  }

  private static boolean awaits(FilterState filter, SharedGroup group, Set<String> refusedBy) {
    return filter.subscribers.values().stream()
        .filter(SubscriberState::queued)
        .map(each -> each.clientId)
        .anyMatch(each -> !group.isOnline(each) && !refusedBy.contains(each));
  }

  private void send(
      FilterState filter, SharedGroup group, Map<SubscriberState, List<QueuedMessage>> batches) {
    batches.forEach(
        (subscriber, messages) -> {
          if (subscriber.session != null) {
            scope.sessions.tell(
                subscriber.session,
                new ClientSessionActor.SharedBatch(
                    filter.text(), List.copyOf(messages), group.sent().of(messages)));
          }
        });
  }

  private void storeSent(FilterState filter, long below) {
    if (below > 0) {
      scope.persist(new PartitionEvent.SharedSending(filter.text(), below));
    }
  }

  private void takeBackSent() {
    for (String text : List.copyOf(ahead)) {
      FilterState filter = scope.state.filter(text);
      if (filter == null || filter.group == null || filter.queue == null) {
        ahead.remove(text);
      } else if (filter.queue.isLoaded()) {
        storeSent(filter, filter.group.sent().takeBack(filter.queue.end()));
      }
    }
  }

  /** A group's queue is known now. */
  void onQueueLoaded(FilterState filter) {
    SharedGroup group = filter.group;
    if (group == null || filter.queue == null) {
      return;
    }
    group.sent().queueLoaded(filter.queue.end());
    ahead.add(filter.text());
    filter.moveGroupCursor();
    for (SubscriberState subscriber : List.copyOf(filter.subscribers.values())) {
      group.offline(subscriber.clientId);
      onMember(filter, subscriber);
    }
  }

  void onSettled(TopicPartitionActor.SharedSettled settled) {
    FilterState filter = scope.state.filter(settled.filter());
    if (filter == null || filter.group == null) {
      return;
    }
    filter.group.settle(settled.clientId(), settled.offsets());
    progressed(filter);
    dispatch(filter);
  }

  void onRefused(TopicPartitionActor.SharedRefused refused) {
    FilterState filter = scope.state.filter(refused.filter());
    if (filter != null && filter.group != null) {
      for (long offset : refused.offsets()) {
        if (!filter.group.refuse(refused.clientId(), offset)) {
          refuseUnread(filter, filter.group, refused.clientId(), offset);
        }
      }
      dispatch(filter);
    }
  }

  /** It was assigned for good by an earlier incarnation: its content is only in the queue. */
  private void refuseUnread(FilterState filter, SharedGroup group, String clientId, long offset) {
    DurableQueue queue = filter.queue;
    if (queue == null || !loads.loaded(filter)) {
      return; // sent to the member again when the queue is loaded
    }
    reads.page(
        queue,
        offset,
        page -> {
          if (page == null) {
            unread.add(
                new TopicPartitionActor.SharedRefused(filter.text(), clientId, List.of(offset)));
          } else if (filter.queue == queue) {
            group.refuse(
                clientId,
                offset,
                page.messages().stream()
                    .filter(each -> each.offset() == offset)
                    .findFirst()
                    .orElse(null));
            progressed(filter);
            dispatch(filter);
          }
        });
  }

  /**
   * All nodes have told of their sessions: what belonged for good to one that is not there any more
   * is dropped (MQTT-4.8.2-5), since nobody knows whether it was sent.
   */
  void settleOrphans(FilterState filter, SharedGroup group) {
    for (String owner : Set.copyOf(group.assignedForGood().values())) {
      if (!filter.subscribers.containsKey(owner)) {
        scope.dropped(DropReason.SESSION_ENDED, group.gone(owner));
        progressed(filter);
      }
    }
  }

  /** The group has settled something; it is stored with the next tick. */
  void progressed(FilterState filter) {
    filter.moveGroupCursor();
    progressed.add(filter.text());
  }

  /** Stores how far the groups are. */
  void storeProgress() {
    for (String text : progressed) {
      FilterState filter = scope.state.filter(text);
      if (filter != null && filter.group != null && filter.hasQueue()) {
        scope.persist(
            new PartitionEvent.SharedProgressed(
                text, filter.group.below(), filter.group.settledAbove()));
      }
    }
    progressed.clear();
  }

  void tick() {
    takeBackSent();
    List<TopicPartitionActor.SharedRefused> refusals = unread;
    unread = new ArrayList<>();
    refusals.forEach(this::onRefused);
    List<Runnable> resends = unsent;
    unsent = new ArrayList<>();
    resends.forEach(Runnable::run);
    if (!later.isEmpty()) {
      Set<String> again = Set.copyOf(later);
      later.clear();
      for (String text : again) {
        FilterState filter = scope.state.filter(text);
        if (filter != null) {
          dispatch(filter);
        }
      }
    }
  }
}
