package io.troupe.broker.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds packets byte by byte, valid or not. */
final class Bytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  static Bytes bytes(int... values) {
    var bytes = new Bytes();
    for (int value : values) {
      bytes.u8(value);
    }
    return bytes;
  }

  Bytes u8(int value) {
    out.write(value);
    return this;
  }

  Bytes u16(int value) {
    return u8(value >> 8).u8(value);
  }

  Bytes u32(long value) {
    return u16((int) (value >> 16) & 0xFFFF).u16((int) value & 0xFFFF);
  }

  /** A Variable Byte Integer in the fewest bytes. */
  Bytes varint(long value) {
    long rest = value;
    do {
      int digit = (int) (rest & 0x7F);
      rest >>= 7;
      u8(rest > 0 ? digit | 0x80 : digit);
    } while (rest > 0);
    return this;
  }

  Bytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  Bytes raw(Bytes bytes) {
    return raw(bytes.toArray());
  }

  /** Two bytes of length, then the bytes. */
  Bytes data(byte[] bytes) {
    return u16(bytes.length).raw(bytes);
  }

  Bytes string(String text) {
    return data(text.getBytes(StandardCharsets.UTF_8));
  }

  byte[] toArray() {
    return out.toByteArray();
  }

  /** A whole packet: this is everything after the fixed header. */
  byte[] packet(int firstByte) {
    byte[] body = toArray();
    return bytes(firstByte).varint(body.length).raw(body).toArray();
  }
}
