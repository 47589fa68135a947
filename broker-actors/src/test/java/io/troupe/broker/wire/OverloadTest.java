package io.troupe.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.metrics.DisconnectReason;
import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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
    small =
        BrokerUnderTest.start(
            Map.of(
                "troupe.limits.unauthenticated-max",
                2,
                "troupe.session.unread-bytes-max",
                "64 KiB"));
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
  @Promise("I20")
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

  @Test
  @Promise({"I20", "F8"})
  void aClientThatReadsNoAnswersIsNotReadEither() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong pings = new AtomicLong();
    try (Socket socket = connected(broker().port())) {
      Thread writer = new Thread(() -> floodPings(socket, stop, pings));
      writer.start();
      await(() -> small.metrics().pausedConnections() == 1);
      stop.set(true);

      AtomicLong bytes = new AtomicLong();
      socket.setSoTimeout(10);
      await(
          () -> {
            bytes.addAndGet(readSome(socket));
            return !writer.isAlive() && bytes.get() == 2 * pings.get();
          });

      await(() -> small.metrics().pausedConnections() == 0);
    }
  }

  @Test
  @Promise({"I20", "F8"})
  void aClientThatTakesNothingIsDisconnected() throws Exception {
    Map<String, Object> settings =
        Map.of(
            "troupe.dev",
            true,
            "troupe.session.unread-bytes-max",
            "64 KiB",
            "troupe.session.unread-timeout",
            "200ms");
    try (HeldStore node = new HeldStore(settings);
        Socket socket = connected(node.port())) {
      floodPings(socket, new AtomicBoolean(), new AtomicLong());

      await(() -> node.metrics().connectionsClosed(DisconnectReason.SLOW_CONSUMER) == 1);
    }
  }

  @Test
  @Promise({"I20", "F8"})
  void aClientWaitsWhoseSessionHasTooMuchToDo() throws Exception {
    int acks = 200_000;
    Map<String, Object> settings =
        Map.of("troupe.dev", true, "troupe.session.mailbox-messages-max", 16);
    try (HeldStore node = new HeldStore(settings);
        Socket socket = connected(node.port())) {
      CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendPubacks(socket, acks));
      for (int handled = 0; handled < acks; ) {
        handled += node.handleAcks();
      }
      sending.join();

      assertTrue(node.acksMax() < acks / 4, "in the mailbox: " + node.acksMax());
    }
  }

  private static void sendPubacks(Socket socket, int count) {
    byte[] all = new byte[4 * count];
    for (int i = 0; i < all.length; i += 4) {
      all[i] = 0x40;
      all[i + 1] = 2;
      all[i + 3] = 1;
    }
    try {
      socket.getOutputStream().write(all);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Socket connected(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.getOutputStream().write(fresh(Version.V311).toArray());
    assertEquals(0x20, socket.getInputStream().readNBytes(4)[0]);
    return socket;
  }

  private static int readSome(Socket socket) {
    try {
      return socket.getInputStream().read(new byte[64 * 1024]);
    } catch (SocketTimeoutException e) {
      return 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Until told to stop, or the broker has had enough. */
  private static void floodPings(Socket socket, AtomicBoolean stop, AtomicLong pings) {
    byte[] many = new byte[2 * 4096];
    for (int i = 0; i < many.length; i += 2) {
      many[i] = (byte) 0xC0;
    }
    try {
      while (!stop.get()) {
        pings.addAndGet(many.length / 2);
        socket.getOutputStream().write(many);
      }
    } catch (IOException e) {
      stop.set(true);
    }
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
