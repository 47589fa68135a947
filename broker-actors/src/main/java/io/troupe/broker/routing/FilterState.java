package io.troupe.broker.routing;

import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.store.QueueLog;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One filter of a partition, as clients wrote it: its subscribers and its durable queue. */
final class FilterState {
  /** The limits of a group's queue, whoever its members are. */
  static final ClientLimits GROUP = ClientLimits.APPLICATION;

  final TopicFilter filter;
  final Map<String, SubscriberState> subscribers = new HashMap<>(1);

  /** Those to whom new messages of the queue are pushed. */
  Set<SubscriberState> inStep = Collections.emptySet();

  /** Of a shared subscription. */
  final @Nullable SharedGroup group;

  /** Local to the partition, 1 or more; 0: no queue. */
  int queueId;

  @Nullable DurableQueue queue;

  /** Where the group stands among the queue's cursors. */
  private long groupCursor;

  FilterState(TopicFilter filter) {
    this.filter = filter;
    this.group = filter.isShared() ? new SharedGroup() : null;
  }

  String text() {
    return filter.text();
  }

  boolean isEmpty() {
    return subscribers.isEmpty() && queueId == 0;
  }

  boolean hasQueue() {
    return queueId != 0;
  }

  /** Whether a subscriber needs the queue. */
  boolean needsQueue() {
    for (SubscriberState subscriber : subscribers.values()) {
      if (subscriber.queued()) {
        return true;
      }
    }
    return false;
  }

  SubscriberState subscriberOrNew(String clientId, Subscription subscription) {
    return subscribers.computeIfAbsent(clientId, id -> new SubscriberState(id, subscription));
  }

  void openQueue(int partition, int localId) {
    queueId = localId;
    queue = new DurableQueue(QueueLog.queueId(partition, localId));
    if (group != null) {
      groupCursor = group.below();
      queue.addCursor(GROUP, groupCursor);
    }
  }

  void closeQueue() {
    queueId = 0;
    queue = null;
    inStep.clear();
    if (group != null) {
      group.reset();
    }
    for (SubscriberState subscriber : subscribers.values()) {
      subscriber.cursor = 0;
      subscriber.inStep = false;
    }
  }

  /** The subscriber reads the queue from now on, from this offset on unless it did before. */
  void joinQueue(SubscriberState subscriber, long fromOffset) {
    if (queue == null || !subscriber.readsQueue()) {
      leaveQueue(subscriber);
      return;
    }
    if (subscriber.cursor == 0) {
      subscriber.cursor = Math.max(1, fromOffset);
    } else if (subscriber.cursorLimits.equals(subscriber.limits)) {
      return;
    } else {
      subscriber.cursor = queue.effectiveCursor(subscriber);
      queue.removeCursor(subscriber.cursorLimits, subscriber.cursor, subscriber.inStep);
      inStep.remove(subscriber);
      subscriber.inStep = false;
    }
    subscriber.cursorLimits = subscriber.limits;
    queue.addCursor(subscriber.limits, subscriber.cursor);
  }

  void leaveQueue(SubscriberState subscriber) {
    if (queue != null && subscriber.cursor != 0) {
      queue.removeCursor(subscriber.cursorLimits, subscriber.cursor, subscriber.inStep);
    }
    subscriber.cursor = 0;
    subscriber.skipped = null;
    subscriber.inStep = false;
    inStep.remove(subscriber);
  }

  void moveCursor(SubscriberState subscriber, long below) {
    if (queue != null && subscriber.cursor != 0 && below > subscriber.cursor) {
      queue.moveCursor(subscriber.cursorLimits, subscriber.inStep, subscriber.cursor, below);
      subscriber.cursor = below;
    }
  }

  /** Everything below is gone from the queue or settled by the group. */
  void skipGroupTo(long offset) {
    if (group != null) {
      group.skipTo(offset);
      moveGroupCursor();
    }
  }

  /** After the group has settled messages. */
  void moveGroupCursor() {
    if (group != null && queue != null && group.below() > groupCursor) {
      queue.moveCursor(GROUP, false, groupCursor, group.below());
      groupCursor = group.below();
    }
  }

  /** The subscriber is not stored any more; one that is online may stay as a transient one. */
  void forgetDurable(String clientId) {
    SubscriberState subscriber = subscribers.get(clientId);
    if (subscriber == null) {
      return;
    }
    subscriber.durable = false;
    leaveQueue(subscriber);
    if (subscriber.session == null) {
      subscribers.remove(clientId);
    }
  }

  void remove(SubscriberState subscriber) {
    leaveQueue(subscriber);
    subscribers.remove(subscriber.clientId);
  }

  /** The subscriber has all messages of the queue and gets new ones pushed, or not any more. */
  void putInStep(SubscriberState subscriber, boolean now) {
    if (queue == null || subscriber.cursor == 0 || subscriber.inStep == now) {
      return;
    }
    if (now) {
      subscriber.cursor = queue.effectiveCursor(subscriber);
      queue.enterStep(subscriber.cursorLimits, subscriber.cursor);
      if (inStep.isEmpty()) {
        inStep = new LinkedHashSet<>(2);
      }
      inStep.add(subscriber);
    } else {
      subscriber.hadBelow = queue.end();
      queue.leaveStep(subscriber.cursorLimits, subscriber.cursor);
      inStep.remove(subscriber);
    }
    subscriber.inStep = now;
  }
}
