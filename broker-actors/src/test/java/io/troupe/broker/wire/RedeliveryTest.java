package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.ArrayList;
import java.util.List;

/** What is sent again after a reconnect, with which flags, in which order. */
class RedeliveryTest extends WireTest {

  private WireClient resume(WireClient client) {
    var again = connect(new ConnectPacket(client.version, client.clientId).persistent());
    assertTrue(again.connack().sessionPresent());
    return again;
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-4.3.2-1", "MQTT-4.6.0-1"},
      v5 = {"MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-4.3.2-3", "MQTT-4.3.3-3", "MQTT-4.6.0-1"})
  @Promise({"I3", "I4", "I5"})
  void unacknowledgedMessagesComeAgainInOrder(Version version) {
    var topic = freshTopic();
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 2);
    var publisher = connect(version);
    List<Integer> packetIds = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      publisher.publish(publish(topic, "m" + i).qos(1 + i % 2));
      packetIds.add(first.receive().packetId());
    }
    first.disconnect();
    publisher.publish(publish(topic, "queued").qos(1));

    var again = resume(first);

    for (int i = 0; i < 10; i++) {
      var message = again.receive();
      assertEquals("m" + i, message.payload());
      assertEquals(packetIds.get(i), message.packetId());
      assertTrue(message.dup());
    }
    var queued = again.receive();
    assertEquals("queued", queued.payload());
    assertFalse(queued.dup());
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.4.0-1", "MQTT-4.3.3-1", "MQTT-4.6.0-4"},
      v5 = {"MQTT-4.4.0-1", "MQTT-4.3.3-5", "MQTT-4.3.3-6", "MQTT-4.6.0-4"})
  @Promise("I3")
  void afterPubrecPubrelComesAgainInsteadOfPublish(Version version) {
    var topic = freshTopic();
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 2);
    var publisher = connect(version);
    List<Integer> packetIds = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      publisher.publish(publish(topic, "m" + i).qos(2));
      packetIds.add(first.receive().packetId());
    }
    for (int packetId : packetIds) {
      first.send(WireClient.ackPacket(Received.PUBREC, packetId));
    }
    for (int packetId : packetIds) {
      first.expectAck(Received.PUBREL, packetId);
    }
    first.close();

    var again = resume(first);

    for (int packetId : packetIds) {
      assertEquals(packetId, again.next().ack(Received.PUBREL).packetId());
    }
    for (int packetId : packetIds) {
      again.send(WireClient.ackPacket(Received.PUBCOMP, packetId));
    }
    again.expectSilence();
    again.close();
    resume(again).expectSilence();
  }

  @EachVersion
  @Statement(
      v311 = "MQTT-4.3.2-1",
      v5 = {"MQTT-4.4.0-1", "MQTT-4.3.2-3"})
  @Promise("I5")
  void acknowledgedMessagesDoNotComeAgain(Version version) {
    var topic = freshTopic();
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 1);
    var publisher = connect(version);
    publisher.publish(publish(topic, "acknowledged").qos(1));
    publisher.publish(publish(topic, "pending").qos(1));
    var acknowledged = first.receive();
    first.receive();
    first.complete(acknowledged);
    first.ping();
    first.close();

    var again = resume(first);

    assertTrue(again.receive("pending").dup());
    again.expectSilence();
  }

  @EachVersion
  @Statement(v5 = "MQTT-4.4.0-1")
  @Promise("I5")
  void nothingIsSentAgainOnTheSameConnection(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 2);
    client.publish(publish(topic, "m").qos(2));
    client.receive();

    client.expectSilence();
    client.publish(publish(topic, "n").qos(1));

    assertEquals("n", client.receive().payload());
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.4.0-1", "MQTT-2.3.1-4"},
      v5 = {"MQTT-4.4.0-1", "MQTT-2.2.1-4"})
  void aNewMessageDoesNotTakeAnIdentifierStillInUse(Version version) {
    var topic = freshTopic();
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 2);
    var publisher = connect(version);
    publisher.publish(publish(topic, "old").qos(2));
    int old = first.receive().packetId();
    first.close();
    var again = resume(first);
    assertEquals(old, again.receive().packetId());

    publisher.publish(publish(topic, "new").qos(2));

    assertTrue(again.receive().packetId() != old);
  }

  @EachVersion
  @Statement(v5 = "MQTT-4.4.0-1", v311 = "MQTT-4.4.0-1")
  @Promise("I24")
  void severalLossesInARowKeepTheMessage(Version version) {
    var topic = freshTopic();
    var client = connect(fresh(version).persistent());
    client.subscribe(topic, 1);
    connect(version).publish(publish(topic, "m").qos(1));
    int packetId = client.receive().packetId();
    for (int i = 0; i < 3; i++) {
      client.close();
      client = resume(client);
      var message = client.receive();
      assertEquals(packetId, message.packetId());
      assertTrue(message.dup());
    }
  }
}
