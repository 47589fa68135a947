package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Topic names, topic filters and how they match. */
class TopicTest extends WireTest {

  /** {@code B} stands for a level of this test alone. */
  @ParameterizedTest
  @CsvSource({
    "B/a, B/a, true",
    "B/a, B/A, false",
    "B/a, B/a/, false",
    "B/a, /B/a, false",
    "B/+, B/a, true",
    "B/+, B/, true",
    "B/+, B, false",
    "B/+, B/a/b, false",
    "B/+/c, B/a/c, true",
    "B/+/c, B//c, true",
    "B/+/+, B//, true",
    "B/#, B, true",
    "B/#, B/, true",
    "B/#, B/a/b/c, true",
    "B/a/#, B/a, true",
    "B/a/#, B/ab, false",
    "+/B/#, x/B/y/z, true",
    "+/B/#, B/y/z, false",
    "/B/+, /B/a, true",
    "+/B, /B, true",
    "B/ /c, B/ /c, true",
    "B/+/#, B/a, true",
    "B/+/#, B, false",
    "B/$x/#, B/$x/y, true",
    "B/+, B/$x, true"
  })
  @Statement(
      v311 = {"MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-3.3.2-3", "MQTT-4.7.3-4"},
      v5 = {"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-3.3.2-3", "MQTT-4.7.3-4"})
  void filtersMatchTopics(String filter, String topic, boolean matches) {
    String base = freshId();
    var client = connect(Version.V5);
    var marker = freshTopic();
    client.subscribe(filter.replace("B", base), 1);
    client.subscribe(marker, 1);

    var puback = client.publish(publish(topic.replace("B", base), "m").qos(1));

    assertEquals(matches ? 0x00 : 0x10, puback.code(), "PUBACK tells whether anybody subscribed");
    client.publish(publish(marker, "end").qos(1));
    if (matches) {
      client.receive("m");
    }
    client.receive("end");
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.7.2-1", v5 = "MQTT-4.7.2-1")
  @Promise("I16")
  void wildcardsInTheFirstLevelDoNotMatchDollarTopics(Version version) {
    var client = connect(version);
    client.subscribe("#", 0);
    client.subscribe("+/#", 0);
    client.subscribe("+/broker/#", 0);
    client.subscribe("+/broker/+", 0);

    connect(version).disconnect();

    // Other tests' messages match as well; none of the broker's own may be among them.
    var end = freshTopic();
    client.publish(publish(end, "end"));
    while (true) {
      var message = client.receive();
      client.complete(message);
      assertTrue(!message.topic().startsWith("$"), message::toString);
      if (message.topic().equals(end)) {
        break;
      }
    }
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.3.2-2", "MQTT-4.7.1-1"},
      v5 = {"MQTT-3.3.2-2", "MQTT-4.7.0-1", "MQTT-4.13.1-1"})
  void aTopicNameHasNoWildcards(Version version) {
    for (String topic : List.of("a/+", "#", "a/#/b", "a+b", "+")) {
      connect(version).send(publish(topic, "x")).expectClosed(0x90, 0x81, 0x82);
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.7.3-1", v5 = "MQTT-4.7.3-1")
  @Promise("F4")
  void aTopicNameHasACharacter(Version version) {
    connect(version).send(publish("", "x")).expectClosed(0x82, 0x81, 0x90);
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.3-1"},
      v5 = {"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1"})
  void anInvalidFilterIsRefused(Version version) {
    for (String filter : List.of("a/#/b", "a#", "#a", "a+/b", "+a", "a/b#", "##", "++", "")) {
      var client = connect(version);
      client.send(WireClient.subscribePacket(version, 1, Properties5.none(), filter, 0));
      var answer = answer(client);
      if (answer == null) {
        continue;
      }
      if (answer.type() == Received.SUBACK) {
        assertEquals(
            List.of(version.is5() ? 0x8F : 0x80), answer.codes(Received.SUBACK).codes(), filter);
      } else {
        int code = answer.disconnect().code();
        assertTrue(List.of(0x81, 0x82, 0x8F).contains(code), filter);
        client.expectClosed();
      }
    }
  }

  private static Received answer(WireClient client) {
    try {
      return client.next();
    } catch (AssertionError e) {
      assertEquals("the broker closed the connection", e.getMessage());
      return null;
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.7.3-1", v5 = "MQTT-4.7.3-1")
  void aLoneSlashIsATopic(Version version) {
    var client = connect(version);
    client.subscribe("/", 1);

    client.publish(publish("/", "slash").qos(1));

    assertEquals("/", client.receive("slash").topic());
  }

  @Test
  @Statement(v311 = "MQTT-4.7.3-3", v5 = "MQTT-4.7.3-3")
  void aLongTopicIsRoutedOrRefusedAsAWhole() {
    var topic = freshId() + "x".repeat(1000);
    var client = connect(Version.V5);
    client.subscribe(topic, 1);

    client.publish(publish(topic, "long").qos(1));

    assertEquals(topic, client.receive("long").topic());
  }
}
