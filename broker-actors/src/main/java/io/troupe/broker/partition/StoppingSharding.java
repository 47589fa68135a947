package io.troupe.broker.partition;

import akka.Done;
import akka.actor.ActorRef;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.cluster.sharding.ClusterSharding;
import akka.cluster.sharding.ShardRegion;
import akka.pattern.Patterns;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The order in which this node's shard regions stop, and their silence meanwhile.
 *
 * <p>A region that hands its shards over keeps what is sent to them, and does not end before
 * somebody has taken it. On the last node nobody will: one message sent late, such as a link's
 * repetition, holds the stop up until its time limit. So first the regions stop whose entities
 * store their last state with the help of others, then nothing is sent to the others any more, then
 * these stop, in Akka's own phase for regions.
 *
 * <p>Thread-safe.
 */
public final class StoppingSharding {
  /** Within the time limit of Akka's phase {@code service-stop}. */
  private static final Duration FIRST_WITHIN = Duration.ofSeconds(9);

  private static final Class<?> DOWNED = CoordinatedShutdown.ClusterDowningReason$.class;

  private volatile boolean silent;

  private StoppingSharding() {}

  /**
   * For a region that stops before all others.
   *
   * @param name of its entity type
   */
  public static StoppingSharding first(ActorSystem<?> system, String name) {
    StoppingSharding stopping = new StoppingSharding();
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseServiceStop(),
        "stop-first-" + name,
        () -> {
          stopping.silent = true;
          if (shutdown.getShutdownReason().filter(DOWNED::isInstance).isPresent()) {
            // The cluster has taken the shards already: there is nobody to hand them to.
            return CompletableFuture.completedStage(Done.getInstance());
          }
          ActorRef region = ClusterSharding.get(Adapter.toClassic(system)).shardRegion(name);
          return Patterns.gracefulStop(region, FIRST_WITHIN, ShardRegion.gracefulShutdownInstance())
              .thenApply(stopped -> Done.getInstance());
        });
    return stopping;
  }

  /**
   * For a region that others need until they have stopped.
   *
   * @param name of its entity type
   */
  public static StoppingSharding last(ActorSystem<?> system, String name) {
    StoppingSharding stopping = new StoppingSharding();
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeClusterShutdown(),
            "silence-" + name,
            () -> {
              stopping.silent = true;
              return CompletableFuture.completedStage(Done.getInstance());
            });
    return stopping;
  }

  /** Whether nothing is to be sent to the region any more: it would not arrive. */
  public boolean isSilent() {
    return silent;
  }
}
