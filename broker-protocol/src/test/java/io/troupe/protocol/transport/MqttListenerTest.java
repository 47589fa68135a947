package io.troupe.protocol.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.troupe.protocol.codec.DecoderSettings;
import io.troupe.protocol.codec.PacketEncoder;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections over TCP: what every transport shares. */
@Timeout(300)
class MqttListenerTest {
  private static final ProtocolVersion V5 = ProtocolVersion.V5;

  private static ListenerSettings settings() {
    return ListenerSettings.of("test", Transport.TCP, "127.0.0.1", 0, null);
  }

  private static ListenerSettings settings(int connectionsMax, Duration connectTimeLimit) {
    return new ListenerSettings(
        "test",
        Transport.TCP,
        "127.0.0.1",
        0,
        null,
        WebSocketSettings.DEFAULT,
        DecoderSettings.DEFAULT,
        100,
        connectionsMax,
        connectTimeLimit,
        32 * 1024,
        64 * 1024);
  }

  private static Publish publish(String topic, byte[] payload) {
    return new Publish(
        topic,
        Payload.wrap(payload),
        Qos.AT_MOST_ONCE,
        false,
        false,
        0,
        0,
        MessageProperties.NONE,
        List.of());
  }

  @ParameterizedTest
  @EnumSource(ProtocolVersion.class)
  void connectsAndPingsInEveryVersion(ProtocolVersion version) throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(version, Connect.of(version, "c"), Pingreq.INSTANCE);

      var connack = assertInstanceOf(Connack.class, client.receive(version));
      assertEquals(ReasonCode.SUCCESS, connack.reason());
      assertEquals(Pingresp.INSTANCE, client.receive(version));
      assertEquals(version, fixture.handler().connection.version());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void runsOnEpollAndOnNio(boolean epoll) throws Exception {
    try (var fixture =
            new ListenerFixture(settings(), EventLoops.create(1, epoll), RecordingHandler::new);
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"), Disconnect.of(ReasonCode.SUCCESS));

      assertInstanceOf(Connack.class, client.receive(V5));
      assertEquals(0, client.awaitEnd().length);
      assertEquals(epoll, fixture.loops.isEpoll());
    }
  }

