package io.troupe.broker.wire;

import static io.troupe.broker.wire.Bytes.bytes;
import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Statement;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CONNECT that is well formed, and the CONNACK it gets. */
public class ConnectTest extends WireTest {

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.4-4", "MQTT-3.2.0-1", "MQTT-3.2.2-1", "MQTT-7.1.1-1"},
      v5 = {
        "MQTT-3.1.4-5",
        "MQTT-3.2.0-1",
        "MQTT-3.2.0-2",
        "MQTT-3.2.2-1",
        "MQTT-3.2.2-2",
        "MQTT-3.2.2-8",
        "MQTT-4.2-1"
      })
  void anAcceptedConnectIsAnsweredWithOneConnackFirst(Version version) {
    var client = open(fresh(version));

    var connack = client.expectConnack(0);

    assertFalse(connack.sessionPresent());
    client.ping();
    client.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-28", "MQTT-4.12.0-6", "MQTT-2.2.2-1"})
  void connackHoldsNeitherResponseInformationNorAuthenticationUnasked() {
    var client = connect(Version.V5);

    var properties = client.connack().properties();

    assertFalse(properties.has(Properties5.RESPONSE_INFORMATION));
    assertFalse(properties.has(Properties5.AUTHENTICATION_METHOD));
    assertFalse(properties.has(Properties5.AUTHENTICATION_DATA));
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-28")
  void responseInformationRequestedAsZeroIsNotSent() {
    var client = connect(fresh(Version.V5).with(Properties5.REQUEST_RESPONSE_INFORMATION, 0));

    assertFalse(client.connack().properties().has(Properties5.RESPONSE_INFORMATION));
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.3-5", v5 = "MQTT-3.1.3-5")
  void identifiersOfUpTo23LettersAndDigitsAreAccepted(Version version) {
    String[] identifiers = {
      "Z", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ0123456"
    };

    for (String identifier : identifiers) {
      connect(new ConnectPacket(version, identifier)).disconnect();
    }
  }

  @Test
  @Statement(v311 = "MQTT-3.1.3-6")
  void anEmptyIdentifierGetsAUniqueOneOfItsOwn() {
    var first = connect(new ConnectPacket(Version.V311, ""));
    var second = connect(new ConnectPacket(Version.V311, ""));

    first.ping();
    second.ping();
  }

  @Test
  @Statement(
      v311 = {"MQTT-3.1.3-7", "MQTT-3.1.3-8", "MQTT-3.1.3-9", "MQTT-3.2.2-4", "MQTT-3.2.2-5"})
  void anEmptyIdentifierWithoutCleanSessionIsRefused() {
    var client = open(new ConnectPacket(Version.V311, "").clean(false));

    var connack = client.expectConnack(2);

    assertFalse(connack.sessionPresent());
    client.expectClosed();
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16"})
  void anAssignedIdentifierIsReturnedAndNamesTheSession() {
    var first = connect(new ConnectPacket(Version.V5, "").persistent());
    var second = connect(new ConnectPacket(Version.V5, "").persistent());
    String assigned = first.connack().properties().text(Properties5.ASSIGNED_CLIENT_ID);
    String other = second.connack().properties().text(Properties5.ASSIGNED_CLIENT_ID);
    first.disconnect();

    var again = connect(new ConnectPacket(Version.V5, assigned).persistent());

    assertNotEquals(assigned, other);
    assertFalse(assigned.isEmpty());
    assertTrue(again.connack().sessionPresent());
    assertFalse(again.connack().properties().has(Properties5.ASSIGNED_CLIENT_ID));
  }

  @Test
  @Statement(v311 = {"MQTT-3.1.2-2", "MQTT-3.2.2-4", "MQTT-3.2.2-5"})
  void anUnsupportedLevelOfVersion3IsRefused() {
    var client = open(Version.V311, freshId());

    client.send(new Bytes().string("MQTT").u8(2).u8(2).u16(0).string("x").packet(0x10));

    assertFalse(client.expectConnack(1).sessionPresent());
    client.expectClosed();
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-2", "MQTT-3.2.2-6", "MQTT-3.2.2-7"})
  void anUnsupportedLaterVersionIsRefused() {
    var client = open(Version.V5, freshId());

    client.send(new Bytes().string("MQTT").u8(6).u8(2).u16(0).u8(0).string("x").packet(0x10));

    var answer = client.next();
    assertEquals(Received.CONNACK, answer.type());
    assertEquals(0, answer.body()[0]);
    int code = answer.body()[1] & 0xFF;
    assertTrue(code == 0x84 || (code == 0x01 && answer.body().length == 2), answer::toString);
    client.expectClosed();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mqtt", "MQTT ", "MQTTX", "AMQP", "MQIsdp"})
  @Statement(v311 = "MQTT-3.1.2-1", v5 = "MQTT-3.1.2-1")
  void anotherProtocolNameIsRefused(String name) {
    var client = open(Version.V5, freshId());

    client.send(new Bytes().string(name).u8(5).u8(2).u16(0).u8(0).string("x").packet(0x10));

    assertRefused(client);
  }

  private static void assertRefused(WireClient client) {
    try {
      var answer = client.next();
      assertEquals(Received.CONNACK, answer.type(), answer::toString);
      assertNotEquals(0, answer.body()[1]);
    } catch (AssertionError e) {
      assertEquals("the broker closed the connection", e.getMessage());
      return;
    }
    client.expectClosed();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.0-2", v5 = "MQTT-3.1.0-2")
  void aSecondConnectIsAViolation(Version version) {
    var client = connect(version);

    client.send(new ConnectPacket(version, client.clientId).toArray());

    client.expectClosed(0x82);
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.0-1", "MQTT-4.8.0-1"},
      v5 = {"MQTT-3.1.0-1", "MQTT-3.14.0-1"})
  void theFirstPacketMustBeConnect(Version version) {
    byte[][] others = {
      publish("t", "x").toArray(version),
      bytes(0xC0, 0).toArray(),
      bytes(0xE0, 0).toArray(),
      bytes(0x20, 2, 0, 0).toArray(),
      bytes(0xF0, 0).toArray(),
      WireClient.subscribePacket(version, 1, Properties5.none(), "#", 0)
    };

    for (byte[] first : others) {
      open(version, freshId()).send(first).expectClosed();
    }
  }

  @Test
  @Statement(v311 = {"MQTT-3.1.4-5", "MQTT-3.2.2-6"})
  void nothingAfterARefusedConnectIsProcessed311() {
    var topic = freshTopic();

    var client = open(Version.V311, "");
    client.sendTogether(
        new ConnectPacket(Version.V311, "").clean(false).toArray(),
        publish(topic, "no").retain().toArray(Version.V311));
    client.expectConnack(2);
    client.expectClosed();

    var subscriber = connect(Version.V311);
    subscriber.subscribe(topic, 0);
    subscriber.expectSilence();
  }

  @Test
  @Statement(
      v5 = {"MQTT-3.1.4-6", "MQTT-4.12.0-1", "MQTT-4.12.0-4", "MQTT-3.1.4-2", "MQTT-3.2.2-7"})
  void nothingAfterARefusedConnectIsProcessed5() {
    var topic = freshTopic();

    var client = open(Version.V5, freshId());
    client.sendTogether(
        new ConnectPacket(Version.V5, client.clientId)
            .with(Properties5.none().with(Properties5.AUTHENTICATION_METHOD, "unheard-of"))
            .toArray(),
        publish(topic, "no").retain().toArray(Version.V5));
    client.expectConnack(0x8C);
    client.expectClosed();

    var subscriber = connect(Version.V5);
    subscriber.subscribe(topic, 0);
    subscriber.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.2.0-1", v5 = "MQTT-3.2.0-1")
  void packetsSentBehindConnectWithoutWaitingAreProcessed(Version version) {
    var topic = freshTopic();
    var connect = fresh(version);

    var client = open(version, connect.clientId);
    client.sendTogether(
        connect.toArray(),
        WireClient.subscribePacket(version, 1, Properties5.none(), topic, 1),
        publish(topic, "quick").qos(1, 2).toArray(version));

    client.expectConnack(0);
    var answers = new HashSet<Integer>();
    while (!answers.containsAll(Set.of(Received.SUBACK, Received.PUBACK))) {
      answers.add(client.next().type());
    }
    client.publish(publish(topic, "later").qos(1));
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.3-1", "MQTT-3.1.3-3", "MQTT-3.1.2-9", "MQTT-3.1.2-19", "MQTT-3.1.2-21"},
      v5 = {"MQTT-3.1.3-1", "MQTT-3.1.3-3", "MQTT-3.1.2-9", "MQTT-3.1.2-17", "MQTT-3.1.2-19"})
  void allFieldsTogetherAreReadInTheirOrder(Version version) {
    var topic = freshTopic();
    var subscriber = connect(version);
    subscriber.subscribe(topic, 2);
    var client =
        connect(
            fresh(version)
                .will(publish(topic, "gone").qos(2))
                .username("someone")
                .password("something"));

    client.close();

    assertEquals(2, subscriber.receive("gone").qos());
  }
}
