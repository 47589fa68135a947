package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import org.junit.jupiter.api.Test;

/** A second connection with the client identifier of a first. */
class TakeoverTest extends WireTest {

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.4-2", "MQTT-3.1.3-2"},
      v5 = {"MQTT-3.1.4-3", "MQTT-3.14.4-2", "MQTT-3.14.2-1", "MQTT-4.13.2-1"})
  @Promise({"I6", "F7"})
  void theOldConnectionIsClosed(Version version) {
    var first = connect(fresh(version));

    var second = connect(new ConnectPacket(version, first.clientId));

    first.expectClosed(0x8E);
    second.ping();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.4-2", v5 = "MQTT-3.1.4-3")
  @Promise("I6")
  void theSessionMovesToTheNewConnection(Version version) {
    var topic = freshTopic();
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 1);

    var second = connect(new ConnectPacket(version, first.clientId).persistent());

    assertTrue(second.connack().sessionPresent());
    first.expectClosed(0x8E);
    connect(version).publish(publish(topic, "m").qos(1));
    second.receive("m");
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.4.0-1", "MQTT-4.3.3-1", "MQTT-3.3.1-1"},
      v5 = {"MQTT-4.4.0-1", "MQTT-4.3.3-5", "MQTT-4.3.3-6", "MQTT-3.3.1-1"})
  @Promise("I6")
  void qos2InFlightIsNotDeliveredAgain(Version version) {
    var topic = freshTopic();
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 2);
    var publisher = connect(version);
    publisher.publish(publish(topic, "received").qos(2));
    publisher.publish(publish(topic, "sent").qos(2));
    int received = first.receive().packetId();
    int sent = first.receive().packetId();
    first.send(WireClient.ackPacket(Received.PUBREC, received));
    first.expectAck(Received.PUBREL, received);

    var second = connect(new ConnectPacket(version, first.clientId).persistent());

    var pubrel = second.next();
    var again = second.next();
    if (pubrel.type() == Received.PUBLISH) {
      var swap = pubrel;
      pubrel = again;
      again = swap;
    }
    assertEquals(received, pubrel.ack(Received.PUBREL).packetId());
    assertEquals("sent", again.publish().payload());
    assertEquals(sent, again.publish().packetId());
    assertTrue(again.publish().dup());
    second.send(WireClient.ackPacket(Received.PUBCOMP, received));
    second.complete(again.publish());
    second.expectSilence();
  }

  @Test
  @Promise("I6")
  void versionsTakeOverFromEachOther() {
    var first = connect(fresh(Version.V5));

    var second = connect(new ConnectPacket(Version.V311, first.clientId));
    first.expectClosed(0x8E);
    var third = connect(new ConnectPacket(Version.V5, first.clientId));

    second.expectClosed();
    third.ping();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.4-2", v5 = "MQTT-3.1.4-3")
  @Promise({"I6", "F7"})
  void aStormOfTakeoversLeavesOneConnection(Version version) {
    String id = freshId();
    var topic = freshTopic();
    var clients = new WireClient[50];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = open(new ConnectPacket(version, id).persistent());
    }
    // their order is the event loops'; each has had its turn once it is answered
    for (var client : clients) {
      client.next();
    }

    for (var client : clients) {
      client.settle();
    }

    var last = connect(new ConnectPacket(version, id).persistent());

    for (var client : clients) {
      client.expectEnd();
    }
    last.subscribe(topic, 1);
    last.publish(publish(topic, "alive").qos(1));
    last.receive("alive");
  }

  /** Its session is leaving memory at that moment. */
  @Test
  @Statement(v311 = "MQTT-3.2.0-1", v5 = "MQTT-3.1.4-5")
  @Promise("F7")
  void aClientThatReturnsAtOnceIsServedEachTime() {
    String id = freshId();
    for (int i = 0; i < 100; i++) {
      var client = connect(new ConnectPacket(Version.V5, id));
      if (i % 3 == 0) {
        client.subscribe("returns/" + i, 1);
      }
      client.disconnect();
    }
  }
}
