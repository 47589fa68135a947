package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Shared subscriptions, for clients of both versions. */
class SharedSubscriptionTest extends WireTest {

  private static List<String> numbered(int count) {
    var payloads = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      payloads.add("m" + i);
    }
    return payloads;
  }

  @EachVersion
  @Statement(v5 = {"MQTT-4.8.2-1", "MQTT-4.8.2-3"})
  @Promise("I9")
  void eachMessageGoesToOneMember(Version version) {
    var topic = freshTopic();
    var publisher = connect(version);
    var one = connect(version);
    var two = connect(version);
    for (var member : List.of(one, two)) {
      assertEquals(1, member.subscribe("$share/group/" + topic, 1));
    }

    for (String payload : numbered(40)) {
      publisher.publish(publish(topic, payload).qos(2));
    }

    var all = new ArrayList<String>();
    long deadline = System.nanoTime() + WireClient.PATIENCE.toNanos();
    while (all.size() < 40 && System.nanoTime() < deadline) {
      for (var member : List.of(one, two)) {
        while (member.hasMore(Duration.ofMillis(20))) {
          all.addAll(member.receive(1));
        }
      }
    }
    one.expectSilence();
    two.expectSilence();
    Collections.sort(all);
    var expected = numbered(40);
    Collections.sort(expected);
    assertEquals(expected, all);
  }

  @EachVersion
  @Promise("F16")
  void groupsAndOrdinarySubscriptionsAreIndependent(Version version) {
    var topic = freshTopic();
    var first = connect(version);
    var second = connect(version);
    var ordinary = connect(version);
    first.subscribe("$share/one/" + topic, 1);
    second.subscribe("$share/two/" + topic, 1);
    ordinary.subscribe(topic, 1);

    connect(version).publish(publish(topic, "m").qos(1));

    first.receive("m");
    second.receive("m");
    ordinary.receive("m");
  }

  @EachVersion
  @Promise("F16")
  void theSharedAndThePlainFilterOfOneClientAreTwoSubscriptions(Version version) {
    var topic = freshTopic();
    var client = connect(version);
    client.subscribe("$share/g/" + topic, 1);
    client.subscribe(topic, 1);

    client.unsubscribe(topic);
    client.publish(publish(topic, "shared").qos(1));
    client.receive("shared");
    client.subscribe(topic, 1);
    client.unsubscribe("$share/g/" + topic);
    client.publish(publish(topic, "plain").qos(1));

    client.receive("plain");
    client.expectSilence();
  }

  /** Also in a session that stays: each has its own queue, whichever goes first. */
  @EachVersion
  @Promise("F16")
  void theSharedAndThePlainFilterHaveQueuesOfTheirOwn(Version version) {
    var topic = freshTopic();
    var shared = "$share/g/" + topic;
    var publisher = connect(version);
    var client = connect(fresh(version).persistent());
    client.subscribe(topic, 1);
    client.subscribe(shared, 1);
    client.disconnect();
    publisher.publish(publish(topic, "both").qos(1));

    var again = connect(new ConnectPacket(version, client.clientId).persistent());

    assertEquals(List.of("both", "both"), again.receive(2));
    again.unsubscribe(shared);
    publisher.publish(publish(topic, "plain").qos(1));
    again.receive("plain");
    again.subscribe(shared, 1);
    again.unsubscribe(topic);
    publisher.publish(publish(topic, "shared").qos(1));
    again.receive("shared");
    again.subscribe(topic, 1);
    again.unsubscribe(topic);
    again.unsubscribe(shared);
    publisher.publish(publish(topic, "neither").qos(1));
    again.expectSilence();
  }

  @EachVersion
  @Statement(v5 = "MQTT-4.8.2-3")
  void theGrantedQosOfTheMemberHolds(Version version) {
    for (int granted = 0; granted <= 2; granted++) {
      var topic = freshTopic();
      var client = connect(version);
      client.subscribe("$share/g/" + topic, granted);

      client.publish(publish(topic, "m").qos(2));

      assertEquals(granted, client.receive("m").qos());
    }
  }

  @Test
  @Statement(v5 = {"MQTT-4.8.2-1", "MQTT-4.8.2-2"})
  @Promise("F9")
  void aShareNameIsNeededAndHasNoSpecialCharacters() {
    for (String filter :
        List.of("$share//t", "$share/g", "$share/g/", "$share/a+b/t", "$share/#/t", "$share")) {
      var client = connect(Version.V5);
      client.send(WireClient.subscribePacket(Version.V5, 1, Properties5.none(), filter, 0));
      var answer = client.next();
      if (answer.type() == Received.SUBACK) {
        assertEquals(List.of(0x8F), answer.codes(Received.SUBACK).codes(), filter);
      } else {
        int code = answer.disconnect().code();
        assertTrue(List.of(0x81, 0x82, 0x8F).contains(code), filter);
        client.expectClosed();
      }
    }
  }

  @EachVersion
  @Promise("I9")
  void aMessageNotAcknowledgedByALostMemberGoesToAnother(Version version) {
    var topic = freshTopic();
    var publisher = connect(version);
    var one = connect(version);
    one.subscribe("$share/g/" + topic, 1);
    publisher.publish(publish(topic, "pending").qos(1));
    assertEquals("pending", one.receive().payload());
    var two = connect(version);
    two.subscribe("$share/g/" + topic, 1);

    one.close();

    two.receive("pending");
  }

  @Test
  @Statement(v5 = "MQTT-4.8.2-4")
  void aQos2DeliveryBrokenOffIsCompletedToTheSameMember() {
    var topic = freshTopic();
    var one = connect(fresh(Version.V5).persistent());
    one.subscribe("$share/g/" + topic, 2);
    var publisher = connect(Version.V5);
    publisher.publish(publish(topic, "begun").qos(2));
    var begun = one.receive();
    one.send(WireClient.ackPacket(Received.PUBREC, begun.packetId()));
    one.expectAck(Received.PUBREL, begun.packetId());
    var two = connect(Version.V5);
    two.subscribe("$share/g/" + topic, 2);
    one.close();

    var again = connect(new ConnectPacket(Version.V5, one.clientId).persistent());

    again.expectAck(Received.PUBREL, begun.packetId());
    again.send(WireClient.ackPacket(Received.PUBCOMP, begun.packetId()));
    again.expectSilence();
    two.expectSilence();
  }

  @Test
  @Statement(v5 = "MQTT-4.8.2-5")
  void aQos2MessageOfAMemberWhoseSessionEndedGoesToNobodyElse() {
    var topic = freshTopic();
    var one = connect(Version.V5);
    one.subscribe("$share/g/" + topic, 2);
    connect(Version.V5).publish(publish(topic, "begun").qos(2));
    var begun = one.receive();
    one.send(WireClient.ackPacket(Received.PUBREC, begun.packetId()));
    one.expectAck(Received.PUBREL, begun.packetId());
    var two = connect(Version.V5);
    two.subscribe("$share/g/" + topic, 2);

    one.disconnect();

    two.expectSilence();
  }

  /** Its window is full: what the group gave it besides was never sent, and is for others. */
  @Test
  void whatALostMemberWasNotSentGoesToAnotherAlsoAtQos2() {
    for (boolean persistent : List.of(true, false)) {
      var topic = freshTopic();
      var packet = fresh(Version.V5).with(Properties5.RECEIVE_MAXIMUM, 2);
      var one = connect(persistent ? packet.persistent() : packet);
      one.subscribe("$share/g/" + topic, 2);
      var publisher = connect(Version.V5);
      for (String payload : numbered(4)) {
        publisher.publish(publish(topic, payload).qos(2));
      }
      assertEquals("m0", one.receive().payload());
      assertEquals("m1", one.receive().payload());
      var two = connect(Version.V5);
      two.subscribe("$share/g/" + topic, 2);

      one.close();

      assertEquals(Set.of("m2", "m3"), Set.copyOf(two.receive(2)));
      two.expectSilence();
      if (persistent) {
        var again = connect(new ConnectPacket(Version.V5, one.clientId).persistent());
        again.receive("m0");
        again.receive("m1");
        again.expectSilence();
      }
    }
  }

  @Test
  void whatAMemberThatUnsubscribesWasNotSentGoesToAnotherAlsoAtQos2() {
    var topic = freshTopic();
    var one = connect(fresh(Version.V5).with(Properties5.RECEIVE_MAXIMUM, 1));
    one.subscribe("$share/g/" + topic, 2);
    var publisher = connect(Version.V5);
    for (String payload : numbered(3)) {
      publisher.publish(publish(topic, payload).qos(2));
    }
    var first = one.receive();
    assertEquals("m0", first.payload());
    var two = connect(Version.V5);
    two.subscribe("$share/g/" + topic, 2);

    one.unsubscribe("$share/g/" + topic);

    assertEquals(Set.of("m1", "m2"), Set.copyOf(two.receive(2)));
    one.complete(first);
    one.expectSilence();
    two.expectSilence();
  }

  @Test
  @Statement(v5 = {"MQTT-4.8.2-6", "MQTT-4.4.0-2"})
  void aRefusedMessageIsDiscarded() {
    var topic = freshTopic();
    var one = connect(Version.V5);
    one.subscribe("$share/g/" + topic, 2);
    var publisher = connect(Version.V5);
    publisher.publish(publish(topic, "refused1").qos(1));
    publisher.publish(publish(topic, "refused2").qos(2));
    var first = one.receive();
    var second = one.receive();
    var two = connect(Version.V5);
    two.subscribe("$share/g/" + topic, 2);

    one.send(WireClient.ackPacket(Received.PUBACK, first.packetId(), 0x80));
    one.send(WireClient.ackPacket(Received.PUBREC, second.packetId(), 0x83));
    one.ping();
    one.close();

    two.expectSilence();
  }

  @Test
  void theIdentifierOfTheSubscriptionIsSent() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.subscribe(
        Properties5.none().with(Properties5.SUBSCRIPTION_ID, 5), "$share/g/" + topic, 1);

    client.publish(publish(topic, "m").qos(1));

    assertEquals(List.of(5L), client.receive("m").properties().all(Properties5.SUBSCRIPTION_ID));
    assertFalse(client.connack().sessionPresent());
  }
}
