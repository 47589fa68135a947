package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Statement;
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
  }

  private static void assertPlain(Properties5 properties) {
    assertFalse(properties.has(Properties5.REASON_STRING));
    assertFalse(properties.has(Properties5.USER_PROPERTY));
  }
}
