package io.troupe.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** MQTT over WebSocket: handshake, frames that do not fit the packets, frames not allowed. */
class WebSocketTest extends WireTest {
  private static final int TEXT = 1;
  private static final int BINARY = 2;

  private WebSocketWire webSocket() {
    return webSocket("mqtt");
  }

  private WebSocketWire webSocket(String subprotocols) {
    return new WebSocketWire(broker().wsPort(), "/mqtt", subprotocols);
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-6.0.0-1", "MQTT-6.0.0-3", "MQTT-6.0.0-4"},
      v5 = {"MQTT-6.0.0-1", "MQTT-6.0.0-3", "MQTT-6.0.0-4"})
  void theSubprotocolIsMqttAndPacketsComeInBinaryFrames(Version version) {
    try (var socket = webSocket()) {
      assertEquals("mqtt", socket.subprotocol());

      socket.frame(BINARY, fresh(version).toArray());

      assertEquals(Received.CONNACK, socket.packet(version).type());
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-6.0.0-2", v5 = "MQTT-6.0.0-2")
  void packetsNeedNotFitFrames(Version version) {
    var together =
        new Bytes()
            .raw(fresh(version).toArray())
            .raw(WireClient.subscribePacket(version, 1, Properties5.none(), freshTopic(), 0))
            .raw(Bytes.bytes(0xC0, 0))
            .toArray();
    try (var socket = webSocket()) {
      socket.frame(BINARY, together);
      assertAllAnswered(socket, version);
    }
    try (var socket = webSocket()) {
      for (byte part : together) {
        socket.frame(BINARY, new byte[] {part});
      }
      assertAllAnswered(socket, version);
    }
  }

  private static void assertAllAnswered(WebSocketWire socket, Version version) {
    assertEquals(Received.CONNACK, socket.packet(version).type());
    int first = socket.packet(version).type();
    int second = socket.packet(version).type();
    assertEquals(Set.of(Received.SUBACK, Received.PINGRESP), new HashSet<>(List.of(first, second)));
  }

  @EachVersion
  @Statement(v311 = "MQTT-6.0.0-1", v5 = "MQTT-6.0.0-1")
  void textFramesCloseTheConnection(Version version) {
    try (var socket = webSocket()) {
      socket.frame(BINARY, fresh(version).toArray());
      assertEquals(Received.CONNACK, socket.packet(version).type());

      socket.frame(TEXT, Bytes.bytes(0xC0 & 0x7F, 0).toArray());

      socket.expectClosed();
    }
  }

  @Test
  void pingFramesAreAnswered() {
    try (var socket = webSocket()) {
      socket.frame(9, new byte[] {1, 2, 3});

      assertEquals(10, socket.controlFrame());
    }
  }

  @Test
  void fragmentedMessagesAreJoined() {
    byte[] connect = fresh(Version.V5).toArray();
    try (var socket = webSocket()) {
      socket.fragment(BINARY, false, java.util.Arrays.copyOf(connect, 5));
      socket.fragment(0, true, java.util.Arrays.copyOfRange(connect, 5, connect.length));

      assertEquals(Received.CONNACK, socket.packet(Version.V5).type());
    }
  }

  @Test
  void anUnmaskedFrameClosesTheConnection() {
    try (var socket = webSocket()) {
      socket.unmasked(BINARY, fresh(Version.V5).toArray());

      socket.expectClosed();
    }
  }

  @Test
  @Promise("F1")
  void aFrameAnnouncingGigabytesClosesTheConnection() {
    try (var socket = webSocket()) {
      socket.raw(new Bytes().u8(0x82).u8(0x80 | 127).u32(1).u32(0).u32(0).raw(new byte[64]));

      socket.expectClosed();
    }
  }

  @Test
  void anotherPathIsNotFound() {
    assertTrue(WebSocketWire.handshake(broker().wsPort(), "/elsewhere", "mqtt").contains(" 404"));
  }

  @Test
  @Promise("F4")
  void aPacketBeyondTheFrameIsWaitedForNotRead() {
    try (var socket = webSocket()) {
      byte[] connect = fresh(Version.V5).toArray();
      socket.frame(BINARY, connect);
      assertEquals(Received.CONNACK, socket.packet(Version.V5).type());

      socket.frame(BINARY, Bytes.bytes(0x30, 100, 0, 1, 't').toArray());
      socket.frame(BINARY, new byte[97]);
      socket.frame(BINARY, Bytes.bytes(0xC0, 0).toArray());

      assertEquals(Received.PINGRESP, socket.packet(Version.V5).type());
    }
  }

  @Test
  @Promise("F4")
  void randomFramesAndBytesAreSurvived() {
    var random = new Random(20_261_122);
    for (int i = 0; i < 200; i++) {
      byte[] noise = new byte[1 + random.nextInt(200)];
      random.nextBytes(noise);
      try (var socket = webSocket()) {
        if (i % 3 == 0) {
          socket.raw(new Bytes().raw(noise));
        } else {
          socket.frame(BINARY, fresh(Version.V5).toArray());
          socket.frame(i % 3 == 1 ? BINARY : random.nextInt(16), noise);
        }
      }
    }
    try (var socket = webSocket()) {
      socket.frame(BINARY, fresh(Version.V5).toArray());
      assertEquals(Received.CONNACK, socket.packet(Version.V5).type());
    }
  }

  @Test
  void compressionIsNotOffered() {
    try (var socket = webSocket()) {
      assertFalse(socket.response().toLowerCase(Locale.ROOT).contains("permessage-deflate"));
    }
  }
}
