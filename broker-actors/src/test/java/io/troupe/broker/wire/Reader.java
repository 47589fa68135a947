package io.troupe.broker.wire;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Takes a packet apart; fails with an AssertionError where the broker wrote nonsense. */
final class Reader {
  private final byte[] bytes;
  private int position;
  private final int end;

  Reader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private Reader(byte[] bytes, int position, int end) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  boolean hasMore() {
    return position < end;
  }

  int u8() {
    if (position >= end) {
      throw new AssertionError("packet ends too early: " + Arrays.toString(bytes));
    }
    return bytes[position++] & 0xFF;
  }

  int u16() {
    return u8() << 8 | u8();
  }

  long u32() {
    return (long) u16() << 16 | u16();
  }

  int varint() {
    int value = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      int digit = u8();
      value |= (digit & 0x7F) << shift;
      if ((digit & 0x80) == 0) {
        if (digit == 0 && shift > 0) {
          throw new AssertionError("not the fewest bytes: " + Arrays.toString(bytes));
        }
        return value;
      }
    }
    throw new AssertionError("variable byte integer of more than four bytes");
  }

  byte[] data() {
    return take(u16());
  }

  /** Strict UTF-8. */
  String string() {
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data()));
      return text.toString();
    } catch (CharacterCodingException e) {
      throw new AssertionError("not UTF-8", e);
    }
  }

  byte[] rest() {
    return take(end - position);
  }

  Reader slice(int length) {
    int start = position;
    take(length);
    return new Reader(bytes, start, start + length);
  }

  private byte[] take(int length) {
    if (length > end - position) {
      throw new AssertionError("packet ends too early: " + Arrays.toString(bytes));
    }
    position += length;
    return Arrays.copyOfRange(bytes, position - length, position);
  }
}
