package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;

/** Writes Variable Byte Integers (1.5.5) in their shortest form (MQTT-1.5.5-1). */
final class VariableByteInteger {
  static final int MAX = 268_435_455;

  private VariableByteInteger() {}

  /** How many bytes the value takes: 1 to 4. */
  static int length(int value) {
    if (value < 0 || value > MAX) {
      throw new IllegalArgumentException("not a Variable Byte Integer: " + value);
    }
    return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
  }

  static void write(ByteBuf out, int value) {
    int rest = value;
    while (rest > 0x7F) {
      out.writeByte((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }
}
