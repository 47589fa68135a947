package io.troupe.broker.cluster;

import akka.actor.ExtendedActorSystem;
import akka.cluster.Cluster;
import akka.coordination.lease.LeaseSettings;
import akka.coordination.lease.javadsl.Lease;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * What a shard asks before it starts on this node, by Akka's interface for leases: the coordinator
 * sees to it that no other member of the cluster has the shard, {@link Fences} that no former
 * member has. Made by Akka, for the setting {@code akka.cluster.sharding.use-lease}.
 */
public final class FencedSharding extends Lease {
  private final LeaseSettings settings;
  private final ExtendedActorSystem system;

  /** Made by Akka. */
  public FencedSharding(LeaseSettings settings, ExtendedActorSystem system) {
    this.settings = settings;
    this.system = system;
  }

  @Override
  public LeaseSettings getSettings() {
    return settings;
  }

  @Override
  public CompletionStage<Boolean> acquire() {
    Fences fences = FenceActor.of(Cluster.get(system).selfUniqueAddress());
    return fences == null
        ? CompletableFuture.completedFuture(true)
        : fences.settled().thenApply(done -> true);
  }

  @Override
  public CompletionStage<Boolean> acquire(Consumer<Optional<Throwable>> leaseLostCallback) {
    return acquire();
  }

  @Override
  public CompletionStage<Boolean> release() {
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public boolean checkLease() {
    return true;
  }
}
