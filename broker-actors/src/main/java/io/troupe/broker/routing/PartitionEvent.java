package io.troupe.broker.routing;

import io.troupe.broker.config.ClientLimits;
import io.troupe.protocol.session.Subscription;
import java.util.List;

/** What a partition stores; each fact may be applied again harmlessly. */
public sealed interface PartitionEvent {
  /** Carries the fact out on the state. */
  void applyTo(PartitionState state);

  /**
   * A session that outlives its connection is subscribed, or its subscription has changed.
   *
   * @param fromOffset where a new subscriber starts in the queue; 0: it has no queue
   */
  record SubscriberStored(
      String clientId, Subscription subscription, ClientLimits limits, int credit, long fromOffset)
      implements PartitionEvent {
    @Override
    public void applyTo(PartitionState state) {
      FilterState filter = state.filterOrNew(subscription.filter());
      SubscriberState subscriber = filter.subscriberOrNew(clientId, subscription);
      subscriber.durable = true;
      subscriber.subscription = subscription;
      subscriber.limits = limits;
      subscriber.credit = credit;
      filter.joinQueue(subscriber, fromOffset);
    }
  }

  /**
   * A stored subscriber is stored no more: unsubscribed, or from now on without durable session.
   */
  record SubscriberForgotten(String filter, String clientId) implements PartitionEvent {
    @Override
    public void applyTo(PartitionState state) {
      FilterState filter = state.filter(this.filter);
      if (filter != null) {
        filter.forgetDurable(clientId);
        state.dropIfEmpty(filter);
      }
    }
  }

  /** A filter has a durable queue from now on. */
  record QueueOpened(String filter, int queueId) implements PartitionEvent {
    @Override
    public void applyTo(PartitionState state) {
      state.openQueue(filter, queueId);
    }
  }

  /** Nobody needs the queue any more; its content goes. */
  record QueueClosed(String filter, int queueId) implements PartitionEvent {
    @Override
    public void applyTo(PartitionState state) {
      state.closeQueue(filter, queueId);
    }
  }

  /** How far subscribers have settled their queues. */
  record CursorsMoved(List<Cursor> cursors) implements PartitionEvent {
    /** All offsets below are settled for this subscriber. */
    public record Cursor(String filter, String clientId, long below) {}

    @Override
    public void applyTo(PartitionState state) {
      for (Cursor cursor : cursors) {
        FilterState filter = state.filter(cursor.filter());
        SubscriberState subscriber =
            filter == null ? null : filter.subscribers.get(cursor.clientId());
        if (filter != null && subscriber != null) {
          filter.moveCursor(subscriber, cursor.below());
        }
      }
    }
  }

  /**
   * QoS 2 messages of a shared subscription belong to this member from now on (MQTT-4.8.2-4).
   *
   * @param clientId empty: to nobody any more, as their member went before it had taken them over
   */
  record SharedAssigned(String filter, String clientId, List<Long> offsets)
      implements PartitionEvent {
    @Override
    public void applyTo(PartitionState state) {
      FilterState filter = state.filter(this.filter);
      if (filter != null && filter.group != null) {
        filter.group.assignForGood(clientId, offsets);
      }
    }
  }

  /**
   * Messages of a shared subscription may be sent at QoS 1: after this those below may have been.
   * It may take back what was stored ahead and not used.
   */
  record SharedSending(String filter, long below) implements PartitionEvent {
    @Override
    public void applyTo(PartitionState state) {
      FilterState filter = state.filter(this.filter);
      if (filter != null && filter.group != null) {
        filter.group.sent().restore(below);
      }
    }
  }

  /**
   * What members of a shared subscription have settled: all offsets below, and these.
   *
   * @param settled all above {@code below}
   */
  record SharedProgressed(String filter, long below, List<Long> settled) implements PartitionEvent {
    @Override
    public void applyTo(PartitionState state) {
      FilterState filter = state.filter(this.filter);
      if (filter != null && filter.group != null) {
        filter.group.restoreProgress(below, settled);
        filter.moveGroupCursor();
      }
    }
  }
}
