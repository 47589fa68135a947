package io.troupe.broker.serialization;

import java.nio.charset.StandardCharsets;

/**
 * Places texts in partitions: MurmurHash3 (32 bits, seed 0) of the UTF-8 bytes. The same on every
 * node and in every version, for the life of a cluster.
 */
public final class StableHash {
  private StableHash() {}

  /** The partition of a text, 0 to {@code partitions - 1}. */
  public static int partition(String text, int partitions) {
    return Integer.remainderUnsigned(murmur3(text.getBytes(StandardCharsets.UTF_8)), partitions);
  }

  static int murmur3(byte[] bytes) {
    int hash = 0;
    int whole = bytes.length & ~3;
    for (int i = 0; i < whole; i += 4) {
      hash = Integer.rotateLeft(hash ^ mix(littleEndian(bytes, i, 4)), 13) * 5 + 0xE6546B64;
    }
    if (whole < bytes.length) {
      hash ^= mix(littleEndian(bytes, whole, bytes.length - whole));
    }
    hash ^= bytes.length;
    hash = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
    hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
    return hash ^ (hash >>> 16);
  }

  private static int mix(int block) {
    return Integer.rotateLeft(block * 0xCC9E2D51, 15) * 0x1B873593;
  }

  private static int littleEndian(byte[] bytes, int from, int count) {
    int value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = value << 8 | (bytes[from + i] & 0xFF);
    }
    return value;
  }
}
