package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.sharding.typed.ShardingMessageExtractor;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import io.troupe.broker.config.RoutingConfig;
import io.troupe.broker.partition.StoppingSharding;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Routing on this node: starts the topic partitions, the {@link RouteCache} and what keeps it
 * coherent. Each partition is a shard of its own, so that they spread evenly.
 */
public final class PartitionSharding implements Partitions {
  private static final EntityTypeKey<TopicPartitionActor.Command> KEY =
      EntityTypeKey.create(TopicPartitionActor.Command.class, "topic-partition");

  /** Topics for which a node keeps finished routes. */
  private static final int TOPICS_MAX = 100_000;

  private final RouteCache cache;
  private final ActorRef<RouteCacheActor.Command> cacheActor;
  private final Consumer<ShardingEnvelope<TopicPartitionActor.Command>> region;
  private final Partitioner partitioner;

  private PartitionSharding(
      RouteCache cache,
      ActorRef<RouteCacheActor.Command> cacheActor,
      Consumer<ShardingEnvelope<TopicPartitionActor.Command>> region,
      Partitioner partitioner) {
    this.cache = cache;
    this.cacheActor = cacheActor;
    this.region = region;
    this.partitioner = partitioner;
  }

  /**
   * Starts routing on this node; once per actor system.
   *
   * @param fenced completes when nodes that are out of the cluster by now acknowledge nothing any
   *     more
   */
  public static PartitionSharding init(
      ActorSystem<?> system,
      RoutingConfig config,
      PartitionSurroundings surroundings,
      Supplier<CompletionStage<Void>> fenced) {
    Partitioner partitioner = new Partitioner(config.partitions());
    ActorRef<NodesActor.Command> nodes =
        system.systemActorOf(NodesActor.create(fenced), "nodes", Props.empty());
    ActorRef<ShardingEnvelope<TopicPartitionActor.Command>> shardRegion =
        ClusterSharding.get(system)
            .init(
                Entity.of(
                        KEY,
                        entity ->
                            TopicPartitionActor.create(
                                Integer.parseInt(entity.getEntityId()), surroundings, nodes))
                    .withMessageExtractor(new PartitionNumberSharding(config.partitions())));
    StoppingSharding stopping = StoppingSharding.last(system, KEY.name());
    Consumer<ShardingEnvelope<TopicPartitionActor.Command>> region =
        envelope -> {
          if (!stopping.isSilent()) {
            shardRegion.tell(envelope);
          }
        };
    RouteCache cache = new RouteCache(partitioner, TOPICS_MAX);
    ActorRef<RouteCacheActor.Command> cacheActor =
        system.systemActorOf(
            RouteCacheActor.create(
                cache,
                partitioner,
                config.prefixCacheMax(),
                (partition, command) -> tell(region, partition, command)),
            "route-cache",
            Props.empty());
    return new PartitionSharding(cache, cacheActor, region, partitioner);
  }

  private static void tell(
      Consumer<ShardingEnvelope<TopicPartitionActor.Command>> region,
      int partition,
      TopicPartitionActor.Command command) {
    region.accept(new ShardingEnvelope<>(Integer.toString(partition), command));
  }

  public RouteCache cache() {
    return cache;
  }

  public ActorRef<RouteCacheActor.Command> cacheActor() {
    return cacheActor;
  }

  @Override
  public void tell(TopicPartitionActor.FilterCommand command) {
    if (command instanceof TopicPartitionActor.SubscriptionCommand change) {
      cacheActor.tell(new RouteCacheActor.Carry(change));
    } else {
      tell(region, partitioner.partition(command.topicFilter()), command);
    }
  }

  @Override
  public void append(int partition, TopicPartitionActor.Append append) {
    tell(region, partition, append);
  }

  /** Tells a partition anything; for tests. */
  void tellPartition(int partition, TopicPartitionActor.Command command) {
    tell(region, partition, command);
  }

  /** Shard and entity are the partition's number. */
  private static final class PartitionNumberSharding
      extends ShardingMessageExtractor<
          ShardingEnvelope<TopicPartitionActor.Command>, TopicPartitionActor.Command> {
    private final int partitions;

    PartitionNumberSharding(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public String entityId(ShardingEnvelope<TopicPartitionActor.Command> envelope) {
      return envelope.entityId();
    }

    @Override
    public String shardId(String entityId) {
      return Integer.toString(Math.floorMod(Integer.parseInt(entityId), partitions));
    }

    @Override
    public TopicPartitionActor.Command unwrapMessage(
        ShardingEnvelope<TopicPartitionActor.Command> envelope) {
      return envelope.message();
    }
  }
}
