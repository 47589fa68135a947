package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reason strings: sent to who asks, not to who does not want them. */
class ReasonTest extends WireTest {

  private static ConnectPacket problemInformation(int value) {
    return fresh(Version.V5).with(Properties5.REQUEST_PROBLEM_INFORMATION, value);
  }

  @Test
  void aViolationIsExplainedInWords() {
    var client = connect(problemInformation(1));

    client.send(new ConnectPacket(Version.V5, client.clientId).toArray());

    var disconnect = client.next().disconnect();
    assertEquals(0x82, disconnect.code());
    assertTrue(disconnect.properties().text(Properties5.REASON_STRING).length() > 5);
  }

  @Test
  void aRefusedConnectIsExplainedInWords() {
    var client =
        open(
            fresh(Version.V5)
                .with(Properties5.none().with(Properties5.AUTHENTICATION_METHOD, "unheard-of")));

    var connack = client.expectConnack(0x8C);

    assertTrue(connack.properties().text(Properties5.REASON_STRING).length() > 5);
  }

  @Test
  @Statement(v5 = "MQTT-3.1.2-29")
  void whoWantsNoneGetsNoneOutsideConnackAndDisconnect() {
    var client = connect(problemInformation(0));

    assertPlain(client.subscribe(Properties5.none(), freshTopic(), 0).properties());
    assertPlain(client.unsubscribe("never").properties());
    assertPlain(client.publish(publish(freshTopic(), "x").qos(1)).properties());
    assertPlain(client.publish(publish(freshTopic(), "x").qos(2)).properties());
    client.send(WireClient.ackPacket(Received.PUBREL, 4711));
    assertPlain(client.expectAck(Received.PUBCOMP, 4711).properties());
    client.send(WireClient.ackPacket(Received.PUBREC, 4711));
    assertPlain(client.expectAck(Received.PUBREL, 4711).properties());
    assertPlain(client.publish(publish("$x", "x").qos(1)).properties());
    assertPlain(client.publish(publish("$x", "x").qos(2)).properties());
    assertPlain(client.subscribe(Properties5.none(), "bad/#/filter", 0).properties());
    assertPlain(client.unsubscribe("bad/#/filter").properties());
  }

  @Test
  void aRefusedPublishIsExplainedInWords() {
    for (var connect : List.of(fresh(Version.V5), problemInformation(1))) {
      var client = connect(connect);

      var puback = client.publish(publish("$x", "x").qos(1));
      var pubrec = client.publish(publish("$x", "x").qos(2));

      assertEquals(0x87, puback.code());
      assertEquals("not authorized", puback.properties().text(Properties5.REASON_STRING));
      assertEquals(0x87, pubrec.code());
      assertEquals("not authorized", pubrec.properties().text(Properties5.REASON_STRING));
    }
  }

  @Test
  void packetIdentifiersNobodyKnowsAreExplainedInWords() {
    var client = connect(Version.V5);

    client.send(WireClient.ackPacket(Received.PUBREL, 4711));
    var pubcomp = client.expectAck(Received.PUBCOMP, 4711);
    client.send(WireClient.ackPacket(Received.PUBREC, 4711));
    var pubrel = client.expectAck(Received.PUBREL, 4711);

    assertEquals(0x92, pubcomp.code());
    assertTrue(pubcomp.properties().text(Properties5.REASON_STRING).contains("identifier"));
    assertEquals(0x92, pubrel.code());
    assertTrue(pubrel.properties().text(Properties5.REASON_STRING).contains("identifier"));
  }

  @Test
  void theFirstRefusedFilterIsExplainedInWords() {
    var client = connect(Version.V5);

    var suback =
        client.subscribe(Properties5.none(), freshTopic(), 1, "bad/#/filter", 0, "bad/+x", 0);
    var unsuback = client.unsubscribe("never", "bad/#/filter");

    assertEquals(List.of(1, 0x8F, 0x8F), suback.codes());
    String why = suback.properties().text(Properties5.REASON_STRING);
    assertTrue(why.startsWith("filter 2 of 3: malformed topic filter"), why);
    assertEquals(List.of(0x11, 0x8F), unsuback.codes());
    why = unsuback.properties().text(Properties5.REASON_STRING);
    assertTrue(why.startsWith("filter 2 of 2: malformed topic filter"), why);
  }

  @Test
  void successNeedsNoWords() {
    var client = connect(Version.V5);

    var nobody = client.publish(publish(freshTopic(), "x").qos(1));
    var unknown = client.unsubscribe("never");

    assertEquals(0x10, nobody.code());
    assertPlain(nobody.properties());
    assertEquals(List.of(0x11), unknown.codes());
    assertPlain(unknown.properties());
    assertPlain(client.publish(publish(freshTopic(), "x").qos(2)).properties());
    assertPlain(client.subscribe(Properties5.none(), freshTopic(), 2).properties());
  }

  @Test
  void wordsThatExceedTheClientsMaximumPacketSizeAreLeftOut() {
    var client = connect(problemInformation(1).with(Properties5.MAXIMUM_PACKET_SIZE, 20));

    var puback = client.publish(publish("$x", "x").qos(1));
    var pubrec = client.publish(publish("$x", "x").qos(2));
    var suback = client.subscribe(Properties5.none(), "bad/#/filter", 0);
    var unsuback = client.unsubscribe("bad/#/filter");

    assertEquals(0x87, puback.code());
    assertPlain(puback.properties());
    assertEquals(0x87, pubrec.code());
    assertPlain(pubrec.properties());
    assertEquals(List.of(0x8F), suback.codes());
    assertPlain(suback.properties());
    assertEquals(List.of(0x8F), unsuback.codes());
    assertPlain(unsuback.properties());
  }

  private static void assertPlain(Properties5 properties) {
    assertFalse(properties.has(Properties5.REASON_STRING));
    assertFalse(properties.has(Properties5.USER_PROPERTY));
  }
}
