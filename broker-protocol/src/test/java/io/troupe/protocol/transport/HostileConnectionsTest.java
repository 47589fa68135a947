package io.troupe.protocol.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.codec.PacketEncoder;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a peer sends, its connection ends and another is served on the same event loop. */
@Timeout(600)
class HostileConnectionsTest {
  private static final ProtocolVersion V5 = ProtocolVersion.V5;
  private static final int CONNECTIONS = 150;

  @ParameterizedTest
  @EnumSource(names = {"TCP", "WS"})
  @Promise({"I20", "F4", "F9"})
  void anotherConnectionIsServed(Transport transport) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    ListenerSettings hostile = ListenerSettings.of("hostile", transport, "127.0.0.1", 0, null);
    ListenerSettings plain = ListenerSettings.of("plain", Transport.TCP, "127.0.0.1", 0, null);
    try (var fixture = new ListenerFixture(hostile);
        var canaries = new ListenerFixture(plain, fixture.loops, RecordingHandler::new);
        var canary = canaries.connect()) {
      canary.send(V5, Connect.of(V5, "canary"));
      canary.receive(V5);
      for (int i = 0; i < CONNECTIONS; i++) {
        try (var client = fixture.connect()) {
          attack(client, transport, random);
        }
        canary.send(V5, Pingreq.INSTANCE);
        assertEquals(Pingresp.INSTANCE, canary.receive(V5), "seed " + seed + ", attack " + i);
      }
      awaitNoConnection(fixture);
    }
  }

  private static void attack(ListenerFixture.Client client, Transport transport, Random random)
      throws IOException {
    try {
      byte[] mqtt = mqtt(random);
      if (transport == Transport.WS && random.nextInt(10) > 0) {
        client.send(
            ("GET /mqtt HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        client.socket.getInputStream().read(new byte[1024]);
        client.send(random.nextInt(4) == 0 ? mqtt : frame(mqtt, random));
      } else {
        client.send(mqtt);
      }
      client.socket.shutdownOutput();
      client.awaitEnd();
    } catch (UncheckedIOException | IOException e) {
      // The server has cut the connection, as it may.
      client.socket.setSoLinger(true, 0);
    }
  }

  /** Random bytes; or a CONNECT and behind it random bodies of packets with right lengths. */
  private static byte[] mqtt(Random random) {
    ByteBuf out = Unpooled.buffer();
    if (random.nextInt(4) > 0) {
      ProtocolVersion version = ProtocolVersion.values()[random.nextInt(3)];
      PacketEncoder.encode(Connect.of(version, "c"), version, out);
      for (int i = random.nextInt(4); i >= 0; i--) {
        byte[] body = new byte[random.nextInt(100)];
        random.nextBytes(body);
        out.writeByte(random.nextInt(256)).writeByte(body.length).writeBytes(body);
      }
    } else {
      byte[] bytes = new byte[random.nextInt(2000)];
      random.nextBytes(bytes);
      out.writeBytes(bytes);
    }
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  /** A masked frame, mostly binary, sometimes of a random kind. */
  private static byte[] frame(byte[] payload, Random random) {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(random.nextInt(5) > 0 ? 0x82 : random.nextInt(256));
    out.writeByte(0x80 | 126).writeShort(payload.length).writeInt(0).writeBytes(payload);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  private static void awaitNoConnection(ListenerFixture fixture) {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (fixture.listener.openConnections() > 0) {
      assertEquals(true, System.nanoTime() < deadline, "connections left open");
      Thread.onSpinWait();
    }
  }
}
