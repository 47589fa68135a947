package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;

/** Order of messages and of acknowledgements. */
class OrderTest extends WireTest {

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.6.0-5", "MQTT-4.6.0-6", "MQTT-4.6.0-2"},
      v5 = {"MQTT-4.6.0-5", "MQTT-4.6.0-6", "MQTT-4.6.0-2"})
  @Promise("I4")
  void messagesOfOnePublisherArriveInOrder(Version version) {
    for (int qos = 0; qos <= 2; qos++) {
      var topic = freshTopic();
      var subscriber = connect(version);
      subscriber.subscribe(topic, qos);
      var publisher = connect(version);

      // One write, fewer than any Receive Maximum.
      var burst = new Bytes();
      for (int i = 1; i <= 15; i++) {
        burst.raw(publish(topic, "m" + i).qos(qos, qos == 0 ? 0 : i).toArray(version));
      }
      publisher.send(burst.toArray());

      for (int i = 1; i <= 15 && qos > 0; i++) {
        publisher.expectAck(qos == 1 ? Received.PUBACK : Received.PUBREC, i);
      }
      for (int i = 1; i <= 15 && qos == 2; i++) {
        publisher.send(WireClient.ackPacket(Received.PUBREL, i));
        publisher.expectAck(Received.PUBCOMP, i);
      }
      for (int i = 1; i <= 15; i++) {
        subscriber.receive("m" + i);
      }
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.6.0-3", v5 = "MQTT-4.6.0-3")
  void pubrecsComeInTheOrderOfThePublishes(Version version) {
    var publisher = connect(version);
    int[] packetIds = {9, 3, 7, 1, 65535, 2};

    for (int packetId : packetIds) {
      publisher.send(publish(freshTopic(), "m").qos(2, packetId));
    }

    for (int packetId : packetIds) {
      assertEquals(packetId, publisher.next().ack(Received.PUBREC).packetId());
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.6.0-2", v5 = "MQTT-4.6.0-2")
  void pubacksComeInTheOrderOfThePublishes(Version version) {
    var publisher = connect(version);
    var watched = freshTopic();
    connect(fresh(version).persistent()).subscribe(watched, 1);
    int[] packetIds = {9, 3, 7, 1, 65535, 2};

    // Some need the journal, some do not.
    for (int packetId : packetIds) {
      var topic = packetId % 2 == 0 || packetId == 3 ? freshTopic() : watched;
      publisher.send(publish(topic, "m").qos(1, packetId));
    }

    for (int packetId : packetIds) {
      assertEquals(packetId, publisher.next().ack(Received.PUBACK).packetId());
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.6.0-4", v5 = "MQTT-4.6.0-4")
  void pubrelsComeInTheOrderOfThePubrecs(Version version) {
    var topic = freshTopic();
    var subscriber = connect(version);
    subscriber.subscribe(topic, 2);
    var publisher = connect(version);
    int[] packetIds = new int[5];
    for (int i = 0; i < 5; i++) {
      publisher.publish(publish(topic, "m" + i).qos(2));
      packetIds[4 - i] = subscriber.receive().packetId();
    }

    for (int packetId : packetIds) {
      subscriber.send(WireClient.ackPacket(Received.PUBREC, packetId));
    }

    for (int packetId : packetIds) {
      assertEquals(packetId, subscriber.next().ack(Received.PUBREL).packetId());
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.6.0-6", v5 = "MQTT-4.6.0-5")
  @Promise("I4")
  void theOrderHoldsWhereTheQueueMeetsTheLiveFlow(Version version) {
    var topic = freshTopic();
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 1);
    first.close();
    var publisher = connect(version);
    int count = 600;
    for (int i = 0; i < 300; i++) {
      publisher.publish(publish(topic, "" + i).qos(1));
    }

    var again = connect(new ConnectPacket(version, first.clientId).persistent());
    int received = 0;
    for (int i = 300; i < count; i++) {
      publisher.publish(publish(topic, "" + i).qos(1));
      again.receive("" + received++);
    }

    while (received < count) {
      again.receive("" + received++);
    }
  }
}
