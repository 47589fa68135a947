package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.routing.TopicPartitionActor.Append;
import io.troupe.protocol.conformance.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is not stored is not acknowledged, and a store that lags makes publishers wait. */
class UnstoredPublishTest {
  private static final int SERVER_UNAVAILABLE = 0x88;

  private HeldStore node =
      new HeldStore(Map.of("troupe.dev", true, "troupe.routing.waiting-bytes-max", "1 MiB"));

  @AfterEach
  void close() {
    node.close();
  }

  /** Publishes; the batches of the two partitions. */
  private List<Append> send(WireClient client, int qos, int packetId) {
    client.send(publish(HeldStore.TOPIC, "m" + packetId).qos(qos, packetId));
    return List.of(node.nextAppend(), node.nextAppend());
  }

  @EachVersion
  void aFailedAppendIsNotAcknowledgedNorIsWhatCameBehindIt(Version version) {
    var client = node.connect(version, "publisher");
    var first = send(client, 1, 1);
    var second = send(client, 1, 2);
    var third = send(client, 1, 3);

    first.forEach(HeldStore::stored);
    third.forEach(HeldStore::stored);
    HeldStore.stored(second.get(0));
    HeldStore.failed(second.get(1));

    client.expectAck(Received.PUBACK, 1);
    client.expectClosed(SERVER_UNAVAILABLE);
  }

  @EachVersion
  void aFailedAppendOfQos2GetsNoPubrec(Version version) {
    var client = node.connect(version, "publisher");
    var first = send(client, 2, 1);
    var second = send(client, 2, 2);

    second.forEach(HeldStore::stored);
    HeldStore.failed(first.get(0));
    HeldStore.stored(first.get(1));

    client.expectClosed(SERVER_UNAVAILABLE);
  }

  @EachVersion
  void anAppendWithoutAnswerEndsInItsTimeLimit(Version version) {
    node.close();
    node = new HeldStore(Map.of("troupe.dev", true, "troupe.routing.append-timeout", "1s"));
    var client = node.connect(version, "publisher");
    var first = send(client, 1, 1);
    HeldStore.stored(first.get(0));

    client.expectClosed(SERVER_UNAVAILABLE);
  }

  @EachVersion
  void whileTheNodeMayNotAcknowledgeNothingIsAndThenAllInOrder(Version version) {
    var client = node.connect(version, "publisher");
    var first = send(client, 1, 1);
    var second = send(client, 2, 2);
    node.mayAcknowledge = false;
    first.forEach(HeldStore::stored);
    second.forEach(HeldStore::stored);
    client.ping(); // PINGRESP promises nothing, and no acknowledgement comes before it
    client.expectSilence();

    node.mayAcknowledge = true;

    client.expectAck(Received.PUBACK, 1);
    client.expectAck(Received.PUBREC, 2);
  }

  @Test
  @Promise({"I20", "F8"})
  void aStoreThatLagsMakesPublishersWaitAndNobodyElse() {
    assertPublisherWaits(1 << 20);
  }

  @Test
  void aPublisherWithManyUnacknowledgedBytesWaitsAndNobodyElse() {
    node.close();
    node = new HeldStore(Map.of("troupe.dev", true, "troupe.mqtt.receive-bytes-max", "512 KiB"));
    assertPublisherWaits(1 << 20);
  }

  /** Once so many bytes have been given to the two partitions, and none is stored. */
  private void assertPublisherWaits(long bytes) {
    int messages = 100;
    int size = 60_000;
    var publisher = node.connect(Version.V5, "publisher");
    var other = node.connect(Version.V5, "other");
    var sending =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 1; i <= messages; i++) {
                publisher.send(publish(HeldStore.TOPIC, new byte[size]).qos(1, i));
              }
            });
    List<Append> held = new ArrayList<>();
    while (node.appendedBytes() <= bytes) {
      held.add(node.nextAppend());
    }
    for (int i = 0; i < 10; i++) {
      other.ping();
      other.send(publish(HeldStore.TOPIC, "at most once"));
    }
    other.ping();
    long whole = 2L * messages * size;
    assertTrue(node.appendedBytes() < whole / 2, "taken " + node.appendedBytes());

    var answering =
        CompletableFuture.runAsync(
            () -> {
              int answered = 0;
              for (Append append : held) {
                answered += append.entries().size();
                HeldStore.stored(append);
              }
              while (answered < 2 * messages) {
                Append append = node.nextAppend();
                answered += append.entries().size();
                HeldStore.stored(append);
              }
            });
    for (int i = 1; i <= messages; i++) {
      assertEquals(0, publisher.expectAck(Received.PUBACK, i).code());
    }
    sending.join();
    answering.join();
  }
}
