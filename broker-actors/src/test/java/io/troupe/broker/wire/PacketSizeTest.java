package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Maximum Packet Size, both ways. */
class PacketSizeTest extends WireTest {

  private static ConnectPacket maximum(long bytes) {
    return fresh(Version.V5).with(Properties5.MAXIMUM_PACKET_SIZE, bytes);
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-24", "MQTT-3.1.2-25"})
  @Promise("I15")
  void aMessageTooLargeIsDiscardedAsIfItWasSent() {
    for (int qos = 0; qos <= 2; qos++) {
      var topic = freshTopic();
      var subscriber = connect(maximum(100).with(Properties5.RECEIVE_MAXIMUM, 1));
      subscriber.subscribe(topic, 2);
      var publisher = connect(Version.V5);
      publisher.publish(publish(topic, "before").qos(qos));
      for (int i = 0; i < 3; i++) {
        publisher.publish(publish(topic, "x".repeat(100)).qos(qos));
      }
      publisher.publish(publish(topic, "after").qos(qos));

      assertEquals(List.of("before", "after"), subscriber.receive(2));
      subscriber.expectSilence();
    }
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-25")
  void itIsDiscardedFromTheQueueOfAReturningClientToo() {
    var topic = freshTopic();
    var first = connect(fresh(Version.V5).persistent());
    first.subscribe(topic, 1);
    first.disconnect();
    var publisher = connect(Version.V5);
    publisher.publish(publish(topic, "x".repeat(1000)).qos(1));
    publisher.publish(publish(topic, "small").qos(1));

    var again =
        connect(
            new ConnectPacket(Version.V5, first.clientId)
                .with(Properties5.MAXIMUM_PACKET_SIZE, 100)
                .persistent());

    again.receive("small");
    again.expectSilence();
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-24")
  @Promise("I15")
  void aPacketOfExactlyTheMaximumIsSent() {
    var topic = freshTopic();
    var sample = publish(topic, "x".repeat(50)).toArray(Version.V5);
    var subscriber = connect(maximum(sample.length));
    subscriber.subscribe(topic, 0);
    var publisher = connect(Version.V5);

    publisher.publish(publish(topic, "y".repeat(51)));
    publisher.publish(publish(topic, "x".repeat(50)));

    subscriber.receive("x".repeat(50));
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-25")
  void othersGetTheMessage() {
    var topic = freshTopic();
    var small = connect(maximum(60));
    var large = connect(Version.V5);
    small.subscribe(topic, 1);
    large.subscribe(topic, 1);

    connect(Version.V5).publish(publish(topic, "x".repeat(60)).qos(1));

    large.receive("x".repeat(60));
    small.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-3.2.2-15", "MQTT-3.14.2-1"})
  @Promise("I15")
  void aClientBeyondTheServersMaximumIsDisconnected() {
    var client = connect(Version.V5);
    long maximum =
        client.connack().properties().number(Properties5.MAXIMUM_PACKET_SIZE, 268_435_460L);
    assertTrue(maximum < 268_435_460L, "the server announces what it takes");

    // The announced length is enough; the bytes need not follow.
    client.send(new Bytes().u8(0x30).varint(maximum).string("topic").toArray());

    client.expectClosed(0x95);
  }

  @Test
  void aPacketOfExactlyTheServersMaximumIsAccepted() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    long maximum =
        client.connack().properties().number(Properties5.MAXIMUM_PACKET_SIZE, 268_435_460L);
    assertTrue(maximum <= 16 << 20, "a default anybody could send");
    int overhead = 5 + publish(topic, "").qos(1, 1).toArray(Version.V5).length - 2;
    int digits = new Bytes().varint(maximum - 5).toArray().length;
    int payload = (int) maximum - overhead + (4 - digits);

    client.send(publish(topic, new byte[payload]).qos(1, 1));

    client.expectAck(Received.PUBACK, 1);
  }

  @Test
  @Statement(
      v5 = {
        "MQTT-3.2.2-19",
        "MQTT-3.2.2-20",
        "MQTT-3.4.2-2",
        "MQTT-3.5.2-2",
        "MQTT-3.6.2-2",
        "MQTT-3.7.2-2",
        "MQTT-3.9.2-1",
        "MQTT-3.11.2-1",
        "MQTT-3.14.2-3",
        "MQTT-3.1.2-24"
      })
  @Promise("I15")
  void reasonStringsAreLeftOutWhereTheyDoNotFit() {
    int maximum = connectAndMeasure();
    var client = connect(maximum(maximum));

    client.send(WireClient.subscribePacket(Version.V5, 1, Properties5.none(), freshTopic(), 0));
    assertSmall(client.await(Received.SUBACK), maximum);
    assertEquals(List.of(0x11), client.unsubscribe("never").codes());
    client.send(publish(freshTopic(), "x").qos(1, 1));
    assertSmall(client.await(Received.PUBACK), maximum);
    client.send(publish(freshTopic(), "x").qos(2, 2));
    assertSmall(client.await(Received.PUBREC), maximum);
    client.send(WireClient.ackPacket(Received.PUBREL, 2));
    assertSmall(client.await(Received.PUBCOMP), maximum);
    client.send(WireClient.ackPacket(Received.PUBREL, 99));
    assertSmall(client.await(Received.PUBCOMP), maximum);
    client.send(WireClient.ackPacket(Received.PUBREC, 99));
    assertSmall(client.await(Received.PUBREL), maximum);
    client.send(new ConnectPacket(Version.V5, "again").toArray());
    assertSmall(client.next(), maximum);
    client.expectClosed();
  }

  /** The smallest Maximum Packet Size with which this broker's CONNACK still arrives. */
  private int connectAndMeasure() {
    var client = open(fresh(Version.V5));
    var connack = client.next();
    return connack.size();
  }

  private static void assertSmall(Received packet, int maximum) {
    assertTrue(packet.size() <= maximum, packet::toString);
  }
}
