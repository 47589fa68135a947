package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The will: when it is published, when not, and as what. */
class WillTest extends WireTest {

  private WireClient subscriber(Version version, String topic) {
    var subscriber = connect(version);
    // Retain As Published tells a retained will from another.
    subscriber.subscribe(topic, version.is5() ? 0x0A : 2);
    return subscriber;
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.2-8", "MQTT-3.1.2-9"},
      v5 = {"MQTT-3.1.2-7", "MQTT-3.1.2-8", "MQTT-3.1.2-9"})
  @Promise("I7")
  void aLostConnectionPublishesItOnceAtItsQos(Version version) {
    var topic = freshTopic();
    var subscriber = subscriber(version, topic);
    for (int qos = 0; qos <= 2; qos++) {
      var client = connect(fresh(version).will(publish(topic, "will" + qos).qos(qos)));

      client.close();

      var will = subscriber.receive("will" + qos);
      assertEquals(qos, will.qos());
      assertFalse(will.retain());
    }
    subscriber.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-8", v5 = "MQTT-3.1.2-8")
  @Promise("I7")
  void aViolationPublishesIt(Version version) {
    var topic = freshTopic();
    var subscriber = subscriber(version, topic);
    var client = connect(fresh(version).will(publish(topic, "violated")));

    client.send(new byte[] {0x00, 0x00});

    subscriber.receive("violated");
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-8", v5 = "MQTT-3.1.2-8")
  void aTakeoverOfASessionThatEndsPublishesIt(Version version) {
    var topic = freshTopic();
    var subscriber = subscriber(version, topic);
    var client = connect(fresh(version).will(publish(topic, "taken")));

    connect(new ConnectPacket(version, client.clientId));

    subscriber.receive("taken");
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.2-10", "MQTT-3.14.4-3", "MQTT-3.1.2-8"},
      v5 = {"MQTT-3.1.2-10", "MQTT-3.14.4-3", "MQTT-3.1.2-8"})
  @Promise("I7")
  void disconnectDiscardsIt(Version version) {
    var topic = freshTopic();
    var subscriber = subscriber(version, topic);
    var client = connect(fresh(version).will(publish(topic, "no")));

    client.disconnect();

    subscriber.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-10", v5 = "MQTT-3.1.2-10")
  @Promise("I7")
  void itIsGoneOncePublished(Version version) {
    var topic = freshTopic();
    var subscriber = subscriber(version, topic);
    var client = connect(fresh(version).persistent().will(publish(topic, "once")));
    client.close();
    subscriber.receive("once");

    var again = connect(new ConnectPacket(version, client.clientId).persistent());
    again.close();

    subscriber.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-12")
  void withoutOneNothingIsPublished(Version version) {
    var everything = connect(version);
    var topic = freshTopic();
    everything.subscribe(topic, 0);

    connect(fresh(version)).close();

    everything.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-17", v5 = "MQTT-3.1.2-15")
  void aRetainedWillIsRetained(Version version) {
    var topic = freshTopic();
    var subscriber = subscriber(version, topic);

    connect(fresh(version).will(publish(topic, "kept").qos(1).retain())).close();

    assertEquals(version.is5(), subscriber.receive("kept").retain());
    assertTrue(subscriber(version, topic).receive("kept").retain());
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-16", v5 = "MQTT-3.1.2-14")
  void anotherWillIsNot(Version version) {
    var topic = freshTopic();
    var subscriber = subscriber(version, topic);

    connect(fresh(version).will(publish(topic, "passing").qos(1))).close();

    assertFalse(subscriber.receive("passing").retain());
    subscriber(version, topic).expectSilence();
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-8")
  @Promise("I7")
  void disconnectWithWillPublishesIt() {
    var topic = freshTopic();
    var subscriber = subscriber(Version.V5, topic);
    var client = connect(fresh(Version.V5).will(publish(topic, "goodbye")));

    client.disconnect(0x04, Properties5.none());

    subscriber.receive("goodbye");
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-8")
  @Promise("I7")
  void theDelayIsKept() {
    var topic = freshTopic();
    var subscriber = subscriber(Version.V5, topic);
    var client =
        connect(
            fresh(Version.V5)
                .persistent()
                .will(publish(topic, "late").with(Properties5.WILL_DELAY, 1)));
    long start = System.currentTimeMillis();

    client.close();

    // Not before; how soon after is tested where the clock is moved by hand.
    subscriber.receive("late");
    long waited = System.currentTimeMillis() - start;
    assertTrue(waited >= 1_000, () -> waited + " ms");
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-8", "MQTT-3.1.2-7"})
  void theEndOfTheSessionCutsTheDelayShort() {
    var topic = freshTopic();
    var subscriber = subscriber(Version.V5, topic);
    var will = publish(topic, "ended").with(Properties5.WILL_DELAY, 600);

    connect(fresh(Version.V5).will(will)).close();

    subscriber.receive("ended");
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-8")
  void theExpiryOfTheSessionCutsTheDelayShort() {
    var topic = freshTopic();
    var subscriber = subscriber(Version.V5, topic);
    var will = publish(topic, "expired").with(Properties5.WILL_DELAY, 600);

    connect(fresh(Version.V5).with(Properties5.SESSION_EXPIRY, 1).will(will)).close();

    subscriber.receive("expired");
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.3-9", "MQTT-3.1.2-8"})
  @Promise("I7")
  void aReturnWithinTheDelayCancelsIt() {
    var topic = freshTopic();
    var subscriber = subscriber(Version.V5, topic);
    var will = publish(topic, "no").with(Properties5.WILL_DELAY, 600);
    var client = connect(fresh(Version.V5).persistent().will(will));
    client.close();

    var again = connect(new ConnectPacket(Version.V5, client.clientId).persistent());

    // A will still waiting would be published now, at the end of the session.
    again.disconnect(0, Properties5.none().with(Properties5.SESSION_EXPIRY, 0));
    assertFalse(
        connect(new ConnectPacket(Version.V5, client.clientId).clean(false))
            .connack()
            .sessionPresent());
    connect(Version.V5).publish(publish(topic, "marker").qos(1));
    subscriber.receive("marker");
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-8")
  void aReturnWithCleanStartEndsTheSessionAndPublishesIt() {
    var topic = freshTopic();
    var subscriber = subscriber(Version.V5, topic);
    var will = publish(topic, "old").with(Properties5.WILL_DELAY, 600);
    var client = connect(fresh(Version.V5).persistent().will(will));
    client.close();

    connect(new ConnectPacket(Version.V5, client.clientId)).ping();

    subscriber.receive("old");
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.3-10", "MQTT-3.1.2-9"})
  void itsPropertiesAreForwarded() {
    var topic = freshTopic();
    var subscriber = subscriber(Version.V5, topic);
    var properties =
        Properties5.none()
            .with(Properties5.PAYLOAD_FORMAT, 1)
            .with(Properties5.MESSAGE_EXPIRY, 100)
            .with(Properties5.CONTENT_TYPE, "text/plain")
            .with(Properties5.RESPONSE_TOPIC, "answer/here")
            .with(Properties5.CORRELATION_DATA, new byte[] {0, 1, (byte) 0xFF})
            .user("b", "1")
            .user("a", "2")
            .user("b", "3");

    connect(fresh(Version.V5).will(publish(topic, "will").with(properties))).close();

    var got = subscriber.receive("will").properties();
    assertEquals(1, got.number(Properties5.PAYLOAD_FORMAT, 0));
    assertTrue(got.number(Properties5.MESSAGE_EXPIRY, 0) > 90);
    assertEquals("text/plain", got.text(Properties5.CONTENT_TYPE));
    assertEquals("answer/here", got.text(Properties5.RESPONSE_TOPIC));
    assertEquals("\0\1\u00FF", got.text(Properties5.CORRELATION_DATA));
    assertEquals(List.of("b=1", "a=2", "b=3"), got.all(Properties5.USER_PROPERTY));
    assertFalse(got.has(Properties5.WILL_DELAY));
  }
}
