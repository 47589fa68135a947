package io.troupe.broker.cluster;

import akka.actor.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.management.cluster.bootstrap.ClusterBootstrapSettings;
import akka.management.cluster.bootstrap.JoinDecision;
import akka.management.cluster.bootstrap.JoinSelf;
import akka.management.cluster.bootstrap.KeepProbing;
import akka.management.cluster.bootstrap.LowestAddressJoinDecider;
import akka.management.cluster.bootstrap.SeedNodesInformation;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/**
 * Where nodes find each other by DNS or Kubernetes: the one with the lowest address forms a
 * cluster, but only if the {@link FormationGuard} lets it; else it goes on looking. Made by Akka
 * Management.
 */
public final class StoreJoinDecider extends LowestAddressJoinDecider {
  private static final Map<ActorSystem, FormationGuard> GUARDS = new ConcurrentHashMap<>();

  private final ActorSystem system;

  /** Made by Akka Management. */
  public StoreJoinDecider(ActorSystem system, ClusterBootstrapSettings settings) {
    super(system, settings);
    this.system = system;
  }

  /** Before the node looks for others. */
  static void use(akka.actor.typed.ActorSystem<?> system, FormationGuard guard) {
    ActorSystem classic = Adapter.toClassic(system);
    GUARDS.put(classic, guard);
    system.getWhenTerminated().thenRun(() -> GUARDS.remove(classic));
  }

  @Override
  public Future<JoinDecision> decide(SeedNodesInformation found) {
    return FutureConverters.asScala(
        FutureConverters.asJava(super.decide(found)).thenCompose(this::guarded));
  }

  private CompletionStage<JoinDecision> guarded(JoinDecision decision) {
    FormationGuard guard = GUARDS.get(system);
    return guard == null || !decision.equals(JoinSelf.getInstance())
        ? CompletableFuture.completedFuture(decision)
        : guard.mayForm().thenApply(may -> may ? decision : KeepProbing.getInstance());
  }
}
