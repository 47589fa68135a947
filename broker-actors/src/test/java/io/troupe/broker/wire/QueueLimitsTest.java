package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.auth.PasswordHash;
import io.troupe.broker.metrics.DropReason;
import io.troupe.protocol.conformance.Promise;
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

/**
 * Limits of offline queues by client type and credential; nothing is lost without being counted.
 */
class QueueLimitsTest extends WireTest {
  private static BrokerUnderTest limited;

  @BeforeAll
  static void start(@TempDir Path dir) throws IOException {
    String hash = PasswordHash.of("pw".getBytes(StandardCharsets.UTF_8), new SecureRandom()).text();
    Path passwords =
        Files.writeString(
            dir.resolve("passwords"),
            """
            device:%1$s
            application:%1$s:type=application
            newest:%1$s:when-full=drop-newest
            strict:%1$s:messages-max=3,when-full=refuse-publisher
            """
                .formatted(hash));
    limited =
        BrokerUnderTest.start(
            Map.of(
                "troupe.auth.password-file", passwords.toString(),
                "troupe.queue.device.messages-max", 4,
                "troupe.queue.application.messages-max", 6));
  }

  @AfterAll
  static void stop() {
    limited.close();
  }

  @Override
  BrokerUnderTest broker() {
    return limited;
  }

  private static ConnectPacket as(String username, ConnectPacket connect) {
    return connect.username(username).password("pw");
  }

  private WireClient publisher(Version version) {
    return connect(as("device", fresh(version)));
  }

  /** A subscriber that has gone. */
  private ConnectPacket away(Version version, String username, String topic) {
    var client = connect(as(username, fresh(version).persistent()));
    client.subscribe(topic, 1);
    client.disconnect();
    return as(username, new ConnectPacket(version, client.clientId).persistent());
  }

  @EachVersion
  void deviceApplicationAndCredentialHaveTheirOwnLimits(Version version) {
    var topic = freshTopic();
    var device = away(version, "device", topic);
    var newest = away(version, "newest", topic);
    var application = away(version, "application", topic);
    long before = limited.dropped(DropReason.QUEUE_FULL);
    var publisher = publisher(version);
    for (int i = 0; i < 6; i++) {
      publisher.publish(publish(topic, "m" + i).qos(1));
    }

    assertEquals(List.of("m2", "m3", "m4", "m5"), connect(device).receive(4));
    assertEquals(List.of("m0", "m1", "m2", "m3"), connect(newest).receive(4));
    assertEquals(List.of("m0", "m1", "m2", "m3", "m4", "m5"), connect(application).receive(6));
    assertEquals(2 + 2, limited.dropped(DropReason.QUEUE_FULL) - before);
  }

  @Test
  @Promise({"I1", "I2"})
  void a5PublisherIsToldAndNobodyGetsTheMessage() {
    var topic = freshTopic();
    var strict = away(Version.V5, "strict", topic);
    var other = away(Version.V5, "application", topic);
    var publisher = publisher(Version.V5);
    long before = limited.dropped(DropReason.QUEUE_REFUSED);
    for (int i = 0; i < 3; i++) {
      assertEquals(0, publisher.publish(publish(topic, "m" + i).qos(1 + i % 2)).code());
    }

    assertEquals(0x97, publisher.publish(publish(topic, "refused").qos(1)).code());
    assertEquals(0x97, publisher.publish(publish(topic, "refused").qos(2)).code());

    assertEquals(2, limited.dropped(DropReason.QUEUE_REFUSED) - before);
    assertEquals(List.of("m0", "m1", "m2"), connect(strict).receive(3));
    var rest = connect(other);
    assertEquals(List.of("m0", "m1", "m2"), rest.receive(3));
    rest.expectSilence();
  }

  @Test
  @Promise("I1")
  void a311PublisherIsDisconnectedWithoutAcknowledgementAndMaySendAgain() {
    for (int qos = 1; qos <= 2; qos++) {
      var topic = freshTopic();
      var strict = away(Version.V311, "strict", topic);
      var publisher = connect(as("device", fresh(Version.V311).persistent()));
      for (int i = 0; i < 3; i++) {
        publisher.publish(publish(topic, "m" + i).qos(qos));
      }

      publisher.send(publish(topic, "again").qos(qos, 77)).expectClosed();

      var subscriber = connect(strict);
      assertEquals(List.of("m0", "m1", "m2"), subscriber.receive(3));
      publisher =
          connect(as("device", new ConnectPacket(Version.V311, publisher.clientId).persistent()));
      publisher.send(publish(topic, "again").qos(qos, 77).dup());
      publisher.expectAck(qos == 1 ? Received.PUBACK : Received.PUBREC, 77);
      assertEquals(List.of("again"), subscriber.receive(1));
    }
  }

  @Test
  void aWillThatIsRefusedDoesNotKeepItsClientOut() {
    var topic = freshTopic();
    var strict = away(Version.V5, "strict", topic);
    var publisher = publisher(Version.V5);
    for (int i = 0; i < 3; i++) {
      publisher.publish(publish(topic, "m" + i).qos(1));
    }
    long before = limited.dropped(DropReason.QUEUE_REFUSED);
    var dying = connect(as("device", fresh(Version.V5).will(publish(topic, "will").qos(1))));

    dying.close();

    connect(as("device", new ConnectPacket(Version.V5, dying.clientId))).ping();
    assertEquals(1, limited.dropped(DropReason.QUEUE_REFUSED) - before);
    assertEquals(List.of("m0", "m1", "m2"), connect(strict).receive(3));
  }
}
