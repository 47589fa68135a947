package io.troupe.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** A WebSocket connection frame by frame. */
final class WebSocketWire implements AutoCloseable {
  private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};

  private final Socket socket;
  private final DataInputStream in;
  private final String response;
  private byte[] unread = new byte[0];

  WebSocketWire(int port, String path, String subprotocols) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout((int) WireClient.PATIENCE.toMillis());
      socket.setTcpNoDelay(true);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      response = upgrade(path, subprotocols);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The status line and headers that answer a handshake. */
  static String handshake(int port, String path, String subprotocols) {
    try (var wire = new WebSocketWire(port, path, subprotocols)) {
      return wire.response;
    }
  }

  private String upgrade(String path, String subprotocols) throws IOException {
    String request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\n"
            + "Sec-WebSocket-Protocol: "
            + subprotocols
            + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    var lines = new ByteArrayOutputStream();
    while (!lines.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      lines.write(in.readUnsignedByte());
    }
    return lines.toString(StandardCharsets.US_ASCII);
  }

  String subprotocol() {
    assertTrue(response.startsWith("HTTP/1.1 101"), response);
    return response
        .lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-protocol:"))
        .map(line -> line.substring(line.indexOf(':') + 1).trim())
        .findFirst()
        .orElse("");
  }

  /** The status line and headers that answered the handshake. */
  String response() {
    return response;
  }

  void frame(int opcode, byte[] payload) {
    fragment(opcode, true, payload);
  }

  void fragment(int opcode, boolean last, byte[] payload) {
    byte[] masked = payload.clone();
    for (int i = 0; i < masked.length; i++) {
      masked[i] ^= MASK[i % 4];
    }
    raw(header(opcode, last, payload.length, 0x80).raw(MASK).raw(masked));
  }

  void unmasked(int opcode, byte[] payload) {
    raw(header(opcode, true, payload.length, 0).raw(payload));
  }

  private static Bytes header(int opcode, boolean last, int length, int mask) {
    var header = new Bytes().u8((last ? 0x80 : 0) | opcode);
    return length < 126 ? header.u8(mask | length) : header.u8(mask | 126).u16(length);
  }

  void raw(Bytes bytes) {
    try {
      socket.getOutputStream().write(bytes.toArray());
    } catch (SocketException e) {
      // The test's expectation tells whether the broker should have closed.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next MQTT packet, from as many frames as it takes. */
  Received packet(Version version) {
    while (true) {
      var received = tryPacket(version);
      if (received != null) {
        return received;
      }
      byte[] more = binaryFrame();
      unread = new Bytes().raw(unread).raw(more).toArray();
    }
  }

  private Received tryPacket(Version version) {
    for (int digits = 1; digits <= 4 && digits < unread.length; digits++) {
      if ((unread[digits] & 0x80) == 0) {
        int length = new Reader(Arrays.copyOfRange(unread, 1, unread.length)).varint();
        int end = 1 + digits + length;
        if (unread.length < end) {
          return null;
        }
        var packet =
            new Received(version, unread[0] & 0xFF, Arrays.copyOfRange(unread, 1 + digits, end));
        unread = Arrays.copyOfRange(unread, end, unread.length);
        return packet;
      }
    }
    return null;
  }

  private byte[] binaryFrame() {
    try {
      int first = in.readUnsignedByte();
      assertEquals(0x82, first, "a whole binary frame");
      return in.readNBytes(length());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The opcode of the next frame. */
  int controlFrame() {
    try {
      int first = in.readUnsignedByte();
      in.readNBytes(length());
      return first & 0x0F;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int length() throws IOException {
    int length = in.readUnsignedByte();
    assertTrue(length < 127, "unmasked and short");
    return length == 126 ? in.readUnsignedShort() : length;
  }

  /** The broker closes, with or without a close frame first. */
  void expectClosed() {
    try {
      while (true) {
        int first = in.readUnsignedByte();
        assertTrue((first & 0x0F) == 8 || first == 0x82, "frame " + first);
        in.readNBytes(length());
      }
    } catch (EOFException | SocketException e) {
      // As it should be.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
