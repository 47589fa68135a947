package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.QueueConfig;
import io.troupe.broker.config.SharedStrategies;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.session.SessionPost;
import io.troupe.broker.store.QueueLog;
import io.troupe.broker.store.StoreOverloadedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of a partition share: its state, its surroundings, and what a command has led to.
 * Events are stored first, then the rest is done in order.
 */
final class PartitionScope {
  /** How results of the store come back to the actor. */
  interface Pipe {
    <T> void pipe(
        CompletionStage<T> stage,
        BiFunction<@Nullable T, @Nullable Throwable, TopicPartitionActor.Command> answer);
  }

  final PartitionState state;
  final QueueLog log;
  final QueueConfig queues;
  final NodeQueueBytes nodeBytes;
  final SharedStrategies strategies;
  final SessionPost sessions;
  final BrokerMetrics metrics;
  final LongSupplier clockMillis;
  final ActorRef<TopicPartitionActor.Command> self;
  final Pipe pipe;
  final NodeLinks links;

  private List<PartitionEvent> events = new ArrayList<>();
  private List<Runnable> afterwards = new ArrayList<>();

  PartitionScope(
      PartitionState state,
      PartitionSurroundings surroundings,
      ActorRef<TopicPartitionActor.Command> self,
      Pipe pipe) {
    this.state = state;
    this.log = surroundings.log();
    this.queues = surroundings.queues();
    this.nodeBytes = surroundings.nodeBytes();
    this.strategies = surroundings.strategies();
    this.sessions = surroundings.sessions();
    this.metrics = surroundings.metrics();
    this.clockMillis = surroundings.clockMillis();
    this.self = self;
    this.pipe = pipe;
    this.links = new NodeLinks(state.partition, self, this::content);
  }

  private void content(String prefix, java.util.function.Consumer<RouteChange> to) {
    state.filters.underPrefix(
        prefix,
        filter -> {
          to.accept(new RouteChange(filter.filter, filter.hasQueue(), "", null));
          for (SubscriberState subscriber : filter.subscribers.values()) {
            if (subscriber.isOnline()) {
              to.accept(
                  new RouteChange(
                      filter.filter,
                      filter.hasQueue(),
                      subscriber.clientId,
                      subscriber.asSubscriber()));
            }
          }
        });
  }

  long nowMillis() {
    return clockMillis.getAsLong();
  }

  void persist(PartitionEvent event) {
    events.add(event);
  }

  /** After the events of this command, and what was said before, are stored and done. */
  void after(Runnable action) {
    afterwards.add(action);
  }

  boolean hasEvents() {
    return !events.isEmpty();
  }

  List<PartitionEvent> takeEvents() {
    List<PartitionEvent> taken = events;
    if (!taken.isEmpty()) {
      events = new ArrayList<>();
    }
    return taken;
  }

  List<Runnable> takeAfterwards() {
    List<Runnable> taken = afterwards;
    if (!taken.isEmpty()) {
      afterwards = new ArrayList<>();
    }
    return taken;
  }

  /** Whether the store only has too much to do now. */
  static boolean isOverload(Throwable problem) {
    Throwable cause =
        problem instanceof CompletionException && problem.getCause() != null
            ? problem.getCause()
            : problem;
    return cause instanceof StoreOverloadedException;
  }

  void dropped(DropReason reason, long messages) {
    if (messages > 0) {
      metrics.dropped(reason, messages);
    }
  }
}
