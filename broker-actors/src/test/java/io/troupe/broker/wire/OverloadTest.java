package io.troupe.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that ask too much: what the broker holds for them stays within bounds. */
class OverloadTest extends WireTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static BrokerUnderTest small;

  @BeforeAll
  static void start() {
    small = BrokerUnderTest.start(Map.of("troupe.limits.unauthenticated-max", 2));
  }

  @AfterAll
  static void stop() {
    small.close();
  }

  @Override
  BrokerUnderTest broker() {
    return small;
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not within " + PATIENCE);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private Socket silent() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker().port());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    return socket;
  }

  @Test
  void connectionsThatSayNothingAreClosedAtOnceBeyondTheirLimit() throws IOException {
    long before = small.metrics().totals().socketsOpened();
    try (Socket first = silent();
        Socket second = silent()) {
      await(() -> small.metrics().totals().socketsOpened() == before + 2);
      try (Socket third = silent()) {
        assertEquals(-1, third.getInputStream().read());
      }
      assertTrue(first.isConnected() && second.isConnected());
    }
    await(this::isLettingIn);
  }

  /** Whether a new client is answered; the places of those that left are free soon. */
  private boolean isLettingIn() {
    try (Socket socket = silent()) {
      socket.getOutputStream().write(fresh(Version.V311).toArray());
      return socket.getInputStream().read() == 0x20;
    } catch (IOException e) {
      return false;
    }
  }
}
