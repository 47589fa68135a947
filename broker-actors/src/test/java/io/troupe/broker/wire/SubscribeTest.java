package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** SUBSCRIBE and what it changes. */
class SubscribeTest extends WireTest {
  private static final int NO_LOCAL = 0x04;

  private static Properties5 identifier(long value) {
    return Properties5.none().with(Properties5.SUBSCRIPTION_ID, value);
  }

  @EachVersion
  @Statement(
      v311 = {
        "MQTT-3.8.4-1",
        "MQTT-3.8.4-2",
        "MQTT-3.8.4-5",
        "MQTT-3.9.3-1",
        "MQTT-3.9.3-2",
        "MQTT-2.3.1-7"
      },
      v5 = {
        "MQTT-3.8.4-1",
        "MQTT-3.8.4-2",
        "MQTT-3.8.4-6",
        "MQTT-3.8.4-7",
        "MQTT-3.9.3-1",
        "MQTT-3.9.3-2",
        "MQTT-2.2.1-6"
      })
  void subackHasACodeForEachFilterInOrder(Version version) {
    var client = connect(version);

    var suback =
        client.subscribe(
            Properties5.none(), freshTopic(), 2, freshTopic(), 0, "a/#", 1, freshTopic(), 2);

    assertEquals(List.of(2, 0, 1, 2), suback.codes());
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-2.3.1-7", "MQTT-3.8.4-2"},
      v5 = {"MQTT-2.2.1-6", "MQTT-3.8.4-2"})
  void packetIdentifiersReachTheirLimits(Version version) {
    var client = connect(version);
    for (int packetId : new int[] {1, 255, 256, 65535}) {
      client.send(
          WireClient.subscribePacket(version, packetId, Properties5.none(), freshTopic(), 1));
      assertEquals(packetId, client.await(Received.SUBACK).codes(Received.SUBACK).packetId());
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.8.4-4", v5 = "MQTT-3.8.4-5")
  void severalFiltersWorkLikeSeveralPackets(Version version) {
    var one = freshTopic();
    var two = freshTopic();
    var client = connect(version);

    var suback = client.subscribe(Properties5.none(), one, 1, two, 0, one, 2);

    assertEquals(List.of(1, 0, 2), suback.codes());
    client.publish(publish(one, "one").qos(2));
    assertEquals(2, client.receive("one").qos());
    client.publish(publish(two, "two").qos(2));
    assertEquals(0, client.receive("two").qos());
  }

  @EachVersion
  @Statement(
      v311 = "MQTT-3.8.4-6",
      v5 = {"MQTT-3.8.4-8"})
  void deliveryIsAtTheLowerOfPublishedAndGranted(Version version) {
    for (int granted = 0; granted <= 2; granted++) {
      for (int published = 0; published <= 2; published++) {
        var topic = freshTopic();
        var client = connect(version);
        client.subscribe(topic, granted);

        client.publish(publish(topic, "m").qos(published));

        assertEquals(Math.min(granted, published), client.receive("m").qos());
      }
    }
  }

  @EachVersion
  @Statement(
      v311 = "MQTT-3.8.4-3",
      v5 = {"MQTT-3.8.4-3", "MQTT-3.8.4-4"})
  void theSameFilterReplacesTheSubscription(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.publish(publish(topic, "kept").qos(2).retain());
    client.subscribe(topic, 0);
    assertEquals(0, client.receive("kept").qos());

    client.subscribe(topic, 2);

    assertEquals(2, client.receive("kept").qos());
    client.publish(publish(topic, "one copy").qos(2));
    assertEquals(2, client.receive("one copy").qos());
    client.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.8.4-3", v5 = "MQTT-3.8.4-4")
  void replacingLosesNoMessage(Version version) {
    var topic = freshTopic();
    var publisher = connect(version);
    var subscriber = connect(version);
    subscriber.subscribe(topic, 1);

    for (int i = 0; i < 100; i++) {
      publisher.send(publish(topic, "m" + i).qos(1, i + 1));
      subscriber.send(
          WireClient.subscribePacket(version, 100 + i, Properties5.none(), topic, 1 + i % 2));
    }

    int expected = 0;
    int subacks = 0;
    while (expected < 100 || subacks < 100) {
      var packet = subscriber.next();
      if (packet.type() == Received.SUBACK) {
        var codes = packet.codes(Received.SUBACK);
        assertEquals(100 + subacks, codes.packetId());
        assertEquals(List.of(1 + subacks++ % 2), codes.codes());
      } else {
        var message = packet.publish();
        assertEquals("m" + expected++, message.payload());
        subscriber.send(WireClient.ackPacket(Received.PUBACK, message.packetId()));
      }
    }
  }

  @Test
  void oneSubscribeMayNotNameAFilterWithoutEnd() {
    var topic = freshTopic();
    var same = new Object[40];
    for (int i = 0; i < same.length; i += 2) {
      same[i] = topic;
      same[i + 1] = 1;
    }
    var client = connect(Version.V5);

    var codes = client.subscribe(Properties5.none(), same).codes();

    assertEquals(Collections.nCopies(8, 1), codes.subList(0, 8));
    assertEquals(Collections.nCopies(12, 0x97), codes.subList(8, 20));
    client.publish(publish(topic, "one copy").qos(1));
    client.receive("one copy");
    client.expectSilence();
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.3.5-1", "MQTT-4.6.0-6"},
      v5 = "MQTT-3.3.4-2")
  @Promise("I16")
  void overlappingSubscriptionsDeliverAtTheHighestQos(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 0);
    client.subscribe(topic + "/#", 2);
    client.subscribe(topic.replaceFirst("x$", "+"), 1);

    client.publish(publish(topic, "m").qos(2));
    client.publish(publish(topic, "end").qos(2));

    assertEquals(2, client.receive("m").qos());
    assertEquals(2, client.receive("end").qos());
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.4-3", "MQTT-3.3.4-4"})
  void oneCopyCarriesAllIdentifiers() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.subscribe(identifier(1), topic, 0);
    client.subscribe(identifier(268_435_455), topic + "/#", 2);
    client.subscribe(topic.replaceFirst("x$", "+"), 1);

    client.publish(publish(topic, "m").qos(2));

    var message = client.receive("m");
    assertEquals(
        Set.of(1L, 268_435_455L),
        Set.copyOf(message.properties().all(Properties5.SUBSCRIPTION_ID)));
    assertEquals(2, message.properties().all(Properties5.SUBSCRIPTION_ID).size());
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.4-3", "MQTT-3.8.4-3"})
  void replacingReplacesTheIdentifierToo() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.subscribe(identifier(1), topic, 1);
    client.subscribe(identifier(2), topic, 1);
    client.publish(publish(topic, "two").qos(1));
    client.subscribe(topic, 1);
    client.publish(publish(topic, "none").qos(1));

    assertEquals(List.of(2L), client.receive("two").properties().all(Properties5.SUBSCRIPTION_ID));
    assertFalse(client.receive("none").properties().has(Properties5.SUBSCRIPTION_ID));
  }

  @Test
  @Statement(v5 = "MQTT-3.3.4-3")
  void theIdentifierIsKeptInTheSession() {
    var topic = freshTopic();
    var first = connect(fresh(Version.V5).persistent());
    first.subscribe(identifier(77), topic, 1);
    first.disconnect();
    connect(Version.V5).publish(publish(topic, "m").qos(1));

    var again = connect(new ConnectPacket(Version.V5, first.clientId).persistent());

    assertEquals(List.of(77L), again.receive("m").properties().all(Properties5.SUBSCRIPTION_ID));
  }

  @Test
  void anIdentifierOfZeroIsAProtocolError() {
    var client = connect(Version.V5);

    client.send(WireClient.subscribePacket(Version.V5, 1, identifier(0), "t", 0));

    client.expectClosed(0x82, 0x81);
  }

  @Test
  @Statement(v5 = "MQTT-3.8.3-3")
  @Promise("I16")
  void noLocalKeepsOwnMessagesAway() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.subscribe(topic, NO_LOCAL | 1);
    client.publish(publish(topic, "own").qos(1));

    connect(Version.V5).publish(publish(topic, "other").qos(1));

    client.receive("other");
    client.expectSilence();
  }

  @Test
  @Statement(v5 = "MQTT-3.8.3-3")
  @Promise("I16")
  void noLocalHoldsForTheClientIdentifierAcrossConnections() {
    var topic = freshTopic();
    var first = connect(fresh(Version.V5).persistent());
    first.subscribe(topic, NO_LOCAL | 1);
    first.disconnect();

    var again = connect(new ConnectPacket(Version.V5, first.clientId).persistent());
    again.publish(publish(topic, "own").qos(1));

    connect(Version.V5).publish(publish(topic, "other").qos(1));
    again.receive("other");
  }

  @Test
  @Statement(v5 = "MQTT-3.8.3-4")
  void noLocalOnASharedSubscriptionIsAProtocolError() {
    var client = connect(Version.V5);

    client.send(
        WireClient.subscribePacket(Version.V5, 1, Properties5.none(), "$share/g/t", NO_LOCAL));

    client.expectClosed(0x82);
  }

  @Test
  @Statement(v311 = "MQTT-3.8.3-4")
  void reservedBitsOrQos3AreMalformed311() {
    for (int options : new int[] {0x03, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80}) {
      connect(Version.V311)
          .send(WireClient.subscribePacket(Version.V311, 1, Properties5.none(), "t", options))
          .expectClosed();
    }
  }

  @Test
  @Statement(v5 = "MQTT-3.8.3-5")
  void reservedBitsOrQos3AreMalformed5() {
    for (int options : new int[] {0x03, 0x40, 0x80}) {
      connect(Version.V5)
          .send(WireClient.subscribePacket(Version.V5, 1, Properties5.none(), "t", options))
          .expectClosed(0x81, 0x82);
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.8.3-3", v5 = "MQTT-3.8.3-2")
  void subscribeWithoutFilterIsAViolation(Version version) {
    connect(version)
        .send(WireClient.subscribePacket(version, 1, Properties5.none()))
        .expectClosed(0x81, 0x82);
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-2.3.1-1", "MQTT-4.8.0-1"},
      v5 = {"MQTT-2.2.1-3"})
  void aPacketIdentifierOfZeroIsAViolation(Version version) {
    connect(version)
        .send(WireClient.subscribePacket(version, 0, Properties5.none(), "t", 0))
        .expectClosed(0x81, 0x82);
    var unsubscribe = new Bytes().u16(0);
    connect(version)
        .send((version.is5() ? unsubscribe.u8(0) : unsubscribe).string("t").packet(0xA2))
        .expectClosed(0x81, 0x82);
    connect(version).send(publish("t", "x").qos(1, 0)).expectClosed(0x81, 0x82);
    connect(version).send(publish("t", "x").qos(2, 0)).expectClosed(0x81, 0x82);
  }
}