  /** All packets of a read come before one completion: the broker batches by it. */
  @Test
  void handsOverAllPacketsOfAReadThenCompletes() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);
      RecordingHandler handler = fixture.handler();
      while (!handler.events.isEmpty()) {
        handler.events.take();
      }

      client.send(V5, Pingreq.INSTANCE, Pingreq.INSTANCE, Pingreq.INSTANCE);
      client.receive(V5);
      client.receive(V5);
      client.receive(V5);

      assertEquals(
          List.of(
              Pingreq.INSTANCE, Pingreq.INSTANCE, Pingreq.INSTANCE, RecordingHandler.READ_COMPLETE),
          List.copyOf(handler.events));
    }
  }

  @Test
  void readsAPacketThatArrivesByteByByte() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);
      Publish publish = publish("a/topic", new byte[70]);
      var out = Unpooled.buffer();
      PacketEncoder.encode(publish, V5, out);

      while (out.isReadable()) {
        client.send(out.readByte());
      }

      RecordingHandler handler = fixture.handler();
      assertInstanceOf(Connect.class, handler.next());
      assertEquals(publish, handler.next());
    }
  }

  /** What follows CONNECT waits while it is examined, and comes in order afterwards. */
  @Test
  void keepsPacketsBehindAConnectThatIsBeingAuthenticated() throws Exception {
    class Slow extends RecordingHandler {
      private final CompletableFuture<Connect> connect = new CompletableFuture<>();

      Slow(MqttConnection connection) {
        super(connection);
      }

      @Override
      public void onPacket(Packet packet) {
        if (packet instanceof Connect c) {
          connection.setReading(false);
          connect.complete(c);
        } else {
          super.onPacket(packet);
        }
      }
    }
    try (var fixture = new ListenerFixture(settings(), EventLoops.create(1), Slow::new);
        var client = fixture.connect()) {
      Publish publish = publish("t", new byte[] {1});
      client.send(V5, Connect.of(V5, "c"), publish, Pingreq.INSTANCE);
      Slow handler = (Slow) fixture.handler();
      Connect connect = handler.connect.get(60, TimeUnit.SECONDS);
      MqttConnection connection = handler.connection;
      CompletableFuture<Integer> before = new CompletableFuture<>();
      connection
          .eventLoop()
          .schedule(() -> before.complete(handler.events.size()), 50, TimeUnit.MILLISECONDS);
      int waiting = before.get(60, TimeUnit.SECONDS);

      connection
          .eventLoop()
          .execute(
              () -> {
                connection.connected(connect.version(), 1000);
                connection.setReading(true);
              });

      assertTrue(waiting <= 1, "at most the end of the read cycle came before: " + waiting);
      assertEquals(publish, handler.next());
      assertEquals(Pingreq.INSTANCE, handler.next());
      assertEquals(Pingresp.INSTANCE, client.receive(V5));
    }
  }

  /** A will would be sent wrongly if the end of the connection overtook the DISCONNECT. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void handsOverADisconnectThatCameWhileReadingWasPaused(boolean epoll) throws Exception {
    class Pausing extends RecordingHandler {
      Pausing(MqttConnection connection) {
        super(connection);
      }

      @Override
      public void onPacket(Packet packet) {
        super.onPacket(packet);
        if (packet instanceof Publish) {
          connection.setReading(false);
        }
      }
    }
    try (var fixture = new ListenerFixture(settings(), EventLoops.create(1, epoll), Pausing::new);
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);
      RecordingHandler handler = fixture.handler();
      assertInstanceOf(Connect.class, handler.next());
      Publish publish = publish("t", new byte[] {1});
      client.send(V5, publish, Disconnect.of(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE));
      client.hangUp();
      assertEquals(publish, handler.next());
      MqttConnection connection = handler.connection;
      CompletableFuture<Boolean> open = new CompletableFuture<>();
      connection
          .eventLoop()
          .schedule(() -> open.complete(connection.isOpen()), 100, TimeUnit.MILLISECONDS);

      assertTrue(open.get(60, TimeUnit.SECONDS));
      connection.eventLoop().execute(() -> connection.setReading(true));

      assertEquals(Disconnect.of(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE), handler.next());
      assertEquals(RecordingHandler.CLOSED, handler.next());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noticesThatAClientHasGone(boolean epoll) throws Exception {
    try (var fixture =
            new ListenerFixture(settings(), EventLoops.create(1, epoll), RecordingHandler::new);
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);
      RecordingHandler handler = fixture.handler();
      assertInstanceOf(Connect.class, handler.next());

      client.hangUp();

      assertEquals(RecordingHandler.CLOSED, handler.next());
    }
  }

  /** A client may end its output and still wait for answers. */
  @Test
  void answersAClientThatHasEndedItsOutput() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"), Pingreq.INSTANCE);
      client.socket.shutdownOutput();

      assertInstanceOf(Connack.class, client.receive(V5));
      assertEquals(Pingresp.INSTANCE, client.receive(V5));
      assertEquals(0, client.awaitEnd().length);
    }
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-24", "MQTT-3.1.2-25"})
  void writesNoPacketAboveTheClientsMaximum() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      Connect c = Connect.of(V5, "c");
      client.send(
          V5,
          new Connect(
              V5,
              "c",
              true,
              60,
              null,
              null,
              null,
              0,
              c.receiveMaximum(),
              20,
              0,
              false,
              true,
              null,
              null,
              List.of()));
      client.receive(V5);
      MqttConnection connection = fixture.handler().connection;

      connection
          .eventLoop()
          .execute(
              () -> {
                connection.write(publish("t", new byte[20]));
                connection.write(
                    Disconnect.of(ReasonCode.SERVER_BUSY, "a reason that is too long"));
                connection.close();
              });

      assertEquals(Disconnect.of(ReasonCode.SERVER_BUSY), client.receive(V5));
    }
  }

  /** Return code 1 in a CONNACK of four bytes. */
  @Test
  @Statement(v311 = "MQTT-3.1.2-2")
  void refusesAnUnknownOldVersionInTheFormOf311() throws Exception {
    assertArrayEquals(new byte[] {0x20, 2, 0, 1}, answerToLevel(2));
  }

  /** Reason code 0x84 in a CONNACK with properties. */
  @Test
  @Statement(v5 = "MQTT-3.1.2-2")
  void refusesAnUnknownNewVersionInTheFormOf50() throws Exception {
    assertArrayEquals(new byte[] {0x20, 3, 0, (byte) 0x84, 0}, answerToLevel(6));
  }

  private static byte[] answerToLevel(int level) throws Exception {
    class Refusing extends RecordingHandler {
      Refusing(MqttConnection connection) {
        super(connection);
      }

      @Override
      public void onProtocolViolation(ProtocolViolation violation) {
        connection.write(Connack.refused(violation.reasonCode()));
        connection.close();
      }
    }
    try (var fixture = new ListenerFixture(settings(), EventLoops.create(1), Refusing::new);
        var client = fixture.connect()) {
      client.send(
          (byte) 0x10,
          (byte) 12,
          (byte) 0,
          (byte) 4,
          (byte) 'M',
          (byte) 'Q',
          (byte) 'T',
          (byte) 'T',
          (byte) level,
          (byte) 2,
          (byte) 0,
          (byte) 60,
          (byte) 0,
          (byte) 0);
      return client.awaitEnd();
    }
  }

  @Test
  void answersAViolationAndCloses() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);

      client.send((byte) 0xC1, (byte) 0);

      assertEquals(Disconnect.of(ReasonCode.MALFORMED_PACKET), client.receive(V5));
      assertEquals(0, client.awaitEnd().length);
      RecordingHandler handler = fixture.handler();
      assertInstanceOf(Connect.class, handler.next());
      assertInstanceOf(ProtocolViolation.class, handler.next());
      client.hangUp();
      assertEquals(RecordingHandler.CLOSED, handler.next());
    }
  }

  /** The answer arrives although the client is still sending: no reset overtakes it. */
  @Test
  void tellsAClientThatItsPacketIsTooLarge() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);

      client.send(V5, publish("t", new byte[400_000]));

      assertEquals(Disconnect.of(ReasonCode.PACKET_TOO_LARGE), client.receive(V5));
    }
  }

  @Test
  void refusesAPacketBeyondTheSmallLimitBeforeConnect() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send((byte) 0x10, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0x7F);

      var violation = assertInstanceOf(ProtocolViolation.class, fixture.handler().next());
      assertEquals(ReasonCode.PACKET_TOO_LARGE, violation.reasonCode());
    }
  }

  /** Nothing is taken after DISCONNECT. */
  @Test
  void takesNothingAfterTheHandlerHasClosed() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(
          V5, Connect.of(V5, "c"), Disconnect.of(ReasonCode.SUCCESS), publish("t", new byte[] {1}));
      client.receive(V5);
      client.awaitEnd();
      client.hangUp();

      RecordingHandler handler = fixture.handler();
      assertInstanceOf(Connect.class, handler.next());
      assertInstanceOf(Disconnect.class, handler.next());
      assertEquals(RecordingHandler.CLOSED, handler.next());
    }
  }

  @Test
  @Promise("F9")
  void anErrorInAHandlerClosesOnlyItsConnection() throws Exception {
    class Failing extends RecordingHandler {
      Failing(MqttConnection connection) {
        super(connection);
      }

      @Override
      public void onPacket(Packet packet) {
        if (packet instanceof Publish) {
          throw new IllegalStateException("a bug, as this test wants it");
        }
        super.onPacket(packet);
      }
    }
    try (var fixture = new ListenerFixture(settings(), EventLoops.create(1), Failing::new);
        var bad = fixture.connect();
        var good = fixture.connect()) {
      bad.send(V5, Connect.of(V5, "bad"));
      good.send(V5, Connect.of(V5, "good"));
      bad.receive(V5);
      good.receive(V5);

      bad.send(V5, publish("t", new byte[0]));

      assertEquals(0, bad.awaitEnd().length);
      good.send(V5, Pingreq.INSTANCE);
      assertEquals(Pingresp.INSTANCE, good.receive(V5));
    }
  }

  @Test
  void closesAConnectionWithoutConnectAfterTheTimeLimit() throws Exception {
    try (var fixture = new ListenerFixture(settings(10, Duration.ofMillis(200)));
        var client = fixture.connect()) {
      assertEquals(0, client.awaitEnd().length);
      assertEquals(RecordingHandler.CLOSED, fixture.handler().next());
    }
  }

  @Test
  void theTimeLimitEndsWithConnect() throws Exception {
    try (var fixture = new ListenerFixture(settings(10, Duration.ofMillis(300)));
        var client = fixture.connect(ListenerFixture.encoded(V5, Connect.of(V5, "c")));
        var silent = fixture.connect()) {
      client.receive(V5);
      silent.awaitEnd(); // now the limit has passed

      client.send(V5, Pingreq.INSTANCE);

      assertEquals(Pingresp.INSTANCE, client.receive(V5));
    }
  }

  @Test
  void closesConnectionsBeyondTheMaximumAtOnce() throws Exception {
    try (var fixture = new ListenerFixture(settings(1, Duration.ofMinutes(1)));
        var first = fixture.connect()) {
      first.send(V5, Connect.of(V5, "first"));
      first.receive(V5);

      try (var second = fixture.connect()) {
        assertEquals(0, second.awaitEnd().length);
      }

      first.send(V5, Pingreq.INSTANCE);
      assertEquals(Pingresp.INSTANCE, first.receive(V5));
      assertEquals(1, fixture.listener.openConnections());
    }
  }

  @Test
  void closingTheListenerKeepsConnectionsAndFreesThePort() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);

      fixture.listener.close();

      assertThrows(IOException.class, fixture::connect);
      client.send(V5, Pingreq.INSTANCE);
      assertEquals(Pingresp.INSTANCE, client.receive(V5));
      fixture.listener.closeConnections();
      assertEquals(0, client.awaitEnd().length);
    }
  }

  @Test
  void saysWhatToDoWhenThePortIsInUse() throws Exception {
    try (var fixture = new ListenerFixture(settings())) {
      var second =
          new MqttListener(
              ListenerSettings.of("second", Transport.TCP, "127.0.0.1", fixture.port(), null),
              fixture.loops,
              RecordingHandler::new);

      var failure = assertThrows(ListenerException.class, second::start);

      assertTrue(failure.advice().contains("another program uses this port"), failure.advice());
    }
  }

  @Test
  void saysWhatToDoWhenTheAddressIsNotOurs() throws Exception {
    try (EventLoops loops = EventLoops.create(1)) {
      var listener =
          new MqttListener(
              ListenerSettings.of("far", Transport.TCP, "192.0.2.1", 0, null),
              loops,
              RecordingHandler::new);

      var failure = assertThrows(ListenerException.class, listener::start);

      assertTrue(failure.advice().contains("does not have the address"), failure.advice());
    }
  }

  /** A client that does not read is noticed through the water marks; others are served. */
  @Test
  void tellsWhenAClientDoesNotRead() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);
      RecordingHandler handler = fixture.handler();
      assertInstanceOf(Connect.class, handler.next());
      MqttConnection connection = handler.connection;

      connection
          .eventLoop()
          .execute(
              () -> {
                while (connection.isWritable()) {
                  connection.write(publish("t", new byte[10_000]));
                  connection.flush();
                }
              });

      assertEquals("writable false", handler.next());
      CompletableFuture<Long> unsent = new CompletableFuture<>();
      connection.eventLoop().execute(() -> unsent.complete(connection.unsentBytes()));
      assertTrue(unsent.get(60, TimeUnit.SECONDS) > 32 * 1024);
      // The event comes after the last byte, so the reader may not wait for it between two reads.
      var reader = new Thread(() -> readToTheEnd(client.socket), "reader");
      reader.start();
      assertEquals("writable true", handler.next());
      client.socket.close();
      reader.join();
    }
  }

  private static void readToTheEnd(Socket socket) {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException closedByTheTest) {
      // The only way it ends.
    }
  }

  @Test
  void sendsWhatWasWrittenBeforeClosing() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);
      MqttConnection connection = fixture.handler().connection;

      connection
          .eventLoop()
          .execute(
              () -> {
                connection.write(Pingresp.INSTANCE);
                connection.write(Disconnect.of(ReasonCode.SERVER_SHUTTING_DOWN));
                connection.close();
                connection.write(Pingresp.INSTANCE);
              });

      assertSame(Pingresp.INSTANCE, client.receive(V5));
      assertEquals(Disconnect.of(ReasonCode.SERVER_SHUTTING_DOWN), client.receive(V5));
      assertEquals(0, client.awaitEnd().length);
    }
  }
}
