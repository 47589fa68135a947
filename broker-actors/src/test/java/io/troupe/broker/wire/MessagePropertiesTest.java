package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What travels with a message: payload, properties, expiry. */
class MessagePropertiesTest extends WireTest {

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.3.1-1", "MQTT-2.3.1-5", "MQTT-3.3.1-2"},
      v5 = {"MQTT-4.3.1-1", "MQTT-2.2.1-2", "MQTT-3.3.1-2"})
  void anyPayloadArrivesAsItWas(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 0);
    for (int size : new int[] {0, 1, 127, 128, 16383, 16384, 100_000}) {
      byte[] payload = new byte[size];
      for (int i = 0; i < size; i++) {
        payload[i] = (byte) (i * 31);
      }

      client.publish(publish(topic, payload));

      var message = client.receive();
      assertEquals(ByteBuffer.wrap(payload), message.bytes());
      assertFalse(message.dup());
    }
  }

  @Test
  @Statement(
      v5 = {
        "MQTT-3.3.2-4",
        "MQTT-3.3.2-15",
        "MQTT-3.3.2-16",
        "MQTT-3.3.2-17",
        "MQTT-3.3.2-18",
        "MQTT-3.3.2-20"
      })
  void propertiesArriveUnalteredAndInOrder() {
    var topic = freshTopic();
    var subscriber = connect(Version.V5);
    subscriber.subscribe(topic, 2);
    for (int qos = 0; qos <= 2; qos++) {
      var properties =
          Properties5.none()
              .user("same", "1")
              .with(Properties5.PAYLOAD_FORMAT, 1)
              .with(Properties5.CONTENT_TYPE, "application/json; \u00FCmlaut")
              .user("", "")
              .with(Properties5.RESPONSE_TOPIC, "reply/\u00E9/to")
              .with(Properties5.CORRELATION_DATA, new byte[] {0, (byte) 0xFF, 10, 13})
              .user("other", "\uFEFF2")
              .user("same", "1")
              .user("same", "0");

      connect(Version.V5).publish(publish(topic, "{}").qos(qos).with(properties));

      var got = subscriber.receive("{}").properties();
      assertEquals(1, got.number(Properties5.PAYLOAD_FORMAT, 0));
      assertEquals("application/json; \u00FCmlaut", got.text(Properties5.CONTENT_TYPE));
      assertEquals("reply/\u00E9/to", got.text(Properties5.RESPONSE_TOPIC));
      assertEquals("\0\u00FF\n\r", got.text(Properties5.CORRELATION_DATA));
      assertEquals(
          List.of("same=1", "=", "other=\uFEFF2", "same=1", "same=0"),
          got.all(Properties5.USER_PROPERTY));
      assertFalse(got.has(Properties5.MESSAGE_EXPIRY));
    }
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.2-4", "MQTT-3.3.2-17", "MQTT-3.3.2-18", "MQTT-4.5.0-1"})
  void propertiesSurviveTheQueue() {
    var topic = freshTopic();
    var first = connect(fresh(Version.V5).persistent());
    first.subscribe(topic, 1);
    first.disconnect();
    var properties =
        Properties5.none().with(Properties5.PAYLOAD_FORMAT, 0).user("b", "1").user("a", "2");
    connect(Version.V5).publish(publish(topic, "m").qos(1).with(properties));

    var again = connect(new ConnectPacket(Version.V5, first.clientId).persistent());

    var got = again.receive("m").properties();
    assertTrue(got.has(Properties5.PAYLOAD_FORMAT));
    assertEquals(List.of("b=1", "a=2"), got.all(Properties5.USER_PROPERTY));
  }

  @Test
  void aVersion3SubscriberGetsTheMessageWithoutProperties() {
    var topic = freshTopic();
    var subscriber = connect(Version.V311);
    subscriber.subscribe(topic, 1);

    connect(Version.V5).publish(publish(topic, "m").qos(1).with(Properties5.none().user("a", "b")));

    assertEquals("m", subscriber.receive("m").payload());
  }

  @Test
  @Statement(v5 = "MQTT-3.3.2-14")
  void aResponseTopicHasNoWildcards() {
    for (String topic : List.of("a/#", "+", "")) {
      connect(Version.V5)
          .send(
              publish(freshTopic(), "x")
                  .with(Properties5.none().with(Properties5.RESPONSE_TOPIC, topic)))
          .expectClosed(0x82, 0x81, 0x90);
    }
  }

  @Test
  @Statement(v5 = "MQTT-3.3.4-6")
  void aClientSendsNoSubscriptionIdentifier() {
    connect(Version.V5)
        .send(publish(freshTopic(), "x").with(Properties5.SUBSCRIPTION_ID, 1))
        .expectClosed(0x82, 0x81);
  }

  @Test
  @Statement(v5 = "MQTT-4.13.1-1")
  void propertiesAreCheckedForRepetitionAndValues() {
    var bad =
        List.of(
            Properties5.none()
                .with(Properties5.PAYLOAD_FORMAT, 1)
                .with(Properties5.PAYLOAD_FORMAT, 1),
            Properties5.none().with(Properties5.PAYLOAD_FORMAT, 2),
            Properties5.none()
                .with(Properties5.MESSAGE_EXPIRY, 1)
                .with(Properties5.MESSAGE_EXPIRY, 1),
            Properties5.none().with(Properties5.TOPIC_ALIAS, 1).with(Properties5.TOPIC_ALIAS, 1),
            Properties5.none().with(Properties5.SESSION_EXPIRY, 1));

    for (var properties : bad) {
      connect(Version.V5)
          .send(publish(freshTopic(), "x").with(properties))
          .expectClosed(0x82, 0x81);
    }
  }

  @Test
  @Statement(v5 = "MQTT-3.3.2-6")
  @Promise("I11")
  void theRemainingExpiryIsForwarded() {
    var topic = freshTopic();
    var live = connect(Version.V5);
    live.subscribe(topic, 1);
    var away = connect(fresh(Version.V5).persistent());
    away.subscribe(topic, 1);
    away.disconnect();
    long published = System.currentTimeMillis();
    connect(Version.V5)
        .publish(publish(topic, "m").qos(1).with(Properties5.MESSAGE_EXPIRY, 10_000).retain());

    long atOnce = live.receive("m").properties().number(Properties5.MESSAGE_EXPIRY, -1);
    passTime();
    var again = connect(new ConnectPacket(Version.V5, away.clientId).persistent());
    long queued = again.receive("m").properties().number(Properties5.MESSAGE_EXPIRY, -1);
    var late = connect(Version.V5);
    late.subscribe(topic, 1);
    long retained = late.receive("m").properties().number(Properties5.MESSAGE_EXPIRY, -1);

    // No less than what is left now, whatever time this test was given.
    long least = 10_000 - (System.currentTimeMillis() - published) / 1_000 - 1;
    assertTrue(atOnce >= least && atOnce <= 10_000, "live " + atOnce);
    assertTrue(queued >= least && queued <= 9_998, "queued " + queued);
    assertTrue(retained >= least && retained <= 9_998, "retained " + retained);
  }

  @Test
  @Statement(v5 = "MQTT-3.3.2-5")
  @Promise("I11")
  void anExpiredMessageIsNotDelivered() {
    var topic = freshTopic();
    var away = connect(fresh(Version.V5).persistent());
    away.subscribe(topic, 1);
    away.disconnect();
    var publisher = connect(Version.V5);
    publisher.publish(publish(topic, "short").qos(1).with(Properties5.MESSAGE_EXPIRY, 1).retain());
    publisher.publish(publish(topic, "long").qos(1).with(Properties5.MESSAGE_EXPIRY, 100));
    passTime();

    var again = connect(new ConnectPacket(Version.V5, away.clientId).persistent());
    again.receive("long");
    again.expectSilence();
    var late = connect(Version.V5);
    late.subscribe(topic, 1);
    late.expectSilence();
  }

  @Test
  @Statement(v5 = "MQTT-3.3.2-5")
  @Promise("I11")
  void aMessageExpiresInTheQueueOfAFullWindow() {
    var topic = freshTopic();
    var subscriber = connect(fresh(Version.V5).with(Properties5.RECEIVE_MAXIMUM, 1));
    subscriber.subscribe(topic, 1);
    var publisher = connect(Version.V5);
    publisher.publish(publish(topic, "one").qos(1));
    publisher.publish(publish(topic, "short").qos(1).with(Properties5.MESSAGE_EXPIRY, 1));
    publisher.publish(publish(topic, "three").qos(1));
    var one = subscriber.receive();
    passTime();

    subscriber.complete(one);

    subscriber.receive("three");
    subscriber.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-4.3.3-7", "MQTT-4.3.3-13"})
  void aHandshakeBegunIsFinishedWhateverExpires() {
    var topic = freshTopic();
    var subscriber = connect(fresh(Version.V5).persistent());
    subscriber.subscribe(topic, 2);
    var publisher = connect(Version.V5);
    do { // a message may expire before it is sent the first time, however long it lives
      publisher.publish(publish(topic, "m").qos(2).with(Properties5.MESSAGE_EXPIRY, 1));
    } while (!subscriber.hasMore(Duration.ofSeconds(1)));
    var begun = subscriber.receive();
    subscriber.close();
    publisher.send(publish(freshTopic(), "m").qos(2, 9).with(Properties5.MESSAGE_EXPIRY, 1));
    publisher.expectAck(Received.PUBREC, 9);
    passTime();

    publisher.send(WireClient.ackPacket(Received.PUBREL, 9));
    var again = connect(new ConnectPacket(Version.V5, subscriber.clientId).persistent());

    publisher.expectAck(Received.PUBCOMP, 9);
    var message = again.receive("m");
    assertEquals(begun.packetId(), message.packetId());
    assertTrue(message.dup());
  }

  /** Lets more than two seconds pass, told by the broker's own clock: a will's delay. */
  private void passTime() {
    var topic = freshTopic();
    var watcher = connect(Version.V5);
    watcher.subscribe(topic, 0);
    var will = publish(topic, "passed").with(Properties5.WILL_DELAY, 2);
    connect(fresh(Version.V5).persistent().will(will)).close();
    assertEquals(List.of("passed"), new ArrayList<>(watcher.receive(1)));
  }
}
