package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clean Start, Session Present, what a session keeps, and when it ends. */
class SessionTest extends WireTest {
  private static final long NEVER = 0xFFFFFFFFL;

  private boolean present(ConnectPacket connect) {
    var client = connect(connect);
    client.disconnect();
    return client.connack().sessionPresent();
  }

  private static ConnectPacket persistent(Version version, String clientId) {
    return new ConnectPacket(version, clientId).persistent();
  }

  @EachVersion
  @Statement(
      v311 = {
        "MQTT-3.1.2-4",
        "MQTT-3.2.2-2",
        "MQTT-3.2.2-3",
        "MQTT-3.1.3-2",
        "MQTT-3.1.4-3",
        "MQTT-4.1.0-1"
      },
      v5 = {
        "MQTT-3.1.2-5",
        "MQTT-3.1.2-6",
        "MQTT-3.1.2-23",
        "MQTT-3.2.2-3",
        "MQTT-3.1.3-2",
        "MQTT-3.1.4-4"
      })
  @Promise("I10")
  void aPersistentSessionIsThereOnReturn(Version version) {
    String id = freshId();

    assertFalse(present(persistent(version, id)));
    assertTrue(present(persistent(version, id)));
    assertTrue(present(persistent(version, id)));
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.2-6", "MQTT-3.2.2-1", "MQTT-3.1.4-3"},
      v5 = {"MQTT-3.1.2-4", "MQTT-3.2.2-2", "MQTT-3.1.4-4"})
  @Promise("I10")
  void cleanStartDiscardsTheOldSession(Version version) {
    var topic = freshTopic();
    var publisher = connect(version);
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 1);
    first.disconnect();
    publisher.publish(publish(topic, "queued").qos(1));

    var cleaned = connect(persistent(version, first.clientId).clean(true));

    assertFalse(cleaned.connack().sessionPresent());
    publisher.publish(publish(topic, "live").qos(1));
    cleaned.expectSilence();
  }

  @EachVersion
  @Statement(
      v311 = "MQTT-3.1.2-6",
      v5 = {"MQTT-3.1.2-23", "MQTT-4.1.0-2"})
  @Promise("I10")
  void aSessionOfOneConnectionIsGoneAfterIt(Version version) {
    String id = freshId();
    var client = connect(new ConnectPacket(version, id));
    client.subscribe(freshTopic(), 1);
    client.disconnect();

    assertFalse(present(new ConnectPacket(version, id).clean(false)));
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.2-4", "MQTT-3.1.2-5", "MQTT-4.5.0-1", "MQTT-4.1.0-1"},
      v5 = {"MQTT-3.1.2-5", "MQTT-3.1.2-23", "MQTT-4.5.0-1", "MQTT-4.1.0-1"})
  @Promise("I5")
  void subscriptionsAndMessagesOutliveTheConnection(Version version) {
    var topic = freshTopic();
    var publisher = connect(version);
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 2);
    first.disconnect();
    for (int i = 0; i < 20; i++) {
      publisher.publish(publish(topic, "m" + i).qos(1 + i % 2));
    }

    var again = connect(persistent(version, first.clientId));

    assertTrue(again.connack().sessionPresent());
    for (int i = 0; i < 20; i++) {
      var message = again.receive("m" + i);
      assertEquals(1 + i % 2, message.qos());
      assertFalse(message.dup(), "a first delivery");
    }
    publisher.publish(publish(topic, "live").qos(1));
    again.receive("live");
  }

  @Test
  @Statement(v5 = {"MQTT-4.1.0-2", "MQTT-3.1.2-23"})
  @Promise("I10")
  void theSessionEndsWhenItsExpiryHasPassed() {
    var topic = freshTopic();
    var watcher = connect(Version.V5);
    watcher.subscribe(topic, 0);
    // The end of the session shows itself by the will, whose own delay is far longer.
    var will = publish(topic, "ended").with(Properties5.WILL_DELAY, 600);
    var client = connect(fresh(Version.V5).with(Properties5.SESSION_EXPIRY, 1).will(will));
    long start = System.currentTimeMillis();
    client.close();

    watcher.receive("ended");

    // Not before; how soon after is tested where the clock is moved by hand.
    long lasted = System.currentTimeMillis() - start;
    assertTrue(lasted >= 1_000, () -> lasted + " ms");
    assertFalse(present(new ConnectPacket(Version.V5, client.clientId).clean(false)));
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-23")
  @Promise("I10")
  void theSessionIsThereBeforeItsExpiryHasPassed() {
    String id = freshId();

    present(new ConnectPacket(Version.V5, id).with(Properties5.SESSION_EXPIRY, 30));

    assertTrue(present(new ConnectPacket(Version.V5, id).clean(false)));
  }

  @Test
  void theLongestExpiryIsAccepted() {
    String id = freshId();

    present(new ConnectPacket(Version.V5, id).with(Properties5.SESSION_EXPIRY, NEVER));

    assertTrue(present(new ConnectPacket(Version.V5, id).clean(false)));
  }

  @Test
  @Statement(v5 = "MQTT-4.1.0-2")
  void disconnectCanEndTheSessionAtOnce() {
    String id = freshId();
    var client = connect(persistent(Version.V5, id));

    client.disconnect(0, Properties5.none().with(Properties5.SESSION_EXPIRY, 0));

    assertFalse(present(persistent(Version.V5, id)));
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-23")
  void disconnectCanChangeTheExpiry() {
    String id = freshId();
    var client = connect(new ConnectPacket(Version.V5, id).with(Properties5.SESSION_EXPIRY, 1));

    client.disconnect(0, Properties5.none().with(Properties5.SESSION_EXPIRY, 600));

    assertTrue(present(persistent(Version.V5, id)));
  }

  @Test
  void disconnectCannotGiveASessionWithoutExpiryOne() {
    var client = connect(Version.V5);

    client.send(
        new Bytes()
            .u8(0)
            .raw(Properties5.none().with(Properties5.SESSION_EXPIRY, 600).toArray())
            .packet(0xE0));

    client.expectClosed(0x82);
    assertFalse(present(new ConnectPacket(Version.V5, client.clientId).clean(false)));
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-7")
  @Promise("I8")
  void retainedMessagesStayWhenTheSessionEnds(Version version) {
    var topic = freshTopic();
    var publisher = connect(version);
    publisher.publish(publish(topic, "kept").qos(1).retain());
    publisher.disconnect();
    connect(new ConnectPacket(version, publisher.clientId)).disconnect();

    var subscriber = connect(version);
    subscriber.subscribe(topic, 0);

    subscriber.receive("kept");
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.1.0-1", "MQTT-4.1.0-2"},
      v5 = "MQTT-4.1.0-1")
  void theStateStaysWhileTheConnectionIsOpen(Version version) {
    var topic = freshTopic();
    var client = connect(fresh(version));
    client.subscribe(topic, 1);
    for (int i = 0; i < 3; i++) {
      client.publish(publish(topic, "m" + i).qos(1));
      client.receive("m" + i);
      client.ping();
    }
  }

  @Test
  void aSessionOfOneVersionIsResumedWithAnother() {
    var topic = freshTopic();
    var publisher = connect(Version.V5);
    var old = connect(fresh(Version.V311).persistent());
    old.subscribe(topic, 1);
    old.disconnect();
    publisher.publish(publish(topic, "m1").qos(1).with(Properties5.PAYLOAD_FORMAT, 1));

    var now = connect(persistent(Version.V5, old.clientId));

    assertTrue(now.connack().sessionPresent());
    assertEquals(List.of("m1"), now.receive(1));
  }
}
