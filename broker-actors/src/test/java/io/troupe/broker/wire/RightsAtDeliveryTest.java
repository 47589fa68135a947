package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.auth.PasswordHash;
import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rights count at the time of delivery (I17). Everything is set up under rules that allow it; then
 * the broker starts again on the same data with rules that take "secret/#" from one user. On every
 * path an open message comes through, and the secret one before it does not.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RightsAtDeliveryTest extends WireTest {
  private BrokerUnderTest broker;

  @BeforeAll
  void setUpThenTakeTheRight(@TempDir Path dir) throws IOException {
    var hash = PasswordHash.of("pw".getBytes(StandardCharsets.UTF_8), new SecureRandom()).text();
    Path passwords =
        Files.writeString(dir.resolve("passwords"), "reader:" + hash + "\nwriter:" + hash + "\n");
    Path rules = Files.writeString(dir.resolve("rules"), "all\n  allow all #\n");
    broker =
        BrokerUnderTest.start(
            Map.of(
                "troupe.auth.allow-anonymous", false,
                "troupe.auth.password-file", passwords.toString(),
                "troupe.auth.acl-file", rules.toString()));
    leaveMessagesBehind();
    closeConnections();
    Files.writeString(rules, "user reader\n  deny all secret/#\nall\n  allow all #\n");
    broker.restart();
  }

  private void leaveMessagesBehind() {
    var writer = connect(user("writer", freshId()));
    for (String name : new String[] {"live", "webSocket", "queued", "inFlight"}) {
      var reader = connect(user("reader", name).persistent());
      reader.subscribe(Properties5.none(), "secret/" + name, 2, "open/" + name, 2);
      if (!name.equals("inFlight")) {
        reader.disconnect();
      }
    }
    var shared = connect(user("reader", "shared").persistent());
    shared.subscribe(Properties5.none(), "$share/g/secret/shared", 2, "$share/g/open/shared", 2);
    shared.disconnect();
    for (String member : new String[] {"reader", "writer"}) {
      var either = connect(user(member, "either-" + member).persistent());
      either.subscribe("$share/h/secret/either", 2);
      either.disconnect();
    }
    writer.publish(publish("secret/either", "0").qos(1));
    for (String name : new String[] {"queued", "inFlight", "shared"}) {
      writer.publish(publish("secret/" + name, "secret").qos(1));
      writer.publish(publish("secret/" + name, "secret").qos(2));
      writer.publish(publish("open/" + name, "open").qos(1));
    }
    writer.publish(publish("secret/kept", "secret").qos(1).retain());
    writer.publish(publish("open/kept", "open").qos(1).retain());
    for (String name : new String[] {"secret", "open"}) {
      connect(withWill(name)).close();
    }
    var publisher = connect(user("reader", "publisher").persistent());
    publisher.send(publish("secret/resumed", "before").qos(2, 7));
    publisher.expectAck(Received.PUBREC, 7);
  }

  /** A will that waits much longer than the test takes. */
  private static ConnectPacket withWill(String name) {
    return user("reader", "will-" + name)
        .persistent()
        .will(publish(name + "/will", name).qos(1).with(Properties5.WILL_DELAY, 600));
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  @Override
  BrokerUnderTest broker() {
    return broker;
  }

  private static ConnectPacket user(String name, String clientId) {
    return new ConnectPacket(Version.V5, clientId).username(name).password("pw");
  }

  private WireClient resume(String clientId) {
    var client = connect(user("reader", clientId).persistent());
    assertTrue(client.connack().sessionPresent());
    return client;
  }

  private void publishSecretThenOpen(String name) {
    var writer = connect(user("writer", freshId()));
    for (int qos = 0; qos <= 2; qos++) {
      writer.publish(publish("secret/" + name, "secret").qos(qos));
    }
    writer.publish(publish("open/" + name, "open").qos(1));
  }

  private static void expectOpenOnly(WireClient reader) {
    reader.receive("open");
    reader.expectSilence();
  }

  @Test
  @Promise({"I17", "F11"})
  void live() {
    var reader = resume("live");

    publishSecretThenOpen("live");

    expectOpenOnly(reader);
  }

  @Test
  @Promise({"I17", "F11"})
  void liveOverWebSocket() {
    var reader = open(WireTransport.WS, null, user("reader", "webSocket").persistent());
    assertTrue(reader.expectConnack(0).sessionPresent());

    publishSecretThenOpen("webSocket");

    expectOpenOnly(reader);
  }

  @Test
  @Promise({"I17", "F11"})
  void queuedWhileTheRightWasTaken() {
    expectOpenOnly(resume("queued"));
  }

  @Test
  @Promise({"I17", "F11"})
  void sentAgainToAResumedSession() {
    var reader = resume("inFlight");
    int open = 0;

    while (open == 0 || reader.hasMore(WireClient.SILENCE)) {
      Received packet = reader.next();
      if (packet.type() == Received.PUBREL) {
        // the packet identifier of a secret message sent before is freed, its message is not sent
        int packetId = packet.ack(Received.PUBREL).packetId();
        reader.send(WireClient.ackPacket(Received.PUBCOMP, packetId));
      } else {
        assertEquals("open", packet.publish().payload());
        reader.complete(packet.publish());
        open++;
      }
    }

    assertEquals(1, open);
  }

  @Test
  @Promise({"I17", "F11"})
  void retained() {
    var reader = connect(user("reader", freshId()));

    assertEquals(0x87, reader.subscribe("secret/kept", 1));
    assertEquals(1, reader.subscribe("+/kept", 1));

    expectOpenOnly(reader);
  }

  @Test
  @Promise({"I17", "F11"})
  void aSubscriptionWiderThanTheRight() {
    var reader = connect(user("reader", freshId()));
    reader.subscribe("+/wide", 2);

    publishSecretThenOpen("wide");

    expectOpenOnly(reader);
  }

  @Test
  @Promise({"I17", "F11"})
  void aSharedSubscription() {
    var reader = resume("shared");
    reader.receive("open");

    publishSecretThenOpen("shared");

    expectOpenOnly(reader);
  }

  @Test
  @Promise({"I17", "F11"})
  void aSharedSubscriptionOfWhichOneMemberMayHaveIt() {
    var mayNot = resume("either-reader");
    var writer = connect(user("writer", freshId()));
    for (int i = 1; i <= 10; i++) {
      writer.publish(publish("secret/either", Integer.toString(i)).qos(1 + i % 2));
    }

    var may = connect(user("writer", "either-writer").persistent());

    var all = new TreeSet<Integer>();
    may.receive(11).forEach(payload -> all.add(Integer.valueOf(payload)));
    assertEquals(11, all.size());
    for (int i = 11; i <= 20; i++) {
      writer.publish(publish("secret/either", Integer.toString(i)).qos(1 + i % 2));
    }
    may.receive(10).forEach(payload -> all.add(Integer.valueOf(payload)));
    assertEquals(21, all.size());
    mayNot.expectSilence();
  }

  @Test
  @Promise({"I17", "F11"})
  void aDelayedWillWhenItIsPublished() {
    var watcher = connect(user("writer", freshId()));
    watcher.subscribe("+/will", 1);

    // a session that ends publishes its will at once (MQTT-3.1.2-8)
    connect(user("reader", "will-secret"));
    connect(user("reader", "will-open"));

    expectOpenOnly(watcher);
  }

  @Test
  @Promise({"I17", "F11"})
  void qos2OfAResumedSession() {
    var watcher = connect(user("writer", freshId()));
    watcher.subscribe("secret/resumed", 2);
    var publisher = resume("publisher");

    publisher.send(publish("secret/resumed", "after").qos(2, 8));
    assertEquals(0x87, publisher.expectAck(Received.PUBREC, 8).code());
    publisher.send(WireClient.ackPacket(Received.PUBREL, 7));
    assertEquals(0, publisher.expectAck(Received.PUBCOMP, 7).code());

    watcher.expectSilence();
  }
}
