package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A broker whose operator allows less than the protocol: it says so and keeps to it. */
class LimitedBrokerTest extends WireTest {
  private static BrokerUnderTest limited;

  @BeforeAll
  static void start() {
    limited =
        BrokerUnderTest.start(
            Map.of(
                "troupe.mqtt.maximum-qos",
                1,
                "troupe.mqtt.retain",
                false,
                "troupe.mqtt.wildcard-subscriptions",
                false,
                "troupe.mqtt.shared-subscriptions",
                false,
                "troupe.mqtt.subscription-identifiers",
                false,
                "troupe.mqtt.keep-alive-max",
                100,
                "troupe.mqtt.outbound-topic-alias-maximum",
                3,
                "troupe.mqtt.client-id-length-max",
                23));
  }

  @AfterAll
  static void stop() {
    limited.close();
  }

  @Override
  BrokerUnderTest broker() {
    return limited;
  }

  @Test
  @Statement(v5 = "MQTT-3.2.2-9")
  void connackSaysWhatIsNotAvailable() {
    var properties = connect(Version.V5).connack().properties();

    assertEquals(1, properties.number(Properties5.MAXIMUM_QOS, 2));
    assertEquals(0, properties.number(Properties5.RETAIN_AVAILABLE, 1));
    assertEquals(0, properties.number(Properties5.WILDCARDS_AVAILABLE, 1));
    assertEquals(0, properties.number(Properties5.SHARED_AVAILABLE, 1));
    assertEquals(0, properties.number(Properties5.SUBSCRIPTION_IDS_AVAILABLE, 1));
  }

  @Test
  @Statement(v5 = "MQTT-3.2.2-10")
  void subscriptionsAtAnyQosAreAcceptedAndGrantedLess() {
    var client = connect(Version.V5);

    var suback =
        client.subscribe(Properties5.none(), freshTopic(), 0, freshTopic(), 1, freshTopic(), 2);

    assertEquals(List.of(0, 1, 1), suback.codes());
  }

  @Test
  @Statement(v5 = "MQTT-3.2.2-11")
  void aPublishAboveTheMaximumQosIsRefused() {
    connect(Version.V5).send(publish(freshTopic(), "x").qos(2, 1)).expectClosed(0x9B);
  }

  @Test
  @Statement(v5 = "MQTT-3.2.2-12")
  void aWillAboveTheMaximumQosIsRefused() {
    var client = open(fresh(Version.V5).will(publish(freshTopic(), "x").qos(2)));

    client.expectConnack(0x9B);

    client.expectClosed();
  }

  @Test
  @Statement(v5 = "MQTT-3.2.2-13")
  void aRetainedWillIsRefused() {
    var client = open(fresh(Version.V5).will(publish(freshTopic(), "x").retain()));

    client.expectConnack(0x9A);

    client.expectClosed();
  }

  @Test
  @Statement(v5 = "MQTT-3.2.2-14")
  void aRetainedPublishIsRefused() {
    connect(Version.V5).send(publish(freshTopic(), "x").retain()).expectClosed(0x9A);
  }

  @Test
  @Statement(v311 = "MQTT-3.8.3-2")
  void wildcardsAreRefused() {
    var client = connect(Version.V311);

    assertEquals(0x80, client.subscribe("a/#", 0));
    assertEquals(0x80, client.subscribe("+", 0));
    assertEquals(0, client.subscribe("a", 0));
  }

  @Test
  void what5SubscriptionsMayNotUseIsRefused() {
    var identifier = Properties5.none().with(Properties5.SUBSCRIPTION_ID, 1);

    assertRefused("a/#", Properties5.none(), 0xA2);
    assertRefused("$share/g/a", Properties5.none(), 0x9E);
    assertRefused("a", identifier, 0xA1);
  }

  /** With the reason in SUBACK or in DISCONNECT. */
  private void assertRefused(String filter, Properties5 properties, int code) {
    var client = connect(Version.V5);
    client.send(WireClient.subscribePacket(Version.V5, 1, properties, filter, 0));
    var answer = client.next();
    if (answer.type() == Received.SUBACK) {
      assertEquals(List.of(code), answer.codes(Received.SUBACK).codes());
    } else {
      assertEquals(code, answer.disconnect().code());
      client.expectClosed();
    }
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-21", "MQTT-3.2.2-21"})
  void theServersKeepAliveIsAnnounced() {
    var client = connect(fresh(Version.V5).keepAlive(600));

    assertEquals(100, client.connack().properties().number(Properties5.SERVER_KEEP_ALIVE, 0));
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-26", "MQTT-3.3.2-11", "MQTT-3.3.2-7", "MQTT-3.3.2-8"})
  @Promise("I15")
  void aliasesTowardsAClientKeepToBothLimits() {
    var topic = freshTopic();
    var client = connect(fresh(Version.V5).with(Properties5.TOPIC_ALIAS_MAXIMUM, 2));
    client.subscribe(topic, 1);
    var publisher = connect(Version.V5);
    publisher.publish(publish(topic, "m0").qos(1));
    publisher.publish(publish(topic, "m1").qos(1));

    var first = client.receive("m0");
    var second = client.receive("m1");

    long alias = first.properties().number(Properties5.TOPIC_ALIAS, 0);
    assertTrue(alias >= 1 && alias <= 2);
    assertEquals(topic, first.topic());
    assertEquals("", second.topic());
    assertEquals(alias, second.properties().number(Properties5.TOPIC_ALIAS, 0));
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.3-8", "MQTT-3.2.2-6", "MQTT-3.2.2-7"})
  void anIdentifierTooLongIsRejected5() {
    var client = open(new ConnectPacket(Version.V5, "i".repeat(24)));

    assertFalse(client.expectConnack(0x85).sessionPresent());
    client.expectClosed();
    connect(new ConnectPacket(Version.V5, "i".repeat(23))).ping();
  }

  @Test
  @Statement(v311 = "MQTT-3.1.3-9")
  void anIdentifierTooLongIsRejected311() {
    var client = open(new ConnectPacket(Version.V311, "i".repeat(24)));

    client.expectConnack(2);
    client.expectClosed();
  }

  @Test
  void aConnectionWithoutConnectIsClosed() {
    try (var hasty = BrokerUnderTest.start(Map.of("troupe.mqtt.connect-timeout", "1s"));
        var silent = new WireClient(hasty.port(), Version.V5, "x");
        var started = new WireClient(hasty.port(), Version.V5, "y")) {
      started.send(new byte[] {0x10, 20, 0, 4, 'M'});

      silent.expectClosed();
      started.expectClosed();
    }
  }
}
