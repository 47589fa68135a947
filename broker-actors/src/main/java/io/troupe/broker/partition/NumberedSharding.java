package io.troupe.broker.partition;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.ClusterShardingSettings;
import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.sharding.typed.ShardingMessageExtractor;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityRef;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.japi.function.Function;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;

/**
 * Sharding of a fixed number of partitions, each a shard of its own, so that a cluster spreads them
 * evenly. Partitions never leave memory; {@link #keepAll} starts them before anybody asks.
 * Thread-safe.
 *
 * @param <C> what a partition takes
 */
public final class NumberedSharding<C> {
  private static final Duration KEEP_INTERVAL = Duration.ofMinutes(1);

  private final ActorSystem<?> system;
  private final String name;
  private final StoppingSharding stopping;
  private final List<EntityRef<C>> partitions = new ArrayList<>();

  private NumberedSharding(
      ActorSystem<?> system, String name, EntityTypeKey<C> key, int partitions) {
    this.system = system;
    this.name = name;
    this.stopping = StoppingSharding.last(system, name);
    ClusterSharding sharding = ClusterSharding.get(system);
    for (int i = 0; i < partitions; i++) {
      this.partitions.add(sharding.entityRefFor(key, Integer.toString(i)));
    }
  }

  /**
   * Lets this node hold partitions.
   *
   * @param name of this kind of partition, fixed for the life of a cluster
   * @param behavior of the partition of a number
   */
  public static <C> NumberedSharding<C> start(
      ActorSystem<?> system,
      String name,
      Class<C> commands,
      int partitions,
      IntFunction<Behavior<C>> behavior) {
    EntityTypeKey<C> key = EntityTypeKey.create(commands, name);
    ClusterSharding.get(system)
        .init(
            Entity.of(key, context -> behavior.apply(Integer.parseInt(context.getEntityId())))
                .withMessageExtractor(new OneShardEach<>())
                .withSettings(ClusterShardingSettings.create(system).withNoPassivationStrategy()));
    return new NumberedSharding<>(system, name, key, partitions);
  }

  /** How many partitions there are. */
  public int partitions() {
    return partitions.size();
  }

  /** Sends to a partition, wherever it is; nothing once this node stops. */
  public void tell(int partition, C command) {
    if (!stopping.isSilent()) {
      partitions.get(partition).tell(command);
    }
  }

  /** Asks a partition, wherever it is; fails if it does not answer in time. */
  public <R> CompletionStage<R> ask(
      int partition, Function<ActorRef<R>, C> command, Duration timeout) {
    return partitions.get(partition).ask(command, timeout);
  }

  /**
   * Starts all partitions now, and again within a minute whenever one has stopped.
   *
   * @param ping a command that changes nothing
   */
  public void keepAll(C ping) {
    system.systemActorOf(
        Behaviors.<Boolean>withTimers(
            timers -> {
              timers.startTimerWithFixedDelay(true, Duration.ZERO, KEEP_INTERVAL);
              return Behaviors.receiveMessage(
                  tick -> {
                    for (int i = 0; i < partitions.size(); i++) {
                      tell(i, ping);
                    }
                    return Behaviors.same();
                  });
            }),
        name + "-keeper",
        Props.empty());
  }

  private static final class OneShardEach<C>
      extends ShardingMessageExtractor<ShardingEnvelope<C>, C> {

    @Override
    public String entityId(ShardingEnvelope<C> envelope) {
      return envelope.entityId();
    }

    @Override
    public String shardId(String entityId) {
      return entityId;
    }

    @Override
    public C unwrapMessage(ShardingEnvelope<C> envelope) {
      return envelope.message();
    }
  }
}
