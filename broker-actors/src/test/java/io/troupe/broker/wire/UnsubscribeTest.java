package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** UNSUBSCRIBE. */
class UnsubscribeTest extends WireTest {

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.10.4-1", "MQTT-3.10.4-2", "MQTT-3.10.4-4", "MQTT-2.3.1-7"},
      v5 = {"MQTT-3.10.4-1", "MQTT-3.10.4-2", "MQTT-3.10.4-4", "MQTT-2.2.1-6"})
  @Promise("I14")
  void nothingNewComesAfterUnsuback(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 1);
    client.publish(publish(topic, "before").qos(1));
    client.receive("before");

    client.unsubscribe(topic);

    client.publish(publish(topic, "after").qos(1));
    client.expectSilence();
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.10.4-1", "MQTT-3.10.4-2"},
      v5 = {"MQTT-3.10.4-1", "MQTT-3.10.4-2"})
  void itTakesBackASubscribeSentRightBeforeIt(Version version) {
    var topic = freshTopic();
    var client = connect(version);

    for (int i = 1; i < 50; i++) {
      client.send(WireClient.subscribePacket(version, i, Properties5.none(), topic, 1));
      client.send(WireClient.unsubscribePacket(version, 100 + i, topic));
    }

    int subacks = 0;
    int unsubacks = 0;
    while (subacks < 49 || unsubacks < 49) {
      var packet = client.next();
      if (packet.type() == Received.SUBACK) {
        var suback = packet.codes(Received.SUBACK);
        assertEquals(++subacks, suback.packetId());
        assertEquals(List.of(1), suback.codes());
      } else {
        var unsuback = packet.codes(Received.UNSUBACK);
        assertEquals(100 + ++unsubacks, unsuback.packetId());
        assertEquals(version.is5() ? List.of(0) : List.of(), unsuback.codes());
      }
    }
    client.publish(publish(topic, "after").qos(1));
    client.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.10.4-2", v5 = "MQTT-3.10.4-2")
  @Promise("I14")
  void itHoldsForTheSession(Version version) {
    var topic = freshTopic();
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 1);
    first.unsubscribe(topic);
    first.disconnect();
    connect(version).publish(publish(topic, "after").qos(1));

    var again = connect(new ConnectPacket(version, first.clientId).persistent());

    assertTrue(again.connack().sessionPresent());
    again.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-3.11.3-1", "MQTT-3.11.3-2", "MQTT-3.10.4-5", "MQTT-3.10.4-6"})
  void theCodesTellWhatExisted() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.subscribe(Properties5.none(), topic, 1, topic + "/#", 1);

    var unsuback = client.unsubscribe("never", topic, topic, topic + "/#");

    assertEquals(List.of(0x11, 0x00, 0x11, 0x00), unsuback.codes());
  }

  @Test
  @Statement(v311 = {"MQTT-3.10.4-5", "MQTT-3.10.4-6"})
  void unsubackComesWhateverExisted() {
    var topic = freshTopic();
    var client = connect(Version.V311);
    client.subscribe(Properties5.none(), topic, 1, topic + "/#", 1);

    var unsuback = client.unsubscribe("never", topic, topic + "/#");

    assertEquals(List.of(), unsuback.codes());
    client.publish(publish(topic, "after").qos(1));
    client.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.10.4-1", v5 = "MQTT-3.10.4-1")
  void filtersAreComparedCharacterByCharacter(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 1);

    client.unsubscribe(
        topic + "/", "#", topic.replaceFirst("x$", "+"), topic + "/#", topic.replace('x', 'X'));

    client.publish(publish(topic, "still").qos(1));
    client.receive("still");
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.10.4-3", v5 = "MQTT-3.10.4-3")
  void deliveriesBegunAreCompleted(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe(topic, 2);
    client.publish(publish(topic, "one").qos(1));
    client.publish(publish(topic, "two").qos(2));
    var one = client.receive();
    var two = client.receive();

    client.unsubscribe(topic);

    client.complete(one);
    client.complete(two);
    client.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.10.4-3", v5 = "MQTT-3.10.4-3")
  void deliveriesBegunAreCompletedOnReturn(Version version) {
    var topic = freshTopic();
    var first = connect(fresh(version).persistent());
    first.subscribe(topic, 2);
    first.publish(publish(topic, "begun").qos(2));
    int packetId = first.receive().packetId();
    first.unsubscribe(topic);
    first.close();

    var again = connect(new ConnectPacket(version, first.clientId).persistent());

    var message = again.receive("begun");
    assertEquals(packetId, message.packetId());
    assertTrue(message.dup());
  }

  /**
   * Of overlapping subscriptions one delivers and the others skip: what they left to it comes, in
   * order and once, though it is unsubscribed before it had its turn.
   */
  @Test
  @Statement(v5 = {"MQTT-3.3.4-2", "MQTT-3.10.4-2"})
  void whatAnotherSubscriptionMatchedComesAllTheSame() {
    var root = freshTopic();
    var client = connect(fresh(Version.V5).persistent().with(Properties5.RECEIVE_MAXIMUM, 2));
    client.subscribe(root + "/#", 1);
    client.subscribe(root + "/+", 1);
    var publisher = connect(Version.V5);
    for (int i = 0; i < 20; i++) {
      publisher.publish(publish(root + "/a", "m" + i).qos(1));
      publisher.publish(publish(root + "/only/all", "n" + i).qos(1));
    }
    var first = client.receive();
    var second = client.receive();
    client.complete(first); // there is room: the other queue skips what it has
    var third = client.receive();
    assertEquals(
        List.of("m0", "n0", "m1"), List.of(first.payload(), second.payload(), third.payload()));

    client.unsubscribe(root + "/#");

    publisher.publish(publish(root + "/only/all", "unwanted").qos(1));
    publisher.publish(publish(root + "/a", "m20").qos(1));
    client.complete(second);
    client.complete(third);
    for (int i = 2; i <= 20; i++) {
      client.receive("m" + i);
    }
    client.expectSilence();
  }

  /** As often as it likes; each message comes once and in order. */
  @EachVersion
  void overlappingSubscriptionsMayComeAndGo(Version version) {
    var root = freshTopic();
    var client = connect(fresh(version).persistent());
    var publisher = connect(Version.V5);
    for (int i = 0; i < 12; i++) {
      assertEquals(2, client.subscribe(root + "/#", 2));
      assertEquals(2, client.subscribe(root + "/+", 2));
      publisher.publish(publish(root + "/a", "m" + i).qos(2));
      publisher.publish(publish(root + "/a", "n" + i).qos(2));
      client.receive("m" + i);
      client.receive("n" + i);
      client.unsubscribe(root + "/#");
      client.unsubscribe(root + "/+");
      publisher.publish(publish(root + "/a", "unwanted").qos(2));
    }
    client.expectSilence();
  }

  /** Also while another one stays that relies on the queue of the one that goes. */
  @Test
  void oneOfTwoOverlappingSubscriptionsMayComeAndGo() {
    var root = freshTopic();
    var client = connect(fresh(Version.V5).persistent());
    var publisher = connect(Version.V5);
    client.subscribe(root + "/#", 2);
    client.subscribe(root + "/+", 2);
    for (int i = 0; i < 12; i++) {
      client.unsubscribe(root + "/#");
      publisher.publish(publish(root + "/a", "m" + i).qos(2));
      assertEquals(2, client.subscribe(root + "/#", 2));
      publisher.publish(publish(root + "/a", "n" + i).qos(2));
    }
    for (int i = 0; i < 12; i++) {
      client.receive("m" + i);
      client.receive("n" + i);
    }
    client.expectSilence();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.10.3-2", v5 = "MQTT-3.10.3-2")
  void unsubscribeWithoutFilterIsAViolation(Version version) {
    var body = new Bytes().u16(1);
    connect(version)
        .send((version.is5() ? body.u8(0) : body).packet(0xA2))
        .expectClosed(0x81, 0x82);
  }
}
