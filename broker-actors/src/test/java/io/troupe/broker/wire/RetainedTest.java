package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Retained messages. */
class RetainedTest extends WireTest {
  /** Retain Handling in the subscription options. */
  private static final int IF_NEW = 0x10;

  private static final int NEVER = 0x20;
  private static final int RETAIN_AS_PUBLISHED = 0x08;

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.3.1-5", "MQTT-3.3.1-6", "MQTT-3.3.1-8"},
      v5 = {"MQTT-3.3.1-5", "MQTT-3.3.1-9"})
  @Promise("I8")
  void aNewSubscriptionGetsTheLastOneWithItsQos(Version version) {
    for (int qos = 0; qos <= 2; qos++) {
      var topic = freshTopic();
      var publisher = connect(version);
      publisher.publish(publish(topic, "first").qos(1).retain());
      publisher.publish(publish(topic, "last").qos(qos).retain());
      publisher.ping();
      var subscriber = connect(version);

      subscriber.subscribe(topic, 2);

      var message = subscriber.receive("last");
      assertEquals(qos, message.qos());
      assertTrue(message.retain());
      assertFalse(message.dup());
      assertEquals(topic, message.topic());
      subscriber.expectSilence();
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.3.1-7", v5 = "MQTT-3.3.1-5")
  void aMessageOfQos0ReplacesIt(Version version) {
    var topic = freshTopic();
    var publisher = connect(version);
    var witness = connect(version);
    witness.subscribe(topic, 0);
    publisher.publish(publish(topic, "one").qos(1).retain());
    publisher.publish(publish(topic, "two").retain());
    witness.receive(2);

    publisher.subscribe(topic, 2);

    publisher.receive("two");
    publisher.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.3.1-9", v5 = "MQTT-3.3.1-12")
  void anEstablishedSubscriptionGetsItAsAnyOther(Version version) {
    var topic = freshTopic();
    var subscriber = connect(version);
    subscriber.subscribe(topic, 1);

    connect(version).publish(publish(topic, "m").qos(1).retain());

    assertFalse(subscriber.receive("m").retain());
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.3.1-10", "MQTT-3.3.1-11"},
      v5 = {"MQTT-3.3.1-6", "MQTT-3.3.1-7"})
  @Promise("I8")
  void anEmptyPayloadIsForwardedAndDeletesIt(Version version) {
    var topic = freshTopic();
    var publisher = connect(version);
    var established = connect(version);
    publisher.publish(publish(topic, "kept").qos(1).retain());
    established.subscribe(topic, 1);
    established.receive("kept");

    publisher.publish(publish(topic, "").qos(1).retain());

    established.receive("");
    var late = connect(version);
    late.subscribe(topic, 1);
    late.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.3.1-12", v5 = "MQTT-3.3.1-8")
  @Promise("I8")
  void aMessageWithoutRetainLeavesItAlone(Version version) {
    var topic = freshTopic();
    var other = freshTopic();
    var publisher = connect(version);
    publisher.publish(publish(topic, "kept").qos(1).retain());
    publisher.publish(publish(topic, "passing").qos(1));
    publisher.publish(publish(topic, "").qos(1));
    publisher.publish(publish(other, "passing").qos(1));
    var subscriber = connect(version);

    subscriber.subscribe(other, 1);
    subscriber.subscribe(topic, 1);

    subscriber.receive("kept");
    subscriber.expectSilence();
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.3.1-6", "MQTT-3.3.2-3", "MQTT-3.8.4-6"},
      v5 = {"MQTT-3.3.1-9", "MQTT-3.3.2-3", "MQTT-3.8.4-8"})
  void aWildcardGetsAllThatMatchAtTheGrantedQos(Version version) {
    var base = freshTopic();
    var publisher = connect(version);
    for (String level : List.of("/a", "/b", "/b/c", "")) {
      publisher.publish(publish(base + level, base + level).qos(2).retain());
    }
    var subscriber = connect(version);

    subscriber.subscribe(base + "/#", 1);

    Set<String> topics = new TreeSet<>();
    for (int i = 0; i < 4; i++) {
      var message = subscriber.receive();
      subscriber.complete(message);
      assertEquals(message.topic(), message.payload());
      assertEquals(1, message.qos());
      assertTrue(message.retain());
      topics.add(message.topic());
    }
    assertEquals(Set.of(base, base + "/a", base + "/b", base + "/b/c"), topics);
    subscriber.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.1-9", "MQTT-3.8.4-4"})
  void handling0SendsItForEverySubscribe() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.publish(publish(topic, "kept").qos(1).retain());

    client.subscribe(topic, 0);
    client.subscribe(topic, 0);

    client.receive("kept");
    client.receive("kept");
    client.expectSilence();
  }

  @Test
  @Statement(v5 = "MQTT-3.3.1-10")
  void handling1SendsItForANewSubscriptionOnly() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.publish(publish(topic, "kept").qos(1).retain());

    client.subscribe(topic, IF_NEW);
    client.receive("kept");
    client.subscribe(topic, IF_NEW | 1);

    client.expectSilence();
    client.unsubscribe(topic);
    client.subscribe(topic, IF_NEW);
    client.receive("kept");
  }

  @Test
  @Statement(v5 = "MQTT-3.3.1-10")
  void handling1KnowsTheSubscriptionOfAResumedSession() {
    var topic = freshTopic();
    connect(Version.V5).publish(publish(topic, "kept").qos(1).retain());
    var first = connect(fresh(Version.V5).persistent());
    first.subscribe(topic, IF_NEW);
    first.receive("kept");
    first.disconnect();

    var again = connect(new ConnectPacket(Version.V5, first.clientId).persistent());
    again.subscribe(topic, IF_NEW);

    again.expectSilence();
  }

  @Test
  @Statement(v5 = "MQTT-3.3.1-11")
  void handling2NeverSendsIt() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.publish(publish(topic, "kept").qos(1).retain());

    client.subscribe(topic, NEVER);

    client.expectSilence();
  }

  @Test
  void handling3IsAProtocolError() {
    var client = connect(Version.V5);

    client.send(WireClient.subscribePacket(Version.V5, 1, Properties5.none(), "t", 0x30));

    client.expectClosed(0x82, 0x81);
  }

  @Test
  @Statement(v5 = "MQTT-3.3.1-13")
  void retainAsPublishedKeepsTheFlag() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.subscribe(topic, RETAIN_AS_PUBLISHED | 1);

    client.publish(publish(topic, "retained").qos(1).retain());
    client.publish(publish(topic, "passing").qos(1));

    assertTrue(client.receive("retained").retain());
    assertFalse(client.receive("passing").retain());
  }

  @Test
  @Statement(v5 = "MQTT-3.3.1-12")
  void withoutRetainAsPublishedTheFlagIsZero() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.subscribe(topic, 1);

    client.publish(publish(topic, "retained").qos(1).retain());

    assertFalse(client.receive("retained").retain());
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.1-9", "MQTT-3.3.1-12"})
  void aRetainedMessageOfANewSubscriptionHasTheFlagWhateverTheOption() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.publish(publish(topic, "kept").qos(1).retain());

    client.subscribe(topic, 0);

    assertTrue(client.receive("kept").retain());
  }

  @Test
  void aSharedSubscriptionGetsNone() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.publish(publish(topic, "kept").qos(1).retain());

    client.subscribe("$share/g/" + topic, 1);

    client.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-3.3.2-4", "MQTT-3.3.2-17", "MQTT-3.3.2-18"})
  void itsPropertiesAreKept() {
    var topic = freshTopic();
    var properties =
        Properties5.none()
            .with(Properties5.PAYLOAD_FORMAT, 1)
            .with(Properties5.CONTENT_TYPE, "a/b")
            .user("z", "1")
            .user("a", "2");
    connect(Version.V5).publish(publish(topic, "kept").qos(1).retain().with(properties));
    var client = connect(Version.V5);

    client.subscribe(Properties5.none().with(Properties5.SUBSCRIPTION_ID, 7), topic, 1);

    var got = client.receive("kept").properties();
    assertEquals(1, got.number(Properties5.PAYLOAD_FORMAT, 0));
    assertEquals("a/b", got.text(Properties5.CONTENT_TYPE));
    assertEquals(List.of("z=1", "a=2"), got.all(Properties5.USER_PROPERTY));
    assertEquals(List.of(7L), got.all(Properties5.SUBSCRIPTION_ID));
  }
}
