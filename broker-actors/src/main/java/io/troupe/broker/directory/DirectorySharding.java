package io.troupe.broker.directory;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.cluster.UniqueAddress;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import io.troupe.broker.config.DirectoryConfig;
import io.troupe.broker.limits.ClusterCap;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.partition.NumberedSharding;
import io.troupe.broker.serialization.StableHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/** The directory of all clients as others use it. Thread-safe. */
public final class DirectorySharding {
  /** Sessions a node wakes in a tenth of a second: what it can recover without delaying others. */
  private static final int WAKE_BATCH = 500;

  private final NodeIncarnations nodes;
  private final LongSupplier nowMillis;
  private final NumberedSharding<ClientDirectoryActor.Command> sharding;

  private DirectorySharding(
      ActorSystem<?> system,
      DirectoryConfig config,
      NodeIncarnations nodes,
      ClientDirectoryActor.Surroundings surroundings) {
    this.nodes = nodes;
    this.nowMillis = surroundings.nowMillis();
    sharding =
        NumberedSharding.start(
            system,
            "directory",
            ClientDirectoryActor.Command.class,
            config.partitions(),
            partition -> ClientDirectoryActor.create(partition, surroundings));
  }

  /**
   * Lets this node, which is a member of its cluster by now, hold directory partitions. They act on
   * deadlines only after {@link #startAll}.
   *
   * @param alone whether the cluster never has other nodes
   * @param cap what this node may take of the sessions of all nodes
   * @param lastAliveMillis when this node's life before this one was last known alive
   */
  public static DirectorySharding start(
      ActorSystem<?> system,
      DirectoryConfig config,
      boolean alone,
      ClusterCap cap,
      long lastAliveMillis,
      SessionWaker waker,
      BrokerMetrics metrics,
      LongSupplier nowMillis) {
    Cluster cluster = Cluster.get(system);
    NodeIncarnations nodes =
        new NodeIncarnations(
            incarnation(cluster.selfMember().uniqueAddress()), alone, lastAliveMillis, nowMillis);
    cluster.state().getMembers().forEach(member -> nodes.joined(name(member)));
    ActorRef<ClusterEvent.MemberEvent> watch =
        system.systemActorOf(watch(nodes), "directory-nodes", Props.empty());
    cluster.subscriptions().tell(Subscribe.create(watch, ClusterEvent.MemberEvent.class));
    int wakeBatch = Math.max(1, WAKE_BATCH / config.partitions());
    return new DirectorySharding(
        system,
        config,
        nodes,
        new ClientDirectoryActor.Surroundings(nodes, waker, cap, metrics, nowMillis, wakeBatch));
  }

  private static Behavior<ClusterEvent.MemberEvent> watch(NodeIncarnations nodes) {
    return Behaviors.receiveMessage(
        event -> {
          if (event instanceof ClusterEvent.MemberRemoved) {
            nodes.removed(name(event.member()));
          } else {
            nodes.joined(name(event.member()));
          }
          return Behaviors.same();
        });
  }

  private static String name(Member member) {
    return incarnation(member.uniqueAddress());
  }

  /** Names a life of a node. */
  public static String incarnation(UniqueAddress node) {
    return NodeIncarnations.name(node.address().toString(), node.longUid());
  }

  /** Starts all partitions, so that deadlines act without any client; keeps them running. */
  public void startAll() {
    sharding.keepAll(new ClientDirectoryActor.Ping());
  }

  /** Names this life of this node, for {@link ClientRecord#connectedTo}. */
  public String incarnation() {
    return nodes.own();
  }

  /**
   * When a life of a node was last known alive, milliseconds since the epoch: the present for one
   * that goes on.
   */
  public long lastAliveMillis(String incarnation) {
    return nodes.isAlive(incarnation) ? nowMillis.getAsLong() : nodes.endedAtMillis(incarnation);
  }

  /** Stores what is known of a client, as {@link ClientDirectoryActor.Put} says. */
  public void put(
      ClientRecord client, long requestId, ActorRef<ClientDirectoryActor.Stored> replyTo) {
    sharding.tell(
        partition(client.clientId()), new ClientDirectoryActor.Put(client, requestId, replyTo));
  }

  /** Forgets a client. */
  public void remove(String clientId) {
    sharding.tell(partition(clientId), new ClientDirectoryActor.Remove(clientId));
  }

  /**
   * Lists clients in the order of their identifiers.
   *
   * @param prefix with which identifiers begin; empty: all
   * @param after the last client of the page before, or empty
   */
  public CompletionStage<ClientPage> list(
      String prefix, String after, int limit, Duration timeout) {
    List<CompletableFuture<ClientPage>> pages = new ArrayList<>();
    for (int i = 0; i < sharding.partitions(); i++) {
      CompletionStage<ClientPage> page =
          sharding.ask(
              i,
              replyTo -> new ClientDirectoryActor.ListClients(prefix, after, limit, replyTo),
              timeout);
      pages.add(page.toCompletableFuture());
    }
    return CompletableFuture.allOf(pages.toArray(CompletableFuture[]::new))
        .thenApply(
            done -> ClientPage.merge(pages.stream().map(CompletableFuture::join).toList(), limit));
  }

  private int partition(String clientId) {
    return StableHash.partition(clientId, sharding.partitions());
  }
}
