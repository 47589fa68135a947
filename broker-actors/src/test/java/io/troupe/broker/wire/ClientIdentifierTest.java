package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Client identifiers that mean something to a store, a file system, a log or a sharding. */
class ClientIdentifierTest extends CanaryTest {

  @Test
  void aClientIdentifierOfTensOfThousandsIsRefused() {
    var client = open(new ConnectPacket(Version.V5, "i".repeat(60_000)));

    client.expectEnd();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/b",
        "a|b",
        "a:b",
        "..",
        "../../etc/passwd",
        ".",
        "#",
        "+",
        "$SYS",
        "%2F",
        "%",
        "a b",
        " ",
        "\n",
        "\u001B[31mred",
        "${jndi:ldap://x/y}",
        "session|x",
        "partition|0",
        "retained|1",
        "directory|2",
        "|",
        "/",
        "shard-0",
        "session%7Cx",
        "partition-0",
        "retained-1",
        "registry",
        "directory",
        "sharding",
        "clients",
        "meta",
        "snapshot",
        "\uD83D\uDE00",
        "'; DROP TABLE sessions; --"
      })
  @Statement(v311 = "MQTT-3.1.3-2", v5 = "MQTT-3.1.3-2")
  @Promise("F13")
  void clientIdentifiersMeanNothingInside(String clientId) {
    var topic = freshTopic();
    var first = open(new ConnectPacket(Version.V5, clientId).persistent());
    var connack = first.next().connack();
    if (connack.code() != 0) {
      assertEquals(0x85, connack.code());
      first.expectClosed();
      return;
    }
    first.subscribe(topic, 1);
    first.close();
    connect(Version.V5).publish(publish(topic, "m").qos(1));

    var again = connect(new ConnectPacket(Version.V5, clientId).persistent());

    assertTrue(again.connack().sessionPresent());
    again.receive("m");
    again.disconnect(0, Properties5.none().with(Properties5.SESSION_EXPIRY, 0));
  }

  @Test
  @Statement(
      v311 = "MQTT-1.5.3-2",
      v5 = {"MQTT-1.5.4-2", "MQTT-3.1.3-8"})
  @Promise("F13")
  void aClientIdentifierWithNulIsRefused() {
    for (Version version : List.of(Version.V311, Version.V5)) {
      var client = open(new ConnectPacket(version, "a\0b"));
      if (version.is5()) {
        int code = client.next().connack().code();
        assertTrue(code == 0x81 || code == 0x85);
      }
      client.expectClosed();
    }
  }
}
