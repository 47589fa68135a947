package io.troupe.broker.wire;

import static io.troupe.broker.wire.Bytes.bytes;
import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The known flaws of brokers, one by one. */
class HostileInputTest extends CanaryTest {
  private static final long MEGABYTE = 1 << 20;

  private static long heapUsed() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  @Promise("F1")
  void announcedLengthsBeforeConnectCostNoMemory() {
    long before = heapUsed();
    List<WireClient> open = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      var client = open(Version.V5, "x");
      client.send(bytes(0x10, 0xFF, 0xFF, 0xFF, 0x7F, 0, 4, 'M', 'Q', 'T', 'T', 5, 2).toArray());
      open.add(client);
    }

    assertTrue(heapUsed() - before < 100 * MEGABYTE, "40 times 256 MB announced");
    open.forEach(WireClient::expectEnd);
  }

  @Test
  @Promise("F1")
  void announcedLengthsAfterConnectCostNoMemory() {
    long before = heapUsed();
    for (int i = 0; i < 40; i++) {
      var client = connect(Version.V311);
      client.send(bytes(0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, 't').toArray());
      client.expectClosed();
    }

    assertTrue(heapUsed() - before < 100 * MEGABYTE, "40 times 256 MB announced");
  }

  @Test
  @Statement(v311 = "MQTT-4.3.3-2", v5 = "MQTT-4.3.3-10")
  @Promise("F2")
  void unfinishedQos2OfOneIdentifierIsBounded() {
    var topic = freshTopic();
    var client = connect(Version.V311);
    client.subscribe(topic, 0);

    for (int round = 0; round < 200; round++) {
      var burst = new Bytes();
      for (int i = 0; i < 100; i++) {
        burst.raw(publish(topic, "same").qos(2, 7).dup().toArray(Version.V311));
      }
      client.send(burst.toArray());
      for (int i = 0; i < 100; i++) {
        client.expectAck(Received.PUBREC, 7);
      }
    }
    client.send(WireClient.ackPacket(Received.PUBREL, 7));
    client.expectAck(Received.PUBCOMP, 7);

    client.receive("same");
    client.expectSilence();
  }

  @Test
  @Promise("F2")
  void unfinishedQos2OfAllIdentifiersIsBounded() {
    var client = connect(Version.V5);
    long before = heapUsed();
    var topic = freshTopic();

    var flood = new Bytes();
    for (int i = 1; i <= 65535; i++) {
      flood.raw(publish(topic, "x").qos(2, i).toArray(Version.V5));
    }
    client.send(flood.toArray());

    client.expectEnd();
    assertTrue(heapUsed() - before < 100 * MEGABYTE);
  }

  /** 3.x clients know no Receive Maximum: all packet identifiers may be in use. */
  @Test
  @Promise("F2")
  void unfinishedQos2OfA3ClientIsBounded() throws InterruptedException {
    var client = connect(Version.V311);
    var topic = freshTopic();
    long before = heapUsed();
    var flood = new Bytes();
    for (int i = 1; i <= 65535; i++) {
      flood.raw(publish(topic, "x").qos(2, i).toArray(Version.V311));
    }
    var sender = new Thread(() -> client.send(flood.toArray()));
    sender.start();

    for (int i = 1; i <= 65535; i++) {
      client.expectAck(Received.PUBREC, i);
    }

    sender.join();
    assertTrue(heapUsed() - before < 100 * MEGABYTE);
    client.send(WireClient.ackPacket(Received.PUBREL, 65535));
    client.expectAck(Received.PUBCOMP, 65535);
  }

  private static byte[] userProperties(int bytes) {
    var properties = Properties5.none();
    for (int i = 0; i < bytes / 10; i++) {
      properties.user("n" + i % 10, "v" + i % 10);
    }
    return properties.toArray();
  }

  @Test
  @Promise("F3")
  void aMegabyteOfUserPropertiesInConnectIsRefused() {
    byte[] connect =
        new Bytes()
            .string("MQTT")
            .u8(5)
            .u8(2)
            .u16(60)
            .raw(userProperties((int) MEGABYTE))
            .string(freshId())
            .packet(0x10);

    var client = open(Version.V5, "x").send(connect);

    client.expectEnd();
  }

  @Test
  @Promise("F3")
  void aMegabyteOfUserPropertiesInAWillIsRefused() {
    byte[] connect =
        new Bytes()
            .string("MQTT")
            .u8(5)
            .u8(6)
            .u16(60)
            .u8(0)
            .string(freshId())
            .raw(userProperties((int) MEGABYTE))
            .string("t")
            .string("w")
            .packet(0x10);

    var client = open(Version.V5, "x").send(connect);

    client.expectEnd();
  }

  @Test
  @Promise("F3")
  void aMegabyteOfUserPropertiesInPublishIsDealtWith() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.subscribe(topic, 1);

    for (int i = 0; i < 5; i++) {
      client.send(new Bytes().string(topic).raw(userProperties(900_000)).string("p").packet(0x30));
    }

    client.settle();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$SYS/broker/version",
        "$SYS/anything",
        "$CONTROL/dynamic-security/v1",
        "$share/group/t",
        "$share/group",
        "$internal",
        "$"
      })
  @Statement(v311 = "MQTT-4.7.2-1", v5 = "MQTT-4.7.2-1")
  @Promise("F5")
  void publishingToTheBrokersOwnTopicsReachesNobody(String topic) {
    var watcher = connect(Version.V5);
    watcher.subscribe(Properties5.none(), topic.startsWith("$share") ? "t" : topic, 1, "#", 1);
    for (Version version : List.of(Version.V311, Version.V5)) {
      var client = connect(version);
      client.send(publish(topic, "forged").qos(1, 1).retain());
      client.settle();
      var unacknowledged = connect(version);
      unacknowledged.send(publish(topic, "forged").retain());
      unacknowledged.settle();
    }

    var end = freshTopic();
    connect(Version.V5).publish(publish(end, "end").qos(1));
    assertNotForged(watcher, end);
    var late = connect(Version.V5);
    late.subscribe(topic.startsWith("$share") ? end : topic, 1);
    late.publish(publish(end, "end").qos(1));
    late.subscribe(end, 1);
    late.publish(publish(end, "end").qos(1));
    assertNotForged(late, end);
  }

  private static void assertNotForged(WireClient watcher, String end) {
    while (true) {
      var message = watcher.receive();
      watcher.complete(message);
      assertTrue(!message.payload().equals("forged"), message::toString);
      if (message.topic().equals(end)) {
        return;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"$SYS/broker/version", "$CONTROL/dynamic-security/v1", "$internal"})
  @Promise("F5")
  void aWillToTheBrokersOwnTopicsReachesNobody(String topic) {
    var watcher = connect(Version.V5);
    var end = freshTopic();
    watcher.subscribe(Properties5.none(), topic, 1, end, 1);
    for (Version version : List.of(Version.V311, Version.V5)) {
      var client = open(fresh(version).will(publish(topic, "forged").qos(1).retain()));
      client.settle();
      client.close();
    }

    connect(Version.V5).publish(publish(end, "end").qos(1));

    assertNotForged(watcher, end);
  }

  @Test
  @Promise("F6")
  void topicsOfTensOfThousandsOfLevelsAreDealtWith() {
    String slashes = "/".repeat(65_535);
    String wildcards = "+/".repeat(32_767);
    for (Version version : List.of(Version.V311, Version.V5)) {
      List<byte[]> packets =
          List.of(
              publish(slashes, "x").qos(1, 1).toArray(version),
              publish(slashes, "x").qos(1, 1).retain().toArray(version),
              WireClient.subscribePacket(version, 1, Properties5.none(), slashes, 1),
              WireClient.subscribePacket(version, 1, Properties5.none(), wildcards, 1),
              WireClient.subscribePacket(version, 1, Properties5.none(), wildcards + "#", 1),
              publish("a/".repeat(32_767), "x").qos(2, 1).retain().toArray(version),
              WireClient.subscribePacket(
                  version, 1, Properties5.none(), "$share/g/" + "/".repeat(65_526), 1),
              WireClient.subscribePacket(
                  version, 1, Properties5.none(), "$share/g/" + "+/".repeat(32_762) + "#", 1));
      for (byte[] packet : packets) {
        var client = connect(version);
        client.send(packet);
        client.settle();
      }
      var will = open(fresh(version).will(publish("/".repeat(60_000), "x").qos(1)));
      will.settle();
      will.close();
    }
  }

  @Test
  void aThousandFiltersInOnePacketAreDealtWith() {
    Object[] filters = new Object[2000];
    for (int i = 0; i < filters.length; i += 2) {
      filters[i] = "many/" + i + "/+/#";
      filters[i + 1] = 1;
    }
    var client = connect(Version.V5);

    client.send(WireClient.subscribePacket(Version.V5, 1, Properties5.none(), filters));

    client.settle();
  }

  @Test
  @Promise({"F4", "F9"})
  void randomBytesBeforeAndAfterConnectAreSurvived() {
    long seed = 20_261_120;
    var random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      byte[] noise = new byte[1 + random.nextInt(300)];
      random.nextBytes(noise);
      var version = i % 2 == 0 ? Version.V5 : Version.V311;
      if (i % 3 == 0) {
        open(version, "x").send(noise).close();
      } else {
        var client = connect(version);
        client.send(noise);
        client.close();
      }
    }
  }

  @Test
  @Promise({"F4", "F9"})
  void packetsWithOneByteChangedAreSurvived() {
    var random = new Random(4711);
    var topic = freshTopic();
    for (int i = 0; i < 600; i++) {
      var version = i % 2 == 0 ? Version.V5 : Version.V311;
      byte[][] valid = {
        publish(topic, "payload").qos(1, 3).toArray(version),
        publish(topic, "payload").qos(2, 3).toArray(version),
        WireClient.subscribePacket(version, 5, Properties5.none(), topic, 1, "a/#", 2),
        WireClient.ackPacket(Received.PUBREL, 3),
        new ConnectPacket(version, freshId()).will(publish(topic, "w")).toArray()
      };
      byte[] changed = valid[i % valid.length].clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      var client = open(version, "x");
      if (i % valid.length != 4) {
        client.send(new ConnectPacket(version, freshId()).toArray());
      }
      client.send(changed);
      client.close();
    }
  }

  @Test
  @Promise({"F4", "F9"})
  void everyPrefixOfAPacketIsSurvived() {
    var topic = freshTopic();
    var properties =
        Properties5.none()
            .with(Properties5.PAYLOAD_FORMAT, 1)
            .with(Properties5.MESSAGE_EXPIRY, 10)
            .with(Properties5.CONTENT_TYPE, "x")
            .user("a", "b");
    byte[] packet = publish(topic, "payload").qos(1, 1).with(properties).toArray(Version.V5);
    for (int length = 1; length < packet.length; length++) {
      var client = connect(Version.V5);
      client.send(Arrays.copyOf(packet, length));
      client.close();
    }
  }

  @Test
  @Promise("F17")
  void extremeIntervalsAreSurvived() {
    for (long interval : new long[] {0, 1, 0x7FFFFFFFL, 0x80000000L, 0xFFFFFFFEL, 0xFFFFFFFFL}) {
      var topic = freshTopic();
      var client =
          connect(
              fresh(Version.V5)
                  .keepAlive(interval == 1 ? 60 : (int) (interval & 0xFFFF))
                  .with(Properties5.SESSION_EXPIRY, interval)
                  .will(publish(topic, "w").with(Properties5.WILL_DELAY, interval)));
      client.subscribe(topic, 1);
      client.publish(
          publish(topic, "m").qos(1).with(Properties5.MESSAGE_EXPIRY, interval).retain());
      client.close();
      var again =
          connect(
              new ConnectPacket(Version.V5, client.clientId)
                  .clean(false)
                  .with(Properties5.SESSION_EXPIRY, 0));
      if (interval != 1) { // that one may have passed
        assertEquals(interval > 0, again.connack().sessionPresent());
      }
    }
  }

  @Test
  @Promise("F8")
  void aFloodWithoutReadingAnswersIsBounded() {
    var topic = freshTopic();
    var client = connect(Version.V5);
    client.subscribe(topic, 0);
    long before = heapUsed();
    var burst = new Bytes();
    for (int i = 0; i < 1000; i++) {
      burst.raw(publish(topic, "x".repeat(1000)).toArray(Version.V5));
    }

    // 60 MB that come back to the sender, who reads nothing: QoS 0 may be dropped.
    for (int i = 0; i < 60; i++) {
      client.send(burst.toArray());
    }

    assertTrue(heapUsed() - before < 200 * MEGABYTE);
    client.close();
  }

  @Test
  @Promise("F7")
  void connectPublishSubscribeAndTakeoverAtRandomAreSurvived() {
    var random = new Random(20_261_121);
    String id = freshId();
    var topic = freshTopic();
    List<WireClient> clients = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      var version = random.nextBoolean() ? Version.V5 : Version.V311;
      var connect = new ConnectPacket(version, id);
      var client = open(random.nextBoolean() ? connect.persistent() : connect);
      client.send(WireClient.subscribePacket(version, 1, Properties5.none(), topic, 2));
      for (int k = random.nextInt(4); k > 0; k--) {
        client.send(publish(topic, "m" + i).qos(random.nextInt(3), 1 + random.nextInt(10)));
      }
      clients.add(client);
    }
    // Each has been accepted or taken over: none can come after the last.
    clients.forEach(WireClient::settle);

    var last = connect(new ConnectPacket(Version.V5, id));
    last.subscribe(topic, 1);
    last.publish(publish(topic, "end").qos(1));
    String payload;
    do {
      var message = last.receive();
      last.complete(message);
      payload = message.payload();
    } while (!payload.equals("end"));
  }
}
