package io.troupe.broker.cluster;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import io.troupe.broker.cassandra.CassandraServer;
import io.troupe.broker.cassandra.CassandraSettings;
import io.troupe.broker.cassandra.CassandraStore;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClusterConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** On a real Cassandra. */
class SecondClusterTest {
  private static final String OTHER = "akka://troupe@127.0.0.1:1#other";

  private static CassandraStore open(String node) {
    return CassandraStore.open(
        new CassandraSettings(
            List.of(CassandraServer.shared().contactPoint()),
            "datacenter1",
            "second_cluster",
            null,
            null,
            1,
            true,
            Duration.ofSeconds(60),
            1 << 20),
        node,
        Duration.ofSeconds(1));
  }

  private static BrokerConfig config(int port, String joinTimeout) throws Exception {
    return TestNodes.config(
        Map.of(
            "troupe.cluster.port",
            port,
            "troupe.cluster.seed-nodes",
            List.of("127.0.0.1:" + port, "127.0.0.1:1"),
            "troupe.cluster.join-timeout",
            joinTimeout,
            "akka.cluster.seed-node-timeout",
            "500ms",
            "akka.loglevel",
            "OFF"));
  }

  @Test
  void theFirstSeedNodeFormsNoClusterWhileAnotherThatDoesNotAnswerHoldsALease() throws Exception {
    int port = TestNodes.freePort("127.0.0.1");
    BrokerConfig config = config(port, "5s");
    CassandraStore other = open("other");
    CassandraStore own = open("own");
    ActorSystem<Void> system =
        ActorSystem.create(Behaviors.empty(), ClusterConfig.SYSTEM_NAME, config.akka());
    try {
      other.lease().begin(OTHER, () -> {});
      long end = System.nanoTime() + TestNodes.PATIENCE.toNanos();
      while (!other.lease().isHeld()) {
        assertTrue(System.nanoTime() < end, "the lease is not had");
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }

      String message =
          assertThrows(
                  JoinException.class, () -> Membership.join(system, config.cluster(), own.lease()))
              .getMessage();
      assertTrue(message.contains(OTHER), message);

      other.close(); // as one that was killed: its lease grows old
      Membership.join(system, config(port, "90s").cluster(), own.lease()); // returns as a member
    } finally {
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().join();
      other.close();
      own.close();
    }
  }
}
