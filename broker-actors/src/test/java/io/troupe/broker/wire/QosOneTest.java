package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** QoS 0 and 1, both directions. */
class QosOneTest extends WireTest {

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.3.4-1", "MQTT-4.3.2-2", "MQTT-2.3.1-6"},
      v5 = {"MQTT-3.3.4-1", "MQTT-4.3.2-4", "MQTT-2.2.1-5", "MQTT-3.4.2-1"})
  void pubackHasTheIdentifierOfThePublish(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 0);
    for (int packetId : new int[] {1, 300, 65535}) {
      client.send(publish(topic, "m" + packetId).qos(1, packetId));

      assertEquals(0, client.expectAck(Received.PUBACK, packetId).code());
      client.receive("m" + packetId);
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.3.4-1", v5 = "MQTT-3.3.4-1")
  void qos0IsNotAnswered(Version version) {
    var client = connect(version);

    client.send(publish(freshTopic(), "m"));

    client.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.3.2-2", v5 = "MQTT-4.3.2-5")
  void theSameIdentifierAfterPubackIsANewMessage(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 1);
    client.send(publish(topic, "one").qos(1, 7));
    client.expectAck(Received.PUBACK, 7);

    client.send(publish(topic, "two").qos(1, 7));
    client.expectAck(Received.PUBACK, 7);
    client.send(publish(topic, "three").qos(1, 7).dup());
    client.expectAck(Received.PUBACK, 7);

    client.receive("one");
    client.receive("two");
    client.receive("three");
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.3.2-1", "MQTT-2.3.1-4", "MQTT-2.3.1-1"},
      v5 = {"MQTT-4.3.2-1", "MQTT-4.3.2-2", "MQTT-2.2.1-4"})
  void eachMessageInFlightHasItsOwnIdentifier(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 2);
    Set<Integer> inFlight = new HashSet<>();

    for (int i = 0; i < 20; i++) {
      client.publish(publish(topic, "m" + i).qos(1 + i % 2));
      var message = client.receive();
      assertNotEquals(0, message.packetId());
      assertFalse(message.dup());
      inFlight.add(message.packetId());
    }

    assertEquals(20, inFlight.size());
  }

  @EachVersion
  @Statement(
      v311 = "MQTT-2.3.1-4",
      v5 = {"MQTT-2.2.1-4", "MQTT-4.3.2-1"})
  void identifiersComeAroundWithoutMeetingOneStillInUse(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 1);
    client.publish(publish(topic, "held").qos(1));
    int held = client.receive().packetId();
    int left = 66_000;
    var publisher = connect(version);

    // Batches small enough for any Receive Maximum.
    while (left > 0) {
      int batch = Math.min(15, left);
      var packets = new Bytes();
      for (int i = 1; i <= batch; i++) {
        packets.raw(publish(topic, "x").qos(1, i).toArray(version));
      }
      publisher.send(packets.toArray());
      var acks = new Bytes();
      for (int i = 0; i < batch; i++) {
        int packetId = client.receive().packetId();
        assertNotEquals(held, packetId);
        assertNotEquals(0, packetId);
        acks.raw(WireClient.ackPacket(Received.PUBACK, packetId));
      }
      client.send(acks.toArray());
      for (int i = 1; i <= batch; i++) {
        publisher.expectAck(Received.PUBACK, i);
      }
      left -= batch;
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.3.1-3", v5 = "MQTT-3.3.1-3")
  @Promise("I5")
  void dupOfThePublisherIsNotPassedOn(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 2);

    client.send(publish(topic, "one").qos(1, 1).dup());
    client.expectAck(Received.PUBACK, 1);
    client.send(publish(topic, "two").qos(2, 2).dup());
    client.expectAck(Received.PUBREC, 2);
    client.send(WireClient.ackPacket(Received.PUBREL, 2));
    client.expectAck(Received.PUBCOMP, 2);

    assertFalse(client.receive("one").dup());
    assertFalse(client.receive("two").dup());
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.3.1-2", v5 = "MQTT-3.3.1-2")
  void dupOnQos0IsMalformed(Version version) {
    connect(version).send(publish(freshTopic(), "x").dup()).expectClosed(0x81, 0x82);
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.3.1-4", v5 = "MQTT-3.3.1-4")
  void qos3IsMalformed(Version version) {
    connect(version).send(publish(freshTopic(), "x").qos(3, 1)).expectClosed(0x81);
  }

  @Test
  @Statement(v5 = "MQTT-3.4.2-1")
  void pubackTellsWhetherAnybodySubscribed() {
    var topic = freshTopic();
    var client = connect(Version.V5);

    assertEquals(0x10, client.publish(publish(topic, "m").qos(1)).code());
    client.subscribe(topic, 0);
    assertEquals(0x00, client.publish(publish(topic, "m").qos(1)).code());
  }

  @EachVersion
  void anUnexpectedPubackIsNoHarm(Version version) {
    var client = connect(version);

    client.send(WireClient.ackPacket(Received.PUBACK, 4711));

    client.ping();
  }
}
