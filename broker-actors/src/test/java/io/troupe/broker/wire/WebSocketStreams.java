package io.troupe.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A socket's streams as those of a WebSocket connection: each write is a binary frame, reading
 * gives what binary frames hold, and a close frame is the end.
 */
final class WebSocketStreams {
  private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};
  private static final int BINARY = 2;
  private static final int CLOSE = 8;

  private final DataInputStream in;
  private final OutputStream out;

  /** Asks for the upgrade and waits for it. */
  WebSocketStreams(InputStream in, OutputStream out) throws IOException {
    this.in = new DataInputStream(in);
    this.out = out;
    String request =
        "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Protocol: mqtt\r\n\r\n";
    out.write(request.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    var answer = new ByteArrayOutputStream();
    while (!answer.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      answer.write(this.in.readUnsignedByte());
    }
    String response = answer.toString(StandardCharsets.US_ASCII);
    assertTrue(response.startsWith("HTTP/1.1 101"), response);
  }

  OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b});
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        var frame = new Bytes().u8(0x80 | BINARY);
        if (length < 126) {
          frame.u8(0x80 | length);
        } else if (length < 65536) {
          frame.u8(0x80 | 126).u16(length);
        } else {
          frame.u8(0x80 | 127).u32(0).u32(length);
        }
        byte[] masked = new byte[length];
        for (int i = 0; i < length; i++) {
          masked[i] = (byte) (bytes[offset + i] ^ MASK[i % 4]);
        }
        out.write(frame.raw(MASK).raw(masked).toArray());
        out.flush();
      }
    };
  }

  InputStream input() {
    return new InputStream() {
      private long left;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        while (left == 0) {
          int first = in.read();
          if (first < 0 || (first & 0x0F) == CLOSE) {
            return -1;
          }
          assertEquals(0x80 | BINARY, first, "a whole binary frame");
          left = length();
        }
        int count = in.read(bytes, offset, (int) Math.min(left, length));
        left -= Math.max(0, count);
        return count;
      }
    };
  }

  private long length() throws IOException {
    int length = in.readUnsignedByte();
    return length < 126 ? length : length == 126 ? in.readUnsignedShort() : in.readLong();
  }
}
