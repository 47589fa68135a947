package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients of MQTT 3.1, whose protocol name is MQIsdp. */
class Mqtt31Test extends WireTest {

  @Test
  void aClientConnectsSubscribesAndPublishesAtEachQos() {
    var topic = freshTopic();
    var client = connect(Version.V31);
    assertEquals(List.of(2), client.subscribe(Properties5.none(), topic, 2).codes());

    for (int qos = 0; qos <= 2; qos++) {
      client.publish(publish(topic, "m" + qos).qos(qos));
      assertEquals(qos, client.receive("m" + qos).qos());
    }

    client.unsubscribe(topic);
    client.ping();
    client.disconnect();
  }

  @Test
  void connackHasNoFlags() {
    var first = connect(fresh(Version.V31).persistent());
    first.disconnect();

    var again = connect(new ConnectPacket(Version.V31, first.clientId).persistent());

    assertEquals(0, again.connack().flags(), "Session Present came with 3.1.1");
  }

  @Test
  void aSessionOutlivesItsConnection() {
    var topic = freshTopic();
    var first = connect(fresh(Version.V31).persistent());
    first.subscribe(topic, 1);
    first.close();
    connect(Version.V5).publish(publish(topic, "queued").qos(1));

    var again = connect(new ConnectPacket(Version.V31, first.clientId).persistent());

    again.receive("queued");
  }

  @Test
  void itsWillIsPublished() {
    var topic = freshTopic();
    var subscriber = connect(Version.V5);
    subscriber.subscribe(topic, 1);

    connect(fresh(Version.V31).will(publish(topic, "gone").qos(1))).close();

    subscriber.receive("gone");
  }

  @Test
  void anEmptyIdentifierIsRejected() {
    var client = open(new ConnectPacket(Version.V31, ""));

    client.expectConnack(2);

    client.expectClosed();
  }

  @Test
  void theNameAndTheLevelMustFit() {
    var client = open(Version.V311, freshId());

    client.send(new Bytes().string("MQIsdp").u8(4).u8(2).u16(0).string("x").packet(0x10));

    client.expectClosed();
  }

  @Test
  void aTakeoverClosesTheOldConnection() {
    var first = connect(Version.V31);

    connect(new ConnectPacket(Version.V31, first.clientId)).ping();

    first.expectClosed();
  }

  @Test
  void aRepeatedMessageIsMarked() {
    var topic = freshTopic();
    var first = connect(fresh(Version.V31).persistent());
    first.subscribe(topic, 1);
    first.publish(publish(topic, "m").qos(1));
    first.receive();
    first.close();

    var again = connect(new ConnectPacket(Version.V31, first.clientId).persistent());

    assertTrue(again.receive("m").dup());
  }
}
