package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Packet types, flags and lengths. */
class FixedHeaderTest extends CanaryTest {

  @EachVersion
  @Statement(
      v311 = {"MQTT-2.2.2-1", "MQTT-2.2.2-2", "MQTT-3.8.1-1", "MQTT-3.10.1-1", "MQTT-4.8.0-1"},
      v5 = {"MQTT-2.1.3-1", "MQTT-3.8.1-1", "MQTT-3.10.1-1", "MQTT-4.13.1-1"})
  void wrongFlagsCloseTheConnection(Version version) {
    var subscribe = new Bytes().u16(1);
    var unsubscribe = new Bytes().u16(1);
    if (version.is5()) {
      subscribe.u8(0);
      unsubscribe.u8(0);
    }
    subscribe.string("t").u8(0);
    unsubscribe.string("t");
    for (int flags : new int[] {0, 1, 3, 6, 10, 15}) {
      connect(version).send(subscribe.packet(0x80 | flags)).expectClosed(0x81);
      connect(version).send(unsubscribe.packet(0xA0 | flags)).expectClosed(0x81);
    }
    for (int flags : new int[] {1, 2, 4, 8}) {
      connect(version).send(Bytes.bytes(0xC0 | flags, 0).toArray()).expectClosed(0x81);
      for (int type : List.of(Received.PUBACK, Received.PUBREC, Received.PUBCOMP)) {
        connect(version).send(new Bytes().u16(1).packet(type << 4 | flags)).expectClosed(0x81);
      }
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.8.0-1", v5 = "MQTT-4.13.1-1")
  @Promise({"F4", "F9"})
  void packetsOnlyAServerSendsCloseTheConnection(Version version) {
    byte[][] packets = {
      Bytes.bytes(0x00, 0).toArray(),
      version.is5()
          ? Bytes.bytes(0x20, 3, 0, 0, 0).toArray()
          : Bytes.bytes(0x20, 2, 0, 0).toArray(),
      version.is5()
          ? Bytes.bytes(0x90, 4, 0, 1, 0, 0).toArray()
          : Bytes.bytes(0x90, 3, 0, 1, 0).toArray(),
      version.is5()
          ? Bytes.bytes(0xB0, 4, 0, 1, 0, 0).toArray()
          : Bytes.bytes(0xB0, 2, 0, 1).toArray(),
      Bytes.bytes(0xD0, 0).toArray()
    };
    for (byte[] packet : packets) {
      connect(version).send(packet).expectClosed(0x81, 0x82);
    }
  }

  @EachVersion
  @Statement(v5 = {"MQTT-1.5.5-1", "MQTT-4.13.1-1"})
  @Promise({"F4", "F9"})
  void aRemainingLengthOfFiveBytesIsMalformed(Version version) {
    connect(version)
        .send(Bytes.bytes(0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01).toArray())
        .expectClosed(0x81, 0x95);
    connect(version)
        .send(Bytes.bytes(0x30, 0x80, 0x80, 0x80, 0x80, 0x00).toArray())
        .expectClosed(0x81, 0x95);
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.8.0-1", v5 = "MQTT-4.13.1-1")
  @Promise({"F4", "F9"})
  void aPacketShorterThanItsFieldsIsMalformed(Version version) {
    byte[][] packets = {
      Bytes.bytes(0x30, 0).toArray(),
      Bytes.bytes(0x30, 1, 0).toArray(),
      Bytes.bytes(0x30, 4, 0, 5, 'a', 'b').toArray(),
      Bytes.bytes(0x32, 3, 0, 1, 't').toArray(),
      Bytes.bytes(0x32, 4, 0, 1, 't', 0).toArray(),
      Bytes.bytes(0x40, 0).toArray(),
      Bytes.bytes(0x40, 1, 0).toArray(),
      Bytes.bytes(0x50, 1, 0).toArray(),
      Bytes.bytes(0x62, 1, 0).toArray(),
      Bytes.bytes(0x70, 0).toArray(),
      Bytes.bytes(0x82, 1, 0).toArray(),
      Bytes.bytes(0xA2, 1, 0).toArray(),
    };
    for (byte[] packet : packets) {
      connect(version).send(packet).expectClosed(0x81, 0x82);
    }
  }

  @EachVersion
  void aPingWithAPayloadIsMalformed(Version version) {
    connect(version).send(Bytes.bytes(0xC0, 1, 0).toArray()).expectClosed(0x81);
  }

  @Test
  @Statement(v5 = {"MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.6.2-1", "MQTT-3.7.2-1"})
  void aReasonCodeOfAnotherPacketIsMalformed() {
    for (int type : List.of(Received.PUBACK, Received.PUBREC, Received.PUBREL, Received.PUBCOMP)) {
      connect(Version.V5).send(WireClient.ackPacket(type, 1, 0x8E)).expectClosed(0x81, 0x82);
      connect(Version.V5).send(WireClient.ackPacket(type, 1, 0x05)).expectClosed(0x81, 0x82);
    }
  }

  @EachVersion
  void packetsCutIntoSingleBytesAreReadWhole(Version version) {
    var topic = freshTopic();
    var connect = fresh(version);
    var client = open(version, connect.clientId);
    for (byte part : connect.toArray()) {
      client.send(new byte[] {part});
    }
    client.expectConnack(0);
    client.subscribe(topic, 1);

    for (byte part : publish(topic, "m").qos(1, 1).toArray(version)) {
      client.send(new byte[] {part});
    }

    client.expectAck(Received.PUBACK, 1);
    client.receive("m");
  }
}
