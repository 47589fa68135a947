package io.troupe.broker.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClusterConfig;
import io.troupe.broker.store.NodeLease;
import io.troupe.protocol.transport.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeTlsTest {
  @TempDir Path folder;
  private TestCertificates first;
  private TestCertificates second;
  private TestCertificates foreign;
  private int port;

  @BeforeEach
  void makeCertificates() {
    first = TestCertificates.make(folder, "first");
    second = TestCertificates.make(folder, "second");
    foreign = TestCertificates.make(folder, "foreign");
    port = TestNodes.freePort("127.0.0.2");
  }

  /** The file of the authorities: who is in it is trusted. */
  private Path authorities(String name, TestCertificates... trusted) throws IOException {
    StringBuilder all = new StringBuilder();
    for (TestCertificates each : trusted) {
      all.append(Files.readString(each.certificate()));
    }
    return Files.writeString(folder.resolve(name), all);
  }

  private Map<String, Object> node(int index) {
    return new HashMap<>(
        Map.of(
            "troupe.cluster.bind",
            "127.0.0." + (index + 2),
            "troupe.cluster.port",
            port,
            "troupe.cluster.seed-nodes",
            List.of("127.0.0.2:" + port),
            "akka.loglevel",
            "OFF"));
  }

  private Map<String, Object> node(int index, TestCertificates own, Path authorities) {
    Map<String, Object> node = node(index);
    node.put("troupe.cluster.tls.certificate-chain", own.certificate().toString());
    node.put("troupe.cluster.tls.private-key", own.key().toString());
    node.put("troupe.cluster.tls.ca", authorities.toString());
    return node;
  }

  @Test
  void nodesWithCertificatesOfTheAuthorityFormACluster() throws Exception {
    Path both = authorities("ca.pem", first, second);

    try (TestNodes nodes = TestNodes.start(2, i -> node(i, i == 0 ? first : second, both))) {
      nodes.awaitOneClusterOf(2);
    }
  }

  @Test
  void aNodeWithoutCertificateOrWithAForeignOneCannotJoin() throws Exception {
    Path own = authorities("ca.pem", first);
    Path all = authorities("all.pem", first, foreign);

    try (TestNodes nodes = TestNodes.start(1, i -> node(i, first, own))) {
      assertCannotJoin(node(1));
      assertCannotJoin(node(1, foreign, all));

      assertEquals(1, nodes.member(0).view().members().size());
    }
  }

  private static void assertCannotJoin(Map<String, Object> node) throws Exception {
    node.put("troupe.cluster.join-timeout", "5s");
    BrokerConfig config = TestNodes.config(node);
    ActorSystem<Void> system =
        ActorSystem.create(Behaviors.empty(), ClusterConfig.SYSTEM_NAME, config.akka());
    try {
      assertThrows(
          JoinException.class, () -> Membership.join(system, config.cluster(), NodeLease.ALONE));
    } finally {
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().join();
    }
  }

  @Test
  void replacedFilesCountFromTheNextConnection() throws Exception {
    Path old = authorities("ca.pem", first);
    Path renewed = authorities("renewed.pem", second);

    try (TestNodes one = TestNodes.start(1, i -> node(i, first, old))) {
      Files.copy(second.certificate(), first.certificate(), StandardCopyOption.REPLACE_EXISTING);
      Files.copy(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
      Files.copy(renewed, old, StandardCopyOption.REPLACE_EXISTING);

      try (TestNodes other = TestNodes.start(1, i -> node(1, second, renewed))) {
        other.awaitOneClusterOf(2);
        one.awaitOneClusterOf(2);
      }
    }
  }
}
