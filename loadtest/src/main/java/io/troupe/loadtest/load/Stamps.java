package io.troupe.loadtest.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The first bytes of every payload: when the message was due, whose it is and its number; filler
 * that is the same in all messages follows. Read and patched in place.
 */
final class Stamps {
  /** The smallest payload, in bytes. */
  static final int SIZE_MIN = 20;

  private static final int PUBLISHER_AT = 8;
  private static final int NUMBER_AT = 12;

  private Stamps() {}

  static void write(ByteBuf bytes, int payload, long dueNanos, int publisher, long number) {
    bytes.setLong(payload, dueNanos);
    bytes.setInt(payload + PUBLISHER_AT, publisher);
    bytes.setLong(payload + NUMBER_AT, number);
  }

  static long dueNanos(ByteBuf bytes, int payload) {
    return bytes.getLong(payload);
  }

  static int publisher(ByteBuf bytes, int payload) {
    return bytes.getInt(payload + PUBLISHER_AT);
  }

  static long number(ByteBuf bytes, int payload) {
    return bytes.getLong(payload + NUMBER_AT);
  }

  /** The filler of a payload of this size. */
  static ByteBuf filler(int payloadBytes) {
    byte[] filler = new byte[payloadBytes - SIZE_MIN];
    for (int i = 0; i < filler.length; i++) {
      filler[i] = (byte) ('a' + i % 26);
    }
    return Unpooled.wrappedBuffer(filler);
  }
}
