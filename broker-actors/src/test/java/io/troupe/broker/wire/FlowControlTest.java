package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** Receive Maximum, both ways. */
class FlowControlTest extends WireTest {

  private static ConnectPacket receiveMaximum(int value) {
    return fresh(Version.V5).with(Properties5.RECEIVE_MAXIMUM, value);
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.4-9", "MQTT-4.9.0-1", "MQTT-4.9.0-2"})
  @Promise("I15")
  void noMoreIsSentThanTheClientTakes() {
    var topic = freshTopic();
    var subscriber = connect(receiveMaximum(3));
    subscriber.subscribe(topic, 2);
    var publisher = connect(Version.V5);
    for (int i = 0; i < 10; i++) {
      publisher.publish(publish(topic, "m" + i).qos(1 + i % 2));
    }
    Deque<Received.Publish> inFlight = new ArrayDeque<>();
    for (int i = 0; i < 3; i++) {
      inFlight.add(subscriber.receive());
    }
    subscriber.expectSilence();

    for (int i = 3; i < 10; i++) {
      subscriber.complete(inFlight.remove());
      inFlight.add(subscriber.receive());
      assertEquals("m" + i, inFlight.getLast().payload());
    }

    inFlight.forEach(subscriber::complete);
    subscriber.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.4-9", "MQTT-4.9.0-2"})
  @Promise("I15")
  void pubrecDoesNotFreeThePlaceButPubcompDoes() {
    var topic = freshTopic();
    var subscriber = connect(receiveMaximum(1));
    subscriber.subscribe(topic, 2);
    var publisher = connect(Version.V5);
    publisher.publish(publish(topic, "one").qos(2));
    publisher.publish(publish(topic, "two").qos(2));
    var one = subscriber.receive();
    subscriber.send(WireClient.ackPacket(Received.PUBREC, one.packetId()));
    subscriber.expectAck(Received.PUBREL, one.packetId());
    subscriber.expectSilence();

    subscriber.send(WireClient.ackPacket(Received.PUBCOMP, one.packetId()));

    subscriber.receive("two");
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.4-9", "MQTT-4.4.0-2"})
  void aRefusalFreesThePlace() {
    var topic = freshTopic();
    var subscriber = connect(receiveMaximum(1));
    subscriber.subscribe(topic, 2);
    var publisher = connect(Version.V5);
    for (int i = 1; i <= 3; i++) {
      publisher.publish(publish(topic, "m" + i).qos(i == 2 ? 1 : 2));
    }

    subscriber.send(WireClient.ackPacket(Received.PUBREC, subscriber.receive().packetId(), 0x80));
    subscriber.send(WireClient.ackPacket(Received.PUBACK, subscriber.receive().packetId(), 0x97));

    subscriber.receive("m3");
    subscriber.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.4-10", "MQTT-4.9.0-3"})
  void otherPacketsFlowWithAFullWindow() {
    var topic = freshTopic();
    var other = freshTopic();
    var client = connect(receiveMaximum(1));
    client.subscribe(topic, 1);
    client.publish(publish(topic, "one").qos(1));
    client.publish(publish(topic, "two").qos(1));
    var one = client.receive();

    client.subscribe(other, 0);
    client.publish(publish(other, "qos 0"));
    client.ping();
    client.unsubscribe(other);
    client.publish(publish(freshTopic(), "elsewhere").qos(2));

    client.receive("qos 0");
    client.expectSilence();
    client.complete(one);
    client.receive("two");
  }

  @Test
  @Statement(v5 = "MQTT-4.9.0-1")
  @Promise("I15")
  void theWindowIsFullAgainOnReturn() {
    var topic = freshTopic();
    var connect = receiveMaximum(2).persistent();
    var first = connect(connect);
    first.subscribe(topic, 1);
    var publisher = connect(Version.V5);
    for (int i = 0; i < 4; i++) {
      publisher.publish(publish(topic, "m" + i).qos(1));
    }
    first.receive();
    first.receive();
    first.close();

    var again =
        connect(
            new ConnectPacket(Version.V5, connect.clientId)
                .with(Properties5.RECEIVE_MAXIMUM, 2)
                .persistent());

    var m0 = again.receive();
    var m1 = again.receive();
    again.expectSilence();
    again.complete(m0);
    again.complete(m1);
    again.receive("m2");
    again.receive("m3");
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.4-7", "MQTT-3.14.2-1"})
  @Promise("I15")
  void aClientBeyondTheServersReceiveMaximumIsDisconnected() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    long maximum = client.connack().properties().number(Properties5.RECEIVE_MAXIMUM, 65535);
    var packets = new Bytes();
    for (int i = 1; i <= maximum + 1; i++) {
      // QoS 2 without PUBREL: none of these completes.
      packets.raw(publish(topic, "").qos(2, i == 65536 ? 1 : i).toArray(Version.V5));
    }
    assertTrue(maximum < 65535, "the server announces what it takes");

    client.send(packets.toArray());

    while (true) {
      var packet = client.next();
      if (packet.type() == Received.DISCONNECT) {
        assertEquals(0x93, packet.disconnect().code());
        break;
      }
      assertEquals(0, packet.ack(Received.PUBREC).code() & 0x80);
    }
    client.expectClosed();
  }

  @Test
  @Statement(v5 = "MQTT-3.3.4-9")
  void aWindowOf65535IsAllowed() {
    var topic = freshTopic();
    var client = connect(receiveMaximum(65535));
    client.subscribe(topic, 1);

    client.publish(publish(topic, "m").qos(1));

    client.receive("m");
  }
}
