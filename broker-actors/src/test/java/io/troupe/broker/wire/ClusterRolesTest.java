package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two nodes that only store and one that only serves clients; a limit of sessions for all together.
 */
class ClusterRolesTest {
  private static final int SESSIONS_MAX = 8;
  private static final int CLIENTS_NODE = 2;

  private static ClusterUnderTest cluster;
  private final List<WireClient> clients = new ArrayList<>();

  @BeforeAll
  static void start() {
    Map<String, Object> stores = Map.of("troupe.cluster.roles", List.of("storage"));
    Map<String, Object> serves = Map.of("troupe.cluster.roles", List.of("clients"));
    cluster =
        ClusterUnderTest.start(
            Map.of("troupe.limits.cluster-sessions-max", SESSIONS_MAX),
            List.of(stores, stores, serves));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @AfterEach
  void closeConnections() {
    clients.forEach(WireClient::close);
  }

  private WireClient open(ConnectPacket connect) {
    var client =
        new WireClient(cluster.node(CLIENTS_NODE).port(), connect.version, connect.clientId);
    clients.add(client.patience(ClusterUnderTest.PATIENCE));
    return client.send(connect.toArray());
  }

  private WireClient connect() {
    var client = open(WireTest.fresh(Version.V5));
    client.expectConnack(0);
    return client;
  }

  @Test
  void sessionsAreWhereThereIsStorageAndListenersWhereClientsAre() {
    assertEquals(0, cluster.node(0).listeners());
    assertEquals(0, cluster.node(1).listeners());
    Set<String> connected = new HashSet<>();
    String topic = WireTest.freshTopic();
    for (int i = 0; i < 24; i++) {
      var subscriber = connect();
      connected.add(subscriber.clientId);
      subscriber.subscribe(topic, 1);
    }
    connect().publish(publish(topic, "to all").qos(1));
    clients.subList(0, connected.size()).forEach(client -> client.receive("to all"));

    for (int node = 0; node < 2; node++) {
      Set<String> there = cluster.sessions(node);
      there.retainAll(connected);
      assertFalse(there.isEmpty(), "no session on node " + node);
      connected.removeAll(there);
    }
    assertEquals(Set.of(), connected);
    ClusterUnderTest.await(
        "a node that has no clients hears of them",
        () -> cluster.node(0).clusterTotals().connections() >= 25);
  }

  @Test
  void allNodesTogetherTakeNoMoreSessionsThanTheyMay() {
    List<String> accepted = new ArrayList<>();
    ClusterUnderTest.await(
        "all places are taken", () -> tryToConnect(accepted) && accepted.size() >= SESSIONS_MAX);
    for (int i = 0; i < 10; i++) {
      tryToConnect(accepted);
    }
    assertTrue(accepted.size() < SESSIONS_MAX + cluster.size(), accepted::toString);

    var refused = open(WireTest.fresh(Version.V5).persistent());
    refused.expectConnack(0x97);
    connect(); // without a session that is stored
    var back = open(new ConnectPacket(Version.V5, accepted.get(0)).persistent());
    assertTrue(back.expectConnack(0).sessionPresent());
  }

  private boolean tryToConnect(List<String> accepted) {
    var client = open(WireTest.fresh(Version.V5).persistent());
    boolean success = client.isAccepted();
    if (success) {
      accepted.add(client.clientId);
    }
    client.close();
    return success;
  }
}
