package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.conformance.Promise;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A node that the others take out of the cluster without its handing over anything. */
class ClusterLossTest {
  private static ClusterUnderTest cluster;
  private final List<WireClient> clients = new ArrayList<>();

  @BeforeAll
  static void start() {
    cluster = ClusterUnderTest.start(3, Map.of());
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @AfterEach
  void closeConnections() {
    clients.forEach(WireClient::close);
  }

  private WireClient connect(int node, ConnectPacket connect) {
    var client = open(node, connect);
    client.expectConnack(0);
    return client;
  }

  private WireClient open(int node, ConnectPacket connect) {
    var client = new WireClient(cluster.node(node).port(), connect.version, connect.clientId);
    clients.add(client.patience(ClusterUnderTest.PATIENCE));
    return client.send(connect.toArray());
  }

  /** As clients do: again until it is accepted. */
  private WireClient reconnect(int node, String clientId) {
    var connect = new ConnectPacket(Version.V5, clientId).persistent();
    List<WireClient> accepted = new ArrayList<>();
    ClusterUnderTest.await(
        clientId + " is served again",
        () -> {
          var client = open(node, connect);
          if (client.isAccepted()) {
            accepted.add(client);
            return true;
          }
          client.close();
          return false;
        });
    return accepted.get(0);
  }

  @Test
  @Promise({"I1", "I7"})
  void whatItAcknowledgedIsServedByTheOthersAndItsWillsArePublished() {
    String topic = WireTest.freshTopic();
    String wills = WireTest.freshTopic();
    var watching = connect(0, WireTest.fresh(Version.V5));
    watching.subscribe(wills, 1);
    List<WireClient> subscribers = new ArrayList<>();
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < 12; i++) {
      // connections on the node that is lost, sessions anywhere; and the other way round
      var connect = WireTest.fresh(Version.V5).persistent();
      if (i < 6) {
        connect.will(publish(wills, "will " + i).qos(1));
        expected.add("will " + i);
      }
      var subscriber = connect(i < 6 ? 2 : i % 2, connect);
      subscriber.subscribe(topic, 1);
      subscribers.add(subscriber);
    }
    var publisher = connect(2, WireTest.fresh(Version.V5));
    List<String> acknowledged = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      publisher.publish(publish(topic, "m" + i).qos(1));
      acknowledged.add("m" + i);
    }

    cluster.takeOut(2);

    publisher.expectEnd();
    Set<String> published = new HashSet<>();
    for (int i = 0; i < expected.size(); i++) {
      var will = watching.receive();
      watching.complete(will);
      published.add(will.payload());
    }
    assertEquals(expected, published);
    for (int i = 0; i < subscribers.size(); i++) {
      subscribers.get(i).close();
      var again = reconnect(i % 2, subscribers.get(i).clientId);
      Set<String> received = new HashSet<>();
      while (!received.containsAll(acknowledged)) {
        var message = again.receive();
        again.complete(message);
        received.add(message.payload());
      }
    }
    var late = reconnect(1, WireTest.freshId());
    assertEquals(1, late.subscribe(topic, 1));
    connect(0, WireTest.fresh(Version.V5)).publish(publish(topic, "after").qos(1));
    late.receive("after");
  }
}
