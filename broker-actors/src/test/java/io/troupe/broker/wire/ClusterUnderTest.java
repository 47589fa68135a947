package io.troupe.broker.wire;

import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.Address;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.Member;
import akka.cluster.sharding.ShardRegion.CurrentShardRegionState;
import akka.cluster.sharding.typed.ClusterShardingQuery;
import akka.cluster.sharding.typed.GetShardRegionState;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Down;
import io.troupe.broker.cassandra.CassandraServer;
import io.troupe.broker.session.SessionSharding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Several nodes in this process, each an actor system of its own on loopback, with one Cassandra as
 * their store. They join by the first one's address.
 */
final class ClusterUnderTest implements AutoCloseable {
  /** How long what must happen may take on a slow machine. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final AtomicInteger KEYSPACES = new AtomicInteger();

  private final List<BrokerUnderTest> nodes = new ArrayList<>();
  private final Map<String, Object> shared = new HashMap<>();

  private ClusterUnderTest() {}

  /** Starts nodes; the same settings for all of them. */
  static ClusterUnderTest start(int count, Map<String, ?> settings) {
    return start(settings, Collections.nCopies(count, Map.of()));
  }

  /**
   * Starts nodes.
   *
   * @param settings of all of them
   * @param own of each, on top of these
   */
  static ClusterUnderTest start(Map<String, ?> settings, List<? extends Map<String, ?>> own) {
    int count = own.size();
    ClusterUnderTest cluster = new ClusterUnderTest();
    List<Integer> ports = freePorts(count);
    var server = CassandraServer.shared().contactPoint();
    cluster.shared.putAll(
        Map.of(
            "troupe.store.kind",
            "cassandra",
            "troupe.store.cassandra.contact-points",
            List.of(server.getHostString() + ":" + server.getPort()),
            "troupe.store.cassandra.request-timeout",
            "60s",
            "troupe.store.cassandra.replication",
            1,
            "troupe.store.cassandra.keyspace",
            "cluster_" + KEYSPACES.incrementAndGet(),
            "troupe.cluster.seed-nodes",
            List.of("127.0.0.1:" + ports.get(0)),
            "troupe.routing.partitions",
            9,
            "troupe.retained.partitions",
            3,
            "troupe.directory.partitions",
            3));
    cluster.shared.putAll(settings);
    cluster.nodes.add(cluster.startNode(ports.get(0), own.get(0)));
    List<CompletableFuture<BrokerUnderTest>> others = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      int node = i;
      others.add(
          CompletableFuture.supplyAsync(() -> cluster.startNode(ports.get(node), own.get(node))));
    }
    others.forEach(other -> cluster.nodes.add(other.join()));
    return cluster;
  }

  private BrokerUnderTest startNode(int port, Map<String, ?> own) {
    Map<String, Object> settings = new HashMap<>(shared);
    settings.putAll(own);
    settings.put("troupe.cluster.port", port);
    settings.put("troupe.node-name", "node-" + port);
    return BrokerUnderTest.start(settings);
  }

  /** Below the range of ports that the system gives to outgoing connections. */
  private static List<Integer> freePorts(int count) {
    List<Integer> ports = new ArrayList<>();
    while (ports.size() < count) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        if (!ports.contains(port)) {
          ports.add(socket.getLocalPort());
        }
      } catch (IOException taken) {
        // The next one.
      }
    }
    return ports;
  }

  int size() {
    return nodes.size();
  }

  BrokerUnderTest node(int index) {
    return nodes.get(index);
  }

  /** The clients whose sessions are in memory on a node. */
  Set<String> sessions(int index) {
    ActorSystem<?> system = node(index).system();
    CurrentShardRegionState state =
        AskPattern.<ClusterShardingQuery, CurrentShardRegionState>ask(
                ClusterSharding.get(system).shardState(),
                replyTo -> new GetShardRegionState(SessionSharding.KEY, replyTo),
                PATIENCE,
                system.scheduler())
            .toCompletableFuture()
            .join();
    Set<String> clients = new HashSet<>();
    state.getShards().forEach(shard -> clients.addAll(shard.getEntityIds()));
    return clients;
  }

  /** The others remove a node, as they do with one that is out of reach. */
  void takeOut(int index) {
    Address address = Cluster.get(node(index).system()).selfMember().address();
    Cluster first = Cluster.get(node(0).system());
    first.manager().tell(new Down(address));
    await(
        "the node is removed",
        () -> {
          for (Member member : first.state().getMembers()) {
            if (member.address().equals(address)) {
              return false;
            }
          }
          return true;
        });
  }

  /** Waits until something holds. */
  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what);
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Override
  public void close() {
    List<CompletableFuture<Void>> stops = new ArrayList<>();
    for (BrokerUnderTest node : nodes) {
      stops.add(CompletableFuture.runAsync(node::close));
    }
    try {
      stops.forEach(CompletableFuture::join);
    } catch (UncheckedIOException e) {
      throw new AssertionError(e);
    }
  }
}
