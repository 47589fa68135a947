package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Topic aliases, both ways. */
class TopicAliasTest extends WireTest {

  private static long maximum(WireClient client) {
    return client.connack().properties().number(Properties5.TOPIC_ALIAS_MAXIMUM, 0);
  }

  private static PublishPacket aliased(String topic, String payload, long alias) {
    return publish(topic, payload).with(Properties5.TOPIC_ALIAS, alias);
  }

  @Test
  @Statement(v5 = "MQTT-3.3.2-12")
  void everyAliasUpToTheServersMaximumIsAccepted() {
    var client = connect(Version.V5);
    long maximum = maximum(client);
    assertTrue(maximum > 0);
    var first = freshTopic();
    var last = freshTopic();
    client.subscribe(Properties5.none(), first, 1, last, 1);

    client.publish(aliased(first, "a", 1).qos(1));
    client.publish(aliased(last, "b", maximum).qos(1));
    client.publish(aliased("", "c", 1).qos(1));
    client.publish(aliased("", "d", maximum).qos(1));
    client.publish(aliased(last, "e", 1).qos(1));
    client.publish(aliased("", "f", 1).qos(1));

    for (var expected :
        new String[][] {
          {"a", first}, {"b", last}, {"c", first}, {"d", last}, {"e", last}, {"f", last}
        }) {
      var message = client.receive(expected[0]);
      assertEquals(expected[1], message.topic());
      assertFalse(message.properties().has(Properties5.TOPIC_ALIAS));
    }
  }

  @Test
  @Statement(v5 = {"MQTT-3.2.2-17", "MQTT-3.3.2-8", "MQTT-3.3.2-9", "MQTT-3.14.2-1"})
  @Promise("I15")
  void zeroAndMoreThanTheMaximumAreInvalid() {
    var topic = freshTopic();
    long maximum = maximum(connect(Version.V5));

    connect(Version.V5).send(aliased(topic, "x", 0)).expectClosed(0x94, 0x82, 0x81);
    connect(Version.V5).send(aliased(topic, "x", maximum + 1)).expectClosed(0x94);
    connect(Version.V5).send(aliased(topic, "x", 65535)).expectClosed(0x94);
  }

  @Test
  void anAliasNeverSetIsAProtocolError() {
    connect(Version.V5).send(aliased("", "x", 1)).expectClosed(0x82, 0x94);
  }

  @Test
  @Statement(v5 = "MQTT-3.3.2-7")
  void aliasesEndWithTheConnection() {
    var topic = freshTopic();
    var first = connect(fresh(Version.V5).persistent());
    first.publish(aliased(topic, "x", 1).qos(1));
    first.disconnect();

    connect(new ConnectPacket(Version.V5, first.clientId).persistent())
        .send(aliased("", "y", 1))
        .expectClosed(0x82, 0x94);
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-27", "MQTT-3.3.2-11"})
  @Promise("I15")
  void aClientThatTakesNoneGetsNone() {
    var topic = freshTopic();
    var absent = connect(Version.V5);
    var zero = connect(fresh(Version.V5).with(Properties5.TOPIC_ALIAS_MAXIMUM, 0));
    absent.subscribe(topic, 1);
    zero.subscribe(topic, 1);
    var publisher = connect(Version.V5);

    for (int i = 0; i < 5; i++) {
      publisher.publish(aliased(topic, "m" + i, 1).qos(1));
    }

    for (int i = 0; i < 5; i++) {
      assertFalse(absent.receive("m" + i).properties().has(Properties5.TOPIC_ALIAS));
      assertFalse(zero.receive("m" + i).properties().has(Properties5.TOPIC_ALIAS));
    }
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-26", "MQTT-3.3.2-11", "MQTT-3.3.2-8", "MQTT-3.3.2-1"})
  void aClientThatTakesSomeGetsNoneBeyondAndCanResolveAll() {
    var base = freshTopic();
    var client = connect(fresh(Version.V5).with(Properties5.TOPIC_ALIAS_MAXIMUM, 2));
    client.subscribe(base + "/#", 1);
    var publisher = connect(Version.V5);
    for (int i = 0; i < 20; i++) {
      publisher.publish(publish(base + "/" + i % 4, "" + i % 4).qos(1));
    }

    Map<Long, String> aliases = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      var message = client.receive();
      client.complete(message);
      var topic = message.topic();
      if (message.properties().has(Properties5.TOPIC_ALIAS)) {
        long alias = message.properties().number(Properties5.TOPIC_ALIAS, 0);
        assertTrue(alias >= 1 && alias <= 2, "alias " + alias);
        if (topic.isEmpty()) {
          topic = aliases.get(alias);
        } else {
          aliases.put(alias, topic);
        }
      }
      assertEquals(base + "/" + message.payload(), topic);
    }
  }

  @Test
  @Statement(v5 = "MQTT-3.3.2-7")
  void theBrokersAliasesEndWithTheConnectionToo() {
    var topic = freshTopic();
    var first = connect(fresh(Version.V5).persistent().with(Properties5.TOPIC_ALIAS_MAXIMUM, 5));
    first.subscribe(topic, 1);
    var publisher = connect(Version.V5);
    publisher.publish(publish(topic, "a").qos(1));
    publisher.publish(publish(topic, "b").qos(1));
    first.receive(2);
    first.disconnect();
    publisher.publish(publish(topic, "c").qos(1));

    var again =
        connect(
            new ConnectPacket(Version.V5, first.clientId)
                .persistent()
                .with(Properties5.TOPIC_ALIAS_MAXIMUM, 5));

    assertEquals(topic, again.receive("c").topic());
  }
}
