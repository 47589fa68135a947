package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.auth.PasswordHash;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that asks who is there and what they may do. */
class AuthorizationTest extends WireTest {
  private static final List<String> NAMES = List.of("ali", "+", "x#", "a/b", "+/+", "%c");

  private static BrokerUnderTest guarded;

  @BeforeAll
  static void start(@TempDir Path dir) throws IOException {
    var hash = PasswordHash.of("open sesame".getBytes(StandardCharsets.UTF_8), new SecureRandom());
    var lines = new StringBuilder();
    for (String name : NAMES) {
      lines.append(name).append(':').append(hash.text()).append('\n');
    }
    Path passwords = Files.writeString(dir.resolve("passwords"), lines);
    Path rules =
        Files.writeString(
            dir.resolve("rules"),
            """
            user ali
              allow publish ok/#
              allow subscribe ok/#
              allow subscribe forbidden/to/publish
              allow subscribe own/%c/#
            all
              allow all by-user/%u/#
              allow all by-id/%c/#
            """);
    guarded =
        BrokerUnderTest.start(
            Map.of(
                "troupe.auth.allow-anonymous", false,
                "troupe.auth.password-file", passwords.toString(),
                "troupe.auth.acl-file", rules.toString()));
  }

  @AfterAll
  static void stop() {
    guarded.close();
  }

  @Override
  BrokerUnderTest broker() {
    return guarded;
  }

  private static ConnectPacket ali(Version version) {
    return fresh(version).username("ali").password("open sesame");
  }

  @EachVersion
  void theRightPasswordLetsIn(Version version) {
    connect(ali(version)).ping();
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.2.2-4", "MQTT-3.2.2-5"},
      v5 = {"MQTT-3.1.4-2", "MQTT-3.2.2-6", "MQTT-3.2.2-7", "MQTT-3.2.2-8"})
  void aWrongPasswordAnUnknownUserAndNobodyAreRefused(Version version) {
    assertRefused(fresh(version).username("ali").password("sesame"), 0x86, 4);
    assertRefused(fresh(version).username("baba").password("open sesame"), 0x86, 4);
    assertRefused(fresh(version).username("ali"), 0x86, 4);
    assertRefused(fresh(version), 0x87, 5);
  }

  private void assertRefused(ConnectPacket connect, int code5, int code3) {
    var client = open(connect);
    var connack = client.next().connack();
    int expected = connect.version.is5() ? code5 : code3;
    assertEquals(Integer.toHexString(expected), Integer.toHexString(connack.code()));
    assertEquals(0, connack.flags());
    client.expectClosed();
  }

  @Test
  @Statement(v311 = "MQTT-3.3.5-2")
  void aPublishNotAllowedIsAcknowledgedOrEndsTheConnection311() {
    for (int qos = 0; qos <= 2; qos++) {
      var watcher = connect(ali(Version.V311));
      watcher.subscribe(Properties5.none(), "forbidden/to/publish", 1, "ok/end", 1);
      var client = connect(ali(Version.V311));

      client.send(publish("forbidden/to/publish", "no").qos(qos, 1));

      client.send(Bytes.bytes(0xC0, 0).toArray());
      try {
        var answer = client.next();
        if (qos > 0) {
          assertEquals(qos == 1 ? Received.PUBACK : Received.PUBREC, answer.type());
        }
      } catch (AssertionError e) {
        assertEquals("the broker closed the connection", e.getMessage());
      }
      connect(ali(Version.V311)).publish(publish("ok/end", "end").qos(1));
      watcher.receive("end");
    }
  }

