package io.troupe.broker.routing;

import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.PartitionEvent.CursorsMoved;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Cursors, space, limits by age, and figures: what is done now and then rather than at once. */
final class Upkeep {
  private static final int TICKS_PER_STORE = 10;
  static final int TICKS_PER_SURVEY = 20;
  private static final int LOADS_PER_SURVEY = 100;
  private static final int CURSORS_MAX = 10_000;
  private static final int CURSORS_PER_EVENT = 100;
  private static final long DELETE_AT_ONCE = 1_000;

  private record Key(String filter, String clientId) {}

  private final PartitionScope scope;
  private final PartitionParts parts;

  /** Cursors that have moved since they were stored. */
  private final Map<Key, Long> moved = new LinkedHashMap<>();

  private int ticks;

  Upkeep(PartitionParts parts) {
    this.parts = parts;
    this.scope = parts.scope;
  }

  void onSettled(TopicPartitionActor.Settled settled) {
    FilterState filter = scope.state.filter(settled.filter());
    SubscriberState subscriber = filter == null ? null : filter.subscribers.get(settled.clientId());
    DurableQueue queue = filter == null ? null : filter.queue;
    if (filter == null || subscriber == null || queue == null) {
      return;
    }
    parts.reads.noteFull(queue, subscriber);
    long below = queue.isLoaded() ? Math.min(settled.below(), queue.end()) : settled.below();
    filter.moveCursor(subscriber, below);
    parts.reads.noteRoom(queue, subscriber);
    moved.put(new Key(settled.filter(), settled.clientId()), subscriber.cursor);
    if (moved.size() >= CURSORS_MAX) {
      storeCursors();
    }
    giveBack(queue, DELETE_AT_ONCE);
  }

  void onPause(TopicPartitionActor.Pause pause) {
    FilterState filter = scope.state.filter(pause.filter());
    SubscriberState subscriber = filter == null ? null : filter.subscribers.get(pause.clientId());
    if (filter != null && subscriber != null) {
      filter.putInStep(subscriber, false);
    }
  }

  private void giveBack(DurableQueue queue, long least) {
    long offset = queue.deletable(least);
    if (offset > 0) {
      long before = queue.bytes();
      queue.deletedTo(offset);
      scope.nodeBytes.add(scope.state.partition, queue.bytes() - before);
      scope.log.deleteTo(queue.id, offset);
    }
  }

  /** A subscriber that is full does not hold what came since and others have had. */
  private void giveBackSkipped(FilterState filter, DurableQueue queue) {
    long skipped = parts.reads.skippedFrom(filter, queue);
    if (skipped >= queue.end()) {
      return;
    }
    long from = queue.leftFrom(skipped);
    long to = ReadStage.neededFrom(filter, queue);
    if (to - from >= DELETE_AT_ONCE) {
      long before = queue.bytes();
      queue.deleted(from, to);
      scope.nodeBytes.add(scope.state.partition, queue.bytes() - before);
      scope.log.deleteRange(queue.id, from, to - 1);
    }
  }

  private void storeCursors() {
    List<CursorsMoved.Cursor> cursors = new ArrayList<>(moved.size());
    for (Map.Entry<Key, Long> entry : moved.entrySet()) {
      FilterState filter = scope.state.filter(entry.getKey().filter());
      SubscriberState subscriber =
          filter == null ? null : filter.subscribers.get(entry.getKey().clientId());
      if (subscriber != null && subscriber.durable) {
        cursors.add(
            new CursorsMoved.Cursor(
                entry.getKey().filter(), entry.getKey().clientId(), entry.getValue()));
      }
    }
    moved.clear();
    // Small events, since the journal is cut off after so many events, not bytes.
    for (int from = 0; from < cursors.size(); from += CURSORS_PER_EVENT) {
      int to = Math.min(cursors.size(), from + CURSORS_PER_EVENT);
      scope.persist(new CursorsMoved(List.copyOf(cursors.subList(from, to))));
    }
  }

  void tick() {
    scope.links.tick();
    parts.loads.tick();
    parts.reads.retry();
    parts.shared.tick();
    parts.appends.proceed();
    ticks++;
    if (ticks % TICKS_PER_STORE == 0) {
      storeCursors();
      parts.shared.storeProgress();
    }
    if (ticks % TICKS_PER_SURVEY == 0) {
      survey();
    }
  }

  private void survey() {
    long exact = 0;
    long wildcard = 0;
    long group = 0;
    long messages = 0;
    long bytes = 0;
    int toLoad = LOADS_PER_SURVEY;
    for (FilterState filter : scope.state.filters.all()) {
      int subscribers = filter.subscribers.size();
      if (filter.group != null) {
        group += subscribers;
      } else if (filter.filter.hasWildcard()) {
        wildcard += subscribers;
      } else {
        exact += subscribers;
      }
      DurableQueue queue = filter.queue;
      if (queue != null && !queue.isLoaded() && toLoad > 0) {
        // Whoever is away for long must be counted too, and what is too old be given back.
        toLoad--;
        parts.loads.loaded(filter);
      }
      if (queue != null && queue.isLoaded()) {
        scope.dropped(DropReason.QUEUE_AGED, queue.dropAged(scope.queues, scope.nowMillis()));
        parts.reads.countNewest(filter, queue);
        filter.skipGroupTo(queue.floor(FilterState.GROUP));
        giveBack(queue, 1);
        giveBackSkipped(filter, queue);
        messages += queue.messages();
        bytes += queue.bytes();
      }
    }
    scope.metrics.subscriptions(scope.state.partition, exact, wildcard, group);
    scope.metrics.queued(scope.state.partition, messages, bytes);
    scope.nodeBytes.set(scope.state.partition, bytes);
  }

  /** This node does not have the partition any more. */
  void stopped() {
    scope.metrics.subscriptions(scope.state.partition, 0, 0, 0);
    scope.metrics.queued(scope.state.partition, 0, 0);
    scope.nodeBytes.set(scope.state.partition, 0);
  }
}
