package io.troupe.broker.cluster;

import akka.Done;
import akka.actor.Address;
import akka.actor.AddressFromURIString;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.cluster.Cluster;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import akka.management.javadsl.AkkaManagement;
import io.troupe.broker.config.ClusterConfig;
import io.troupe.broker.config.Discovery;
import io.troupe.broker.store.NodeLease;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** This node's part in its cluster. Thread-safe. */
public final class Membership {
  private static final long LOOK_MILLIS = 1_000;

  private final ActorSystem<?> system;
  private final ClusterConfig config;
  private final Cluster cluster;
  private final FormationGuard guard;

  private Membership(ActorSystem<?> system, ClusterConfig config, NodeLease lease) {
    this.system = system;
    this.config = config;
    this.cluster = Cluster.get(Adapter.toClassic(system));
    this.guard = new FormationGuard(lease, cluster.selfAddress().toString());
  }

  /**
   * Joins the cluster, or forms one, and returns when this node is a member.
   *
   * @param lease tells whether another cluster uses the store: none is formed beside it
   * @throws JoinException if that did not happen in time; says what to do. The actor system still
   *     runs
   */
  public static Membership join(ActorSystem<?> system, ClusterConfig config, NodeLease lease)
      throws JoinException {
    Membership membership = new Membership(system, config, lease);
    membership.join();
    return membership;
  }

  private void join() throws JoinException {
    CompletableFuture<Void> up = new CompletableFuture<>();
    cluster.registerOnMemberUp(() -> up.complete(null));
    if (config.management().enabled()) {
      startManagement();
    }
    if (config.isSingleNode()) {
      cluster.join(cluster.selfAddress());
    } else if (config.discovery() != Discovery.CONFIG) {
      StoreJoinDecider.use(system, guard);
      ClusterBootstrap.get(Adapter.toClassic(system)).start();
    }
    try {
      if (config.seedNodes().isEmpty()) {
        up.get(config.joinTimeout().toSeconds(), TimeUnit.SECONDS);
      } else {
        joinSeedNodes(up);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JoinException("The start was interrupted.", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new JoinException(notJoined(), e);
    }
  }

  /**
   * Akka goes on with the last list until this node is a member; only the first of it forms one.
   */
  private void joinSeedNodes(CompletableFuture<Void> up)
      throws InterruptedException, ExecutionException, TimeoutException {
    Address self = cluster.selfAddress();
    List<Address> seeds =
        config.seedNodes().stream()
            .map(
                node ->
                    AddressFromURIString.parse("akka://" + ClusterConfig.SYSTEM_NAME + "@" + node))
            .toList();
    long deadline = System.nanoTime() + config.joinTimeout().toNanos();
    List<Address> joining = List.of();
    do {
      boolean mayForm = !seeds.get(0).equals(self) || mayForm(deadline);
      List<Address> wanted = FormationGuard.order(seeds, self, mayForm);
      if (!wanted.equals(joining) && !up.isDone()) {
        joining = wanted;
        cluster.joinSeedNodes(wanted);
      }
      try {
        up.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        // Who lives may have changed.
      }
    } while (System.nanoTime() - deadline < 0);
    throw new TimeoutException();
  }

  private boolean mayForm(long deadline)
      throws InterruptedException, ExecutionException, TimeoutException {
    return guard
        .mayForm()
        .toCompletableFuture()
        .get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  private void startManagement() throws JoinException {
    try {
      AkkaManagement.get(system)
          .start()
          .toCompletableFuture()
          .get(config.joinTimeout().toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JoinException("The start was interrupted.", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new JoinException(
          "The cluster's management cannot bind "
              + config.management().bind()
              + ":"
              + config.management().port()
              + ": if another program uses this port, stop it or choose another one with"
              + " troupe.cluster.management.port ("
              + e.getCause()
              + ")",
          e);
    }
  }

  private String notJoined() {
    String advice =
        switch (config.discovery()) {
          case CONFIG ->
              "Check that the first of the nodes in troupe.cluster.seed-nodes runs, and that nodes"
                  + " reach each other on the addresses listed there.";
          case DNS ->
              "Check that DNS answers for "
                  + config.serviceName()
                  + " with the nodes' addresses, that "
                  + config.requiredContactPoints()
                  + " of them run (troupe.cluster.required-contact-points), and that they reach"
                  + " each other on troupe.cluster.port and troupe.cluster.management.port.";
          case KUBERNETES ->
              "Check that the pods have the label app="
                  + config.serviceName()
                  + " and a container port named "
                  + config.portName()
                  + ", that their service account may list pods, and that "
                  + config.requiredContactPoints()
                  + " of them run (troupe.cluster.required-contact-points).";
        };
    return "This node did not become a member of the cluster within "
        + config.joinTimeout().toSeconds()
        + " s (troupe.cluster.join-timeout). "
        + advice
        + guard.advice()
        + " The log tells more.";
  }

  /**
   * Does work before all else when this node finds itself on the side of a divided cluster that
   * ends; its actor system then stops by itself.
   */
  public void whenDowned(Runnable work) {
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeServiceUnbind(),
        "when-downed",
        () -> {
          boolean downed =
              shutdown
                  .getShutdownReason()
                  .filter(CoordinatedShutdown.ClusterDowningReason$.class::isInstance)
                  .isPresent();
          if (downed) {
            work.run();
          }
          return CompletableFuture.completedStage(Done.getInstance());
        });
  }

  /** What this node knows now. */
  public ClusterView view() {
    ClusterEvent.CurrentClusterState state = cluster.state();
    Set<Member> unreachable = state.getUnreachable();
    List<ClusterView.Member> members = new ArrayList<>();
    for (Member member : state.getMembers()) {
      members.add(
          new ClusterView.Member(
              text(member.address()),
              member.status().toString(),
              !unreachable.contains(member),
              member.uniqueAddress().equals(cluster.selfUniqueAddress()),
              roles(member)));
    }
    return new ClusterView(members);
  }

  /** Akka adds one of its own, for data centers. */
  private static List<String> roles(Member member) {
    return member.getRoles().stream().filter(role -> !role.startsWith("dc-")).sorted().toList();
  }

  private static String text(Address address) {
    return address.hostPort().substring(address.system().length() + 1);
  }
}
