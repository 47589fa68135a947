package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.store.StoredRows;
import io.troupe.protocol.conformance.Promise;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One client away does not hold on disk what all others have had. */
class DiskSpaceTest extends WireTest {
  private static final long MIB = 1 << 20;
  private static final int PAYLOAD_BYTES = 64 << 10;
  private static final int BATCH = 20;
  private static final int BATCHES = 140; // 175 MiB
  private static final int LIMIT = 100; // 6 MiB

  /** The log of what is not in data files yet takes up to 48 MiB, whatever lives. */
  private static final long BYTES_MAX = 90 * MIB;

  private static final Duration WITHIN = Duration.ofSeconds(60);

  private BrokerUnderTest broker;

  @Override
  BrokerUnderTest broker() {
    return broker;
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  private void awaitBelow(long bytesMax) {
    long end = System.nanoTime() + WITHIN.toNanos();
    while (StoredRows.folderBytes(broker.storeFolder()) > bytesMax) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "after " + WITHIN + " the folder has " + StoredRows.folderBytes(broker.storeFolder()));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"drop-oldest", "drop-newest"})
  @Promise("I25")
  void diskHoldsWhatIsStillWanted(String whenFull) {
    broker =
        BrokerUnderTest.start(
            Map.of(
                "troupe.queue.device.messages-max",
                LIMIT,
                "troupe.queue.device.when-full",
                whenFull,
                "troupe.store.reclaim-min",
                "4 MiB",
                "troupe.store.memory",
                "32 MiB"));
    var away = connect(fresh(Version.V5).persistent());
    away.subscribe("q", 1);
    away.disconnect();
    var reader = connect(fresh(Version.V5).persistent());
    reader.subscribe("q", 1);
    consume(connect(Version.V5), reader);

    awaitBelow(BYTES_MAX);

    var back = connect(new ConnectPacket(Version.V5, away.clientId).persistent());
    int first = whenFull.equals("drop-oldest") ? BATCHES * BATCH - LIMIT : 0;
    for (int i = 0; i < LIMIT; i++) {
      var message = back.receive();
      assertEquals(first + i, number(message));
      back.complete(message);
    }
    back.disconnect();
  }

  /** All of them go through one reader, so much at a time. */
  private void consume(WireClient publisher, WireClient reader) {
    for (int batch = 0; batch < BATCHES; batch++) {
      for (int i = 1; i <= BATCH; i++) {
        publisher.send(publish("q", payload(batch * BATCH + i - 1)).qos(1, i));
      }
      for (int i = 1; i <= BATCH; i++) {
        publisher.expectAck(Received.PUBACK, i);
      }
      for (int i = 0; i < BATCH; i++) {
        var message = reader.receive();
        assertEquals(batch * BATCH + i, number(message));
        reader.complete(message);
      }
    }
  }

  /** Does not compress; begins with its number. */
  private static byte[] payload(int number) {
    byte[] bytes = new byte[PAYLOAD_BYTES];
    new SplittableRandom(number).nextBytes(bytes);
    ByteBuffer.wrap(bytes).putInt(number);
    return bytes;
  }

  private static int number(Received.Publish message) {
    return message.bytes().getInt(message.bytes().position());
  }
}
