package io.troupe.broker.routing;

import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The state of a partition: its filters. What is durable of it changes only through {@link
 * PartitionEvent}s; online sessions and what concerns them is known only while the actor lives.
 */
public final class PartitionState {
  private static final int CLOSED_QUEUES_MAX = 1024;

  final int partition;
  final SubscriptionTable filters = new SubscriptionTable();

  /** The next queue's local number; numbers are not used again. */
  int nextQueueId = 1;

  /** Queues closed lately: deleting is not synced, so it is repeated after a restart. */
  final Deque<Integer> closedQueues = new ArrayDeque<>();

  PartitionState(int partition) {
    this.partition = partition;
  }

  @Nullable FilterState filter(String text) {
    return filters.get(text);
  }

  FilterState filterOrNew(TopicFilter filter) {
    return filters.getOrAdd(filter);
  }

  void dropIfEmpty(FilterState filter) {
    if (filter.isEmpty()) {
      filters.remove(filter);
    }
  }

  void openQueue(String text, int queueId) {
    FilterState filter = filterOrNew(TopicFilter.of(text));
    if (filter.queueId != queueId) {
      filter.openQueue(partition, queueId);
    }
    nextQueueId = Math.max(nextQueueId, queueId + 1);
  }

  void closeQueue(String text, int queueId) {
    FilterState filter = filter(text);
    if (filter != null && filter.queueId == queueId) {
      filter.closeQueue();
      dropIfEmpty(filter);
    }
    closedQueues.addLast(queueId);
    if (closedQueues.size() > CLOSED_QUEUES_MAX) {
      closedQueues.removeFirst();
    }
  }
}
