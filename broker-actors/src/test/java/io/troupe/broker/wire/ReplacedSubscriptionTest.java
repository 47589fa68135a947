package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A subscription with a queue, replaced by one of QoS 0 before its client has taken all of it. */
class ReplacedSubscriptionTest extends WireTest {
  private static final int MESSAGES = 20;

  private static BrokerUnderTest oneAtATime;

  /** The first message, as the client got it. */
  private Received.Publish unacknowledged;

  @BeforeAll
  static void start() {
    oneAtATime = BrokerUnderTest.start(Map.of("troupe.mqtt.inflight-max", 1));
  }

  @AfterAll
  static void stop() {
    oneAtATime.close();
  }

  @Override
  BrokerUnderTest broker() {
    return oneAtATime;
  }

  /** The client has one message and has not acknowledged it; the others are in the queue. */
  private WireClient replaced(Version version, String topic) {
    var subscriber = connect(fresh(version).persistent());
    subscriber.subscribe(topic, 1);
    subscriber.disconnect();
    var publisher = connect(version);
    for (int i = 0; i < MESSAGES; i++) {
      publisher.publish(publish(topic, "m" + i).qos(1));
    }
    subscriber = connect(new ConnectPacket(version, subscriber.clientId).persistent());
    unacknowledged = subscriber.receive();
    assertEquals("m0", unacknowledged.payload());
    assertEquals(1, unacknowledged.qos());
    assertEquals(0, subscriber.subscribe(topic, 0));
    return subscriber;
  }

  private static void expectTheRest(WireClient subscriber) {
    for (int i = 1; i < MESSAGES; i++) {
      var message = subscriber.receive();
      assertEquals("m" + i, message.payload());
      assertEquals(0, message.qos());
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.8.4-3", v5 = "MQTT-3.8.4-4")
  void whatItsQueueHoldsIsDelivered(Version version) {
    var topic = freshTopic();
    var subscriber = replaced(version, topic);

    subscriber.complete(unacknowledged);

    expectTheRest(subscriber);
    // In the moment in which the subscription leaves its queue QoS 0 may miss a message.
    var publisher = connect(version);
    for (int i = 0; i < 100 && !subscriber.hasMore(Duration.ofMillis(100)); i++) {
      publisher.publish(publish(topic, "new").qos(1));
    }
    assertEquals(0, subscriber.receive("new").qos());
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.8.4-3", v5 = "MQTT-3.8.4-4")
  void whatItsQueueHoldsIsDeliveredAfterARestart(Version version) {
    var topic = freshTopic();
    var subscriber = replaced(version, topic);
    oneAtATime.restart();

    subscriber = connect(new ConnectPacket(version, subscriber.clientId).persistent());

    assertTrue(subscriber.connack().sessionPresent());
    assertEquals(1, subscriber.receive("m0").qos());
    expectTheRest(subscriber);
    subscriber.expectSilence();
  }
}