  @Test
  @Statement(v5 = {"MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-4.3.3-9"})
  @Promise("F11")
  void aPublishNotAllowedIsRefusedIn5() {
    var client = connect(ali(Version.V5));

    assertEquals(0x87, client.publish(publish("forbidden", "no").qos(1)).code());
    assertEquals(0x87, client.publish(publish("forbidden", "no").qos(2)).code());
    client.send(publish("forbidden", "no").qos(2, 9));
    assertEquals(0x87, client.expectAck(Received.PUBREC, 9).code());
    client.send(publish("ok/now", "yes").qos(2, 9));
    assertEquals(0, client.expectAck(Received.PUBREC, 9).code() & 0x80);
    client.send(WireClient.ackPacket(Received.PUBREL, 9));
    assertEquals(0, client.expectAck(Received.PUBCOMP, 9).code());
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.8.4-5", "MQTT-3.9.3-1"},
      v5 = {"MQTT-3.8.4-7", "MQTT-3.9.3-1"})
  @Promise("F11")
  void aSubscriptionNotAllowedIsRefusedAmongOthers(Version version) {
    var client = connect(ali(version));

    var suback =
        client.subscribe(Properties5.none(), "ok/a", 1, "secret/#", 2, "#", 0, "ok/+/b", 2);

    int refused = version.is5() ? 0x87 : 0x80;
    assertEquals(List.of(1, refused, refused, 2), suback.codes());
  }

  @EachVersion
  @Promise("F11")
  void aWillNotAllowedIsNeverPublished(Version version) {
    var watcher = connect(ali(version));
    watcher.subscribe(Properties5.none(), "forbidden/to/publish", 1, "ok/end", 1);
    var client = open(ali(version).will(publish("forbidden/to/publish", "no").qos(1).retain()));
    client.send(Bytes.bytes(0xC0, 0).toArray());
    client.next();
    client.close();

    connect(ali(version)).publish(publish("ok/end", "end").qos(1));

    watcher.receive("end");
    watcher.expectSilence();
  }

  @Test
  @Promise("F10")
  void namesPutIntoARuleCannotWidenIt() {
    assertReaches("ali", "plain", "by-user/ali/x", "by-id/plain/x");
    for (String name : List.of("+", "x#", "a/b", "+/+")) {
      assertReachesNothing(name, freshId(), "by-user/ali/x", "by-user/" + name + "/x", "by-user/#");
    }
    // what looks like a placeholder in a name stays text
    assertReaches("%c", "other", "by-user/%c/x");
    assertReachesNothing("%c", "another", "by-user/another/x");
    for (String clientId : List.of("+", "#", "a/b", "+/#", "/")) {
      assertReachesNothing("ali", clientId, "by-id/plain/x", "by-id/" + clientId + "/x", "by-id/#");
    }
    assertReachesNothing("ali", "", "by-id/plain/x", "by-id//x", "by-id/#");
  }

  private void assertReaches(String username, String clientId, String... topics) {
    var client = named(username, clientId);
    for (String topic : topics) {
      assertEquals(1, client.subscribe(topic, 1), topic);
      client.publish(publish(topic, "mine").qos(1));
      client.receive("mine");
    }
    client.close();
  }

  private void assertReachesNothing(String username, String clientId, String... topics) {
    var client = named(username, clientId);
    for (String topic : topics) {
      int code = client.subscribe(topic, 1);
      assertTrue(code == 0x87 || code == 0x8F, topic);
      if (!topic.contains("+") && !topic.contains("#")) {
        assertEquals(0x87, client.publish(publish(topic, "no").qos(1)).code(), topic);
      }
    }
    client.close();
  }

  private WireClient named(String username, String clientId) {
    return connect(
        new ConnectPacket(Version.V5, clientId).username(username).password("open sesame"));
  }

  @EachVersion
  @Promise("F10")
  void anEmptyUserNameAndOneWithNulAreRefused(Version version) {
    assertRefused(fresh(version).username("").password("open sesame"), 0x86, 4);
    var client = open(fresh(version).username("ali\0").password("open sesame"));
    if (version.is5()) {
      assertTrue(client.next().connack().code() >= 0x80);
    }
    client.expectClosed();
  }

  @Test
  @Promise("F10")
  void aClientIdentifierCannotWidenARule() {
    var honest = connect(ali(Version.V5));
    assertEquals(1, honest.subscribe("own/" + honest.clientId + "/#", 1));
    assertEquals(0x87, honest.subscribe("own/other/#", 1));
    for (String clientId : List.of("+", "#", "other/deep")) {
      var client =
          open(new ConnectPacket(Version.V5, clientId).username("ali").password("open sesame"));
      if (client.next().connack().code() != 0) {
        continue;
      }
      assertEquals(0x87, client.subscribe("own/other/#", 1), clientId);
      client.close();
    }
  }
}
