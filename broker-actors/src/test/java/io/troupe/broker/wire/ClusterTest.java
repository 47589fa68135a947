package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.time.Duration;
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
 * What clients see of a cluster of three nodes: the same as of one node. Connections are spread
 * over the nodes by the tests, sessions, queues and retained messages by the cluster: with so many
 * clients each way there is from node to node is gone.
 */
class ClusterTest {
  /** Enough that sessions are on all nodes, whatever node their connections are on. */
  private static final int CLIENTS = 24;

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
    var client = new WireClient(cluster.node(node).port(), connect.version, connect.clientId);
    clients.add(client.patience(ClusterUnderTest.PATIENCE));
    client.send(connect.toArray());
    client.expectConnack(0);
    return client;
  }

  private WireClient connect(int node) {
    return connect(node, WireTest.fresh(Version.V5));
  }

  /** Clients of all nodes in turn. */
  private List<WireClient> connectAll() {
    List<WireClient> all = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      all.add(connect(i % cluster.size(), WireTest.fresh(i % 2 == 0 ? Version.V5 : Version.V311)));
    }
    return all;
  }

  @Test
  @Promise("I12")
  void aPublishThroughAnyNodeArrivesAfterSuback() {
    var publishers = List.of(connect(0), connect(1), connect(2));
    for (int qos = 0; qos <= 2; qos++) {
      String topic = WireTest.freshTopic();
      for (WireClient subscriber : connectAll()) {
        assertEquals(qos, subscriber.subscribe(topic, qos));
        for (int i = 0; i < publishers.size(); i++) {
          String payload = subscriber.clientId + " by " + i;
          publishers.get(i).publish(publish(topic, payload).qos(qos));
          var received = subscriber.receive(payload);
          assertEquals(qos, received.qos());
          assertFalse(received.dup());
        }
        subscriber.disconnect();
      }
    }
  }

  @Test
  void sessionsAreOnAllNodesWhereverTheirConnectionsAre() {
    Set<String> connected = new HashSet<>();
    for (int i = 0; i < CLIENTS; i++) {
      connected.add(connect(0).clientId);
    }
    for (int node = 0; node < cluster.size(); node++) {
      Set<String> there = cluster.sessions(node);
      there.retainAll(connected);
      assertFalse(there.isEmpty(), "no session on node " + node);
    }
  }

  @Test
  void oneMessageReachesManySubscribersOfEveryNodeInOrder() {
    String topic = WireTest.freshTopic();
    var subscribers = connectAll();
    subscribers.forEach(each -> each.subscribe(topic, 1));
    var publisher = connect(0);
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      sent.add("m" + i);
      publisher.publish(publish(topic, "m" + i).qos(1));
    }

    for (WireClient subscriber : subscribers) {
      assertEquals(sent, subscriber.receive(sent.size()));
    }
  }

  @Test
  void aSessionIsResumedThroughAnotherNodeWithWhatItMissed() {
    String topic = WireTest.freshTopic();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      var client = connect(i % 3, WireTest.fresh(Version.V5).persistent());
      client.subscribe(topic, 2);
      client.disconnect();
      ids.add(client.clientId);
    }
    var publisher = connect(1);
    publisher.publish(publish(topic, "one").qos(1));
    publisher.publish(publish(topic, "two").qos(2));

    for (int i = 0; i < CLIENTS; i++) {
      var back = connect((i + 1) % 3, new ConnectPacket(Version.V5, ids.get(i)).persistent());
      assertTrue(back.connack().sessionPresent());
      assertEquals(Set.of("one", "two"), new HashSet<>(back.receive(2)));
    }
  }

  @Test
  @Promise("I6")
  void aConnectionIsTakenOverByOneOnAnotherNode() {
    for (int i = 0; i < CLIENTS; i++) {
      var first = connect(i % 3, WireTest.fresh(Version.V5).persistent());
      String topic = WireTest.freshTopic();
      first.subscribe(topic, 1);

      var second = connect((i + 1) % 3, new ConnectPacket(Version.V5, first.clientId).persistent());

      first.expectClosed(0x8E);
      assertTrue(second.connack().sessionPresent());
      connect((i + 2) % 3).publish(publish(topic, "for the second").qos(1));
      second.receive("for the second");
    }
  }

  @Test
  @Promise("I8")
  void retainedMessagesAreTheSameOnAllNodes() {
    String topic = WireTest.freshTopic();
    connect(0).publish(publish(topic, "kept").qos(1).retain());
    for (WireClient subscriber : connectAll()) {
      subscriber.subscribe(topic, 1);
      assertTrue(subscriber.receive("kept").retain());
    }

    connect(1).publish(publish(topic, "").qos(1).retain());

    for (int node = 0; node < 3; node++) {
      var late = connect(node);
      late.subscribe(topic, 1);
      connect(node).publish(publish(topic, "live").qos(1));
      late.receive("live");
    }
  }

  @Test
  @Promise("I7")
  void aWillIsPublishedWhenAConnectionIsLostOnAnyNode() {
    String topic = WireTest.freshTopic();
    var watching = connect(2);
    watching.subscribe(topic, 1);
    for (int i = 0; i < CLIENTS; i++) {
      var client = connect(i % 3, WireTest.fresh(Version.V5).will(publish(topic, "w" + i).qos(1)));
      client.close();
      watching.receive("w" + i);
    }
  }

  @Test
  @Promise("I9")
  void eachMessageGoesToOneMemberOfASharedSubscription() {
    String topic = WireTest.freshTopic();
    List<WireClient> members = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      var member = connect(i % 3, WireTest.fresh(Version.V5).persistent());
      member.subscribe("$share/g/" + topic, 1);
      members.add(member);
    }
    var publisher = connect(0);
    Set<String> sent = new HashSet<>();
    for (int i = 0; i < 60; i++) {
      sent.add("s" + i);
      publisher.publish(publish(topic, "s" + i).qos(1));
    }

    List<String> received = new ArrayList<>();
    ClusterUnderTest.await(
        "all messages arrive",
        () -> {
          for (WireClient member : members) {
            while (member.hasMore(Duration.ofMillis(20))) {
              var one = member.receive();
              member.complete(one);
              received.add(one.payload());
            }
          }
          return received.size() >= sent.size();
        });
    assertEquals(60, received.size());
    assertEquals(sent, new HashSet<>(received));
  }

  @Test
  @Promise("I3")
  void anUnfinishedExchangeAtQos2IsFinishedThroughAnotherNode() {
    String topic = WireTest.freshTopic();
    var watching = connect(0);
    watching.subscribe(topic, 2);
    for (int i = 0; i < CLIENTS; i++) {
      var first = connect(i % 3, WireTest.fresh(Version.V5).persistent());
      var packet = publish(topic, "q" + i).qos(2, 7);
      first.send(packet).expectAck(Received.PUBREC, 7);
      first.close();

      var second = connect((i + 1) % 3, new ConnectPacket(Version.V5, first.clientId).persistent());
      second.send(packet.dup()).expectAck(Received.PUBREC, 7);
      second.send(WireClient.ackPacket(Received.PUBREL, 7)).expectAck(Received.PUBCOMP, 7);

      watching.receive("q" + i);
    }
    connect(1).publish(publish(topic, "last").qos(2));
    watching.receive("last"); // and nothing twice before it
  }

  @Test
  void aLargeMessageCrossesNodes() {
    String payload = "x".repeat(900_000);
    String topic = WireTest.freshTopic();
    for (int node = 0; node < 3; node++) {
      for (int qos = 0; qos <= 1; qos++) {
        var subscriber = connect(node, WireTest.fresh(Version.V5).persistent());
        subscriber.subscribe(topic, qos);
        connect((node + 1) % 3).publish(publish(topic, payload).qos(qos));
        subscriber.receive(payload);
        subscriber.disconnect();
      }
    }
  }
}
