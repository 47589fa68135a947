package io.troupe.broker.retained;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import io.troupe.broker.config.RetainedConfig;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.partition.NumberedSharding;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionPost;
import io.troupe.protocol.topic.TopicFilter;
import java.util.function.LongSupplier;

/** The retained messages as others use them. Thread-safe. */
public final class RetainedSharding {
  private final RetainedPlacement placement;
  private final NumberedSharding<RetainedPartitionActor.Command> sharding;

  private RetainedSharding(
      ActorSystem<?> system,
      RetainedConfig config,
      SessionPost sessions,
      BrokerMetrics metrics,
      LongSupplier nowMillis) {
    placement = new RetainedPlacement(config.partitions(), config.prefixLevels());
    var surroundings =
        new RetainedPartitionActor.Surroundings(
            new RetainedLimits(config.messagesMax(), config.bytesMax()),
            placement,
            new RetainedUsage(config.partitions()),
            metrics,
            nowMillis,
            this::tell,
            sessions);
    sharding =
        NumberedSharding.start(
            system,
            "retained",
            RetainedPartitionActor.Command.class,
            config.partitions(),
            partition -> RetainedPartitionActor.create(partition, surroundings));
  }

  /** Lets this node hold retained messages; they are read at once, in the background. */
  public static RetainedSharding start(
      ActorSystem<?> system,
      RetainedConfig config,
      SessionPost sessions,
      BrokerMetrics metrics,
      LongSupplier nowMillis) {
    RetainedSharding retained = new RetainedSharding(system, config, sessions, metrics, nowMillis);
    retained.sharding.keepAll(new RetainedPartitionActor.Ping());
    return retained;
  }

  /** The partition of a topic, 0 to the configured number of them - 1. */
  public int partition(String topic) {
    return placement.partition(topic);
  }

  /**
   * Retains or deletes messages whose topics all have this partition; answered with {@link
   * IngressActor.RetainedStored} or {@link IngressActor.RetainFailed}.
   */
  public void store(int partition, RetainedPartitionActor.Store store) {
    tell(store, partition);
  }

  /**
   * Finds retained messages; answered with one {@link ClientSessionActor.RetainedFound}, which
   * names the cursor of the next page.
   *
   * @param cursor empty for the first page
   */
  public void find(
      TopicFilter filter,
      String cursor,
      long requestId,
      ActorRef<ClientSessionActor.Command> replyTo) {
    int partition = cursor.isEmpty() ? placement.first(filter) : RetainedCursor.partition(cursor);
    tell(new RetainedPartitionActor.Find(filter.filter(), cursor, requestId, replyTo), partition);
  }

  private void tell(RetainedPartitionActor.Command command, int partition) {
    sharding.tell(partition, command);
  }
}
