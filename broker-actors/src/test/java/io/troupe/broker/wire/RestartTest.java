package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What survives a restart of the broker, and what runs on while it is down. */
class RestartTest extends WireTest {
  private BrokerUnderTest broker;

  @BeforeEach
  void start() {
    broker = BrokerUnderTest.start(settings());
  }

  /** What the broker is started with. */
  Map<String, Object> settings() {
    return Map.of();
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  @Override
  BrokerUnderTest broker() {
    return broker;
  }

  private WireClient resume(WireClient client) {
    var again = connect(new ConnectPacket(client.version, client.clientId).persistent());
    assertTrue(again.connack().sessionPresent());
    return again;
  }

  @Test
  @Statement(
      v311 = {"MQTT-4.1.0-1", "MQTT-3.1.2-5", "MQTT-4.5.0-1", "MQTT-3.1.2-7"},
      v5 = {"MQTT-3.1.2-23", "MQTT-4.5.0-1"})
  @Promise({"I1", "I5", "I8", "I13", "I14"})
  void sessionsQueuesAndRetainedMessagesSurvive() {
    var subscriber = connect(fresh(Version.V5).persistent());
    var old = connect(fresh(Version.V311).persistent());
    for (var client : List.of(subscriber, old)) {
      client.subscribe("kept/#", 2);
      client.subscribe("given/up", 1);
      client.unsubscribe("given/up");
    }
    old.disconnect();
    subscriber.disconnect();
    var publisher = connect(Version.V5);
    for (int i = 0; i < 20; i++) {
      publisher.publish(publish("kept/queue", "m" + i).qos(1 + i % 2));
    }
    publisher.publish(publish("kept/retained", "retained").qos(1).retain());
    publisher.publish(publish("deleted", "x").qos(1).retain());
    publisher.publish(publish("deleted", "").qos(1).retain());

    broker.restart();

    for (var client : List.of(subscriber, old)) {
      var again = resume(client);
      for (int i = 0; i < 20; i++) {
        assertFalse(again.receive("m" + i).dup());
      }
      again.receive("retained");
      connect(Version.V5).publish(publish("given/up", "no").qos(1));
      connect(Version.V5).publish(publish("kept/live", "live").qos(1));
      again.receive("live");
      again.close();
    }
    var late = connect(Version.V311);
    late.subscribe(Properties5.none(), "kept/retained", 1, "deleted", 1);
    assertTrue(late.receive("retained").retain());
    late.expectSilence();
  }

  @Test
  @Statement(
      v311 = {"MQTT-4.4.0-1", "MQTT-4.3.3-1", "MQTT-4.3.3-2", "MQTT-3.3.1-1"},
      v5 = {"MQTT-4.4.0-1", "MQTT-4.3.3-6", "MQTT-4.3.3-10", "MQTT-3.3.1-1"})
  @Promise("I3")
  void handshakesGoOnWhereTheyWere() {
    var subscriber = connect(fresh(Version.V5).persistent());
    subscriber.subscribe("t", 2);
    var publisher = connect(fresh(Version.V5).persistent());
    publisher.publish(publish("t", "received").qos(2));
    publisher.publish(publish("t", "sent").qos(2));
    int received = subscriber.receive().packetId();
    int sent = subscriber.receive().packetId();
    subscriber.send(WireClient.ackPacket(Received.PUBREC, received));
    subscriber.expectAck(Received.PUBREL, received);
    publisher.send(publish("t", "admitted").qos(2, 99));
    publisher.expectAck(Received.PUBREC, 99);

    broker.restart();

    publisher = resume(publisher);
    publisher.send(publish("t", "admitted").qos(2, 99).dup());
    publisher.expectAck(Received.PUBREC, 99);
    publisher.send(WireClient.ackPacket(Received.PUBREL, 99));
    publisher.expectAck(Received.PUBCOMP, 99);
    subscriber = resume(subscriber);
    assertEquals(received, subscriber.await(Received.PUBREL).ack(Received.PUBREL).packetId());
    subscriber.send(WireClient.ackPacket(Received.PUBCOMP, received));
    var again = subscriber.receive("sent");
    assertEquals(sent, again.packetId());
    assertTrue(again.dup());
    subscriber.receive("admitted");
    subscriber.expectSilence();
  }

  /**
   * Nothing is lost while all members of a group, or the broker, are down. What was sent comes with
   * DUP; of the next ones, at most 100, the queue may not know that they were not.
   */
  @Test
  @Promise("I9")
  void theQueueOfAGroupWaitsForAnyMember() {
    var members =
        List.of(
            connect(fresh(Version.V5).persistent().with(Properties5.RECEIVE_MAXIMUM, 2)),
            connect(fresh(Version.V5).persistent().with(Properties5.RECEIVE_MAXIMUM, 2)));
    members.forEach(member -> member.subscribe("$share/g/group", 1));
    var publisher = connect(Version.V5);
    for (int i = 0; i < 4; i++) {
      publisher.publish(publish("group", "m" + i).qos(1));
    }
    for (var member : members) {
      for (int i = 0; i < 2; i++) {
        assertFalse(member.receive().dup());
      }
      member.disconnect();
    }
    for (int i = 4; i < 120; i++) {
      publisher.publish(publish("group", "m" + i).qos(1 + i % 2));
    }

    broker.restart();

    var other = resume(members.get(1));
    for (int i = 0; i < 120; i++) {
      var message = other.receive("m" + i);
      assertTrue(message.dup() || i >= 4, "m" + i);
      assertFalse(message.dup() && i >= 104, "m" + i);
    }
    connect(Version.V5).publish(publish("group", "live").qos(1));
    other.receive("live");
    resume(members.get(0)).expectSilence();
  }

  /** A QoS 2 exchange goes on with the member it was begun with, and with no other. */
  @Test
  @Statement(v5 = "MQTT-4.8.2-4")
  @Promise("I9")
  void aQos2MessageOfAGroupStaysWithItsMember() {
    var one = connect(fresh(Version.V5).persistent());
    one.subscribe("$share/g/group", 2);
    connect(Version.V5).publish(publish("group", "begun").qos(2));
    int packetId = one.receive().packetId();
    var two = connect(fresh(Version.V5).persistent());
    two.subscribe("$share/g/group", 2);

    broker.restart();

    two = resume(two);
    two.expectSilence();
    one = resume(one);
    var again = one.receive("begun");
    assertEquals(packetId, again.packetId());
    assertTrue(again.dup());
    two.expectSilence();
  }

  /** The queue of a subscription that is gone holds what another one has left to it. */
  @Test
  @Statement(v5 = "MQTT-3.3.4-2")
  void whatOverlappingSubscriptionsLeftToOneThatIsGoneSurvives() {
    var subscriber = connect(fresh(Version.V5).persistent().with(Properties5.RECEIVE_MAXIMUM, 2));
    subscriber.subscribe("left/#", 2);
    subscriber.subscribe("left/+", 2);
    var publisher = connect(Version.V5);
    for (int i = 0; i < 20; i++) {
      publisher.publish(publish("left/a", "m" + i).qos(2));
    }
    subscriber.receive("m0");
    subscriber.receive("m1");
    subscriber.unsubscribe("left/#");
    publisher.publish(publish("left/a", "m20").qos(2));

    broker.restart();

    publisher = connect(Version.V5);
    publisher.publish(publish("left/a/b", "unwanted").qos(2));
    publisher.publish(publish("left/a", "m21").qos(2));
    subscriber = resume(subscriber);
    for (int i = 2; i <= 21; i++) {
      subscriber.receive("m" + i);
    }
    subscriber.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-8", "MQTT-4.1.0-2", "MQTT-3.3.2-5", "MQTT-3.3.2-6"})
  @Promise({"I7", "I10", "I11"})
  void deadlinesRunOnWhileTheBrokerIsDown() {
    var watcher = connect(fresh(Version.V5).persistent());
    watcher.subscribe("will", 1);
    watcher.subscribe("expiring", 1);
    watcher.disconnect();
    var mortal =
        connect(
            fresh(Version.V5)
                .with(Properties5.SESSION_EXPIRY, 1)
                .will(publish("will", "ended").qos(1).with(Properties5.WILL_DELAY, 600)));
    var delayed =
        connect(
            fresh(Version.V5)
                .persistent()
                .will(publish("will", "delayed").qos(1).with(Properties5.WILL_DELAY, 1)));
    var publisher = connect(Version.V5);
    publisher.publish(publish("expiring", "short").qos(1).with(Properties5.MESSAGE_EXPIRY, 1));
    publisher.publish(publish("expiring", "long").qos(1).with(Properties5.MESSAGE_EXPIRY, 600));
    long start = System.nanoTime();
    mortal.close();
    delayed.close();

    do {
      broker.restart();
    } while (System.nanoTime() - start < Duration.ofSeconds(2).toNanos());

    assertFalse(
        connect(new ConnectPacket(Version.V5, mortal.clientId).clean(false))
            .connack()
            .sessionPresent());
    var again = resume(watcher);
    var payloads = new java.util.TreeSet<String>();
    for (int i = 0; i < 3; i++) {
      var message = again.receive();
      again.complete(message);
      payloads.add(message.payload());
      if (message.payload().equals("long")) {
        assertTrue(message.properties().number(Properties5.MESSAGE_EXPIRY, 600) <= 598);
      }
    }
    assertEquals(List.of("delayed", "ended", "long"), List.copyOf(payloads));
    again.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-3.14.2-1", "MQTT-3.14.4-2"})
  @Promise("I21")
  void clientsAreToldThatTheServerStops() {
    var client5 = connect(Version.V5);
    var client3 = connect(Version.V311);

    broker.restart();

    client5.expectClosed(0x8B);
    client3.expectClosed();
    connect(Version.V5).ping();
  }
}
