package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.troupe.protocol.conformance.Statement;
import org.junit.jupiter.api.Test;

/** DISCONNECT and AUTH. */
class DisconnectTest extends WireTest {

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.14.4-1", "MQTT-3.14.4-2"},
      v5 = {"MQTT-3.14.4-1", "MQTT-3.14.4-2"})
  void theBrokerClosesAndIgnoresWhatFollows(Version version) {
    var topic = freshTopic();
    var subscriber = connect(version);
    subscriber.subscribe(topic, 0);
    var client = connect(version);

    client.sendTogether(
        Bytes.bytes(0xE0, 0).toArray(), publish(topic, "too late").toArray(version));

    client.expectClosed();
    subscriber.expectSilence();
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.14.1-1", "MQTT-2.2.2-2"},
      v5 = {"MQTT-3.14.1-1", "MQTT-2.1.3-1"})
  void reservedBitsMustBeZero(Version version) {
    for (int flags : new int[] {1, 2, 4, 8, 15}) {
      connect(version).send(Bytes.bytes(0xE0 | flags, 0).toArray()).expectClosed(0x81);
    }
  }

  @Test
  @Statement(v5 = "MQTT-3.14.2-1")
  void anyReasonOfAClientIsAccepted() {
    for (int code : new int[] {0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x97}) {
      var client = connect(Version.V5);
      client.send(new Bytes().u8(code).packet(0xE0));
      client.expectClosed();
    }
  }

  @Test
  @Statement(v5 = {"MQTT-3.14.2-1", "MQTT-4.13.1-1"})
  void aReasonThatDoesNotExistIsMalformed() {
    for (int code : new int[] {0x01, 0x03, 0x42, 0xFF}) {
      var client = connect(Version.V5);
      client.send(new Bytes().u8(code).packet(0xE0));
      client.expectClosed(0x81, 0x82);
    }
  }

  @Test
  @Statement(v5 = {"MQTT-3.14.2-2", "MQTT-3.14.4-2"})
  void theBrokersOwnHasNoSessionExpiry() {
    var client = connect(fresh(Version.V5).persistent());

    client.send(new ConnectPacket(Version.V5, client.clientId).toArray());

    assertFalse(client.next().disconnect().properties().has(Properties5.SESSION_EXPIRY));
    client.expectClosed();
  }

  @Test
  @Statement(v5 = "MQTT-3.15.1-1")
  void reservedBitsOfAuthMustBeZero() {
    for (int flags : new int[] {1, 2, 4, 8}) {
      connect(Version.V5).send(Bytes.bytes(0xF0 | flags, 0).toArray()).expectClosed(0x81);
    }
  }

  @Test
  @Statement(v5 = {"MQTT-4.12.0-7", "MQTT-4.12.1-1", "MQTT-3.15.2-1"})
  void authWithoutAMethodInConnectIsAProtocolError() {
    var client = connect(Version.V5);
    var properties = Properties5.none().with(Properties5.AUTHENTICATION_METHOD, "SCRAM-SHA-256");

    client.send(new Bytes().u8(0x19).raw(properties.toArray()).packet(0xF0));

    client.expectClosed(0x82);
  }

  @Test
  void version3HasNoAuth() {
    connect(Version.V311).send(Bytes.bytes(0xF0, 0).toArray()).expectClosed();
  }
}
