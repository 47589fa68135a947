package io.troupe.broker.routing;

import io.troupe.broker.store.QueueLog;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks the store what queues hold, when they are first needed and after a failed append. */
final class QueueLoads {
  private final PartitionScope scope;
  private final Map<String, DurableQueue> underWay = new HashMap<>();
  private final Set<String> failed = new HashSet<>();

  QueueLoads(PartitionScope scope) {
    this.scope = scope;
  }

  /** Loads the filter's queue unless it is loaded; whether it is. */
  boolean loaded(FilterState filter) {
    DurableQueue queue = filter.queue;
    if (queue == null || queue.isLoaded()) {
      return true;
    }
    if (!failed.contains(filter.text())) {
      load(filter.text(), queue);
    }
    return false;
  }

  private void load(String filter, DurableQueue queue) {
    if (underWay.get(filter) == queue) {
      return;
    }
    underWay.put(filter, queue);
    scope.pipe.pipe(
        scope.log.bounds(queue.id),
        (bounds, problem) -> new TopicPartitionActor.QueueLoaded(filter, queue, bounds, problem));
  }

  /**
   * Takes the store's answer.
   *
   * @return whether the filter's queue is loaded now; otherwise it is tried again at the next tick
   */
  boolean onLoaded(TopicPartitionActor.QueueLoaded message) {
    String text = message.filter();
    underWay.remove(text, message.queue());
    FilterState filter = scope.state.filter(text);
    if (filter == null || filter.queue != message.queue()) {
      return false;
    }
    QueueLog.@Nullable Bounds bounds = message.bounds();
    if (bounds == null) {
      failed.add(text);
      return false;
    }
    DurableQueue queue = message.queue();
    boolean more = queue.load(bounds, scope.nowMillis());
    SharedGroup group = filter.group;
    if (group != null) {
      filter.skipGroupTo(queue.first());
    }
    if (more) {
      // A failed append was stored after all: who was in step must read it.
      for (SubscriberState subscriber : Set.copyOf(filter.inStep)) {
        filter.putInStep(subscriber, false);
        ReadStage.tellBehind(scope, filter, subscriber);
      }
    }
    return true;
  }

  /** Tries again what failed. */
  void tick() {
    for (String text : Set.copyOf(failed)) {
      failed.remove(text);
      FilterState filter = scope.state.filter(text);
      if (filter != null) {
        loaded(filter);
      }
    }
  }
}
