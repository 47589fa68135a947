package io.troupe.deploy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * Publishes numbered messages at QoS 1 one after the other, for a persistent session that is not
 * there. A connection that ends is made anew, and the message that was not acknowledged is sent
 * again.
 */
final class Feeder implements AutoCloseable {
  private final int port;
  private final String name;
  private final int payloadBytes;
  private final Random random = new Random(1);
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "feeder");
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicInteger closed = new AtomicInteger();

  private Feeder(int port, String name, int payloadBytes) {
    this.port = port;
    this.name = name;
    this.payloadBytes = payloadBytes;
    thread.setDaemon(true);
  }

  /** Lets the session subscribe and leave, then publishes. */
  static Feeder start(int port, int payloadBytes) throws IOException {
    return start(port, "feed", payloadBytes);
  }

  /**
   * The same for one of several.
   *
   * @param name of topic and session
   */
  static Feeder start(int port, String name, int payloadBytes) throws IOException {
    try (FaultClient away = new FaultClient(port, name, false)) {
      away.subscribe(name, 1);
      away.disconnect();
    }
    Feeder feeder = new Feeder(port, name, payloadBytes);
    feeder.thread.start();
    return feeder;
  }

  /** The number of the last message for which PUBACK came; the first one has number 1. */
  long acknowledged() {
    return acknowledged.get();
  }

  /** How often the broker closed or refused the connection. */
  int closed() {
    return closed.get();
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2L * FaultClient.PATIENCE_SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertTrue(!thread.isAlive(), "the feeder did not stop");
  }

  private void run() {
    while (stop.getCount() > 0) {
      try (FaultClient client = new FaultClient(port, "to-" + name, true)) {
        while (stop.getCount() > 0) {
          client.publish(name, payload(acknowledged.get() + 1));
          acknowledged.incrementAndGet();
        }
      } catch (IOException e) {
        closed.incrementAndGet();
        pause();
      }
    }
  }

  private void pause() {
    try {
      stop.await(50, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private byte[] payload(long number) {
    byte[] content = new byte[payloadBytes];
    random.nextBytes(content);
    CRC32C checksum = new CRC32C();
    checksum.update(content);
    return ByteBuffer.allocate(16 + payloadBytes)
        .putLong(number)
        .putLong(checksum.getValue())
        .put(content)
        .array();
  }

  /** The session comes back to a broker: what was acknowledged is there, whole and in order. */
  static void assertAllDelivered(int port, long acknowledged) throws IOException {
    assertAllDelivered(port, "feed", 0, acknowledged);
  }

  /**
   * The same for one of several.
   *
   * @param received the last message that the session has got; this and those before may come
   *     again, as the broker may have closed the connection before it read their PUBACK
   */
  static void assertAllDelivered(int port, String name, long received, long acknowledged)
      throws IOException {
    try (FaultClient away = new FaultClient(port, name, false)) {
      long expected = received + 1;
      while (expected <= acknowledged) {
        long number = number(away.receive());
        // A message whose acknowledgement did not come was sent again: both copies may be stored.
        if (number > received && number != expected - 1) {
          assertEquals(expected, number, "of " + acknowledged);
          expected++;
        }
      }
    }
  }

  /** The number in a payload, which must be whole. */
  static long number(byte[] payload) {
    ByteBuffer content = ByteBuffer.wrap(payload);
    long number = content.getLong();
    long sum = content.getLong();
    CRC32C checksum = new CRC32C();
    checksum.update(content.slice());
    assertEquals(checksum.getValue(), sum, "damaged: message " + number);
    return number;
  }
}
