package io.troupe.broker.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClusterConfig;
import io.troupe.broker.store.NodeLease;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/** Nodes of a cluster in this process, without what runs on them. */
final class TestNodes implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final List<ActorSystem<Void>> systems = new ArrayList<>();
  private final List<Membership> members = new ArrayList<>();

  /** Starts them at once; returns when each has joined. */
  static TestNodes start(int count, IntFunction<Map<String, Object>> settings) throws Exception {
    TestNodes nodes = new TestNodes();
    List<CompletableFuture<Membership>> joining = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      BrokerConfig config = config(settings.apply(i));
      ActorSystem<Void> system =
          ActorSystem.create(Behaviors.empty(), ClusterConfig.SYSTEM_NAME, config.akka());
      nodes.systems.add(system);
      joining.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return Membership.join(system, config.cluster(), NodeLease.ALONE);
                } catch (JoinException e) {
                  throw new CompletionException(e);
                }
              },
              command -> new Thread(command, "join").start()));
    }
    try {
      for (CompletableFuture<Membership> each : joining) {
        nodes.members.add(each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      }
      return nodes;
    } catch (Exception e) {
      nodes.close();
      throw e;
    }
  }

  static BrokerConfig config(Map<String, Object> settings) throws Exception {
    Map<String, Object> all = new HashMap<>();
    all.put("troupe.dev", true);
    all.put("troupe.store.kind", "cassandra");
    all.put("troupe.cluster.join-timeout", PATIENCE.toSeconds() + "s");
    all.put("akka.loglevel", "WARNING");
    all.put("akka.management.cluster.bootstrap.contact-point-discovery.stable-margin", "500ms");
    all.putAll(settings);
    return BrokerConfig.of(all);
  }

  Membership member(int index) {
    return members.get(index);
  }

  ActorSystem<Void> system(int index) {
    return systems.get(index);
  }

  /** Waits until every node sees this many nodes up and reachable, and no other. */
  void awaitOneClusterOf(int count) {
    List<String> expected = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    long end = System.nanoTime() + PATIENCE.toNanos();
    do {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      expected.clear();
      seen.clear();
      for (Membership member : members) {
        ClusterView view = member.view();
        expected.add("Up, " + count + " of " + count + " nodes reachable; " + count);
        seen.add(view.summary() + "; " + view.members().size());
      }
    } while (!expected.equals(seen) && System.nanoTime() < end);
    assertEquals(expected, seen);
  }

  /**
   * Free when asked, and below the range of ports that the system gives to outgoing connections, so
   * that nothing else takes it.
   */
  static int freePort(String address) {
    for (int i = 0; i < 100; i++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(address))) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        // The next one.
      }
    }
    throw new IllegalStateException("no free port");
  }

  @Override
  public void close() {
    systems.forEach(ActorSystem::terminate);
    systems.forEach(system -> system.getWhenTerminated().toCompletableFuture().join());
  }
}
