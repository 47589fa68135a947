package io.troupe.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A stored value as {@link Mutations#seal} wrote it: version, content, CRC32C over key and value.
 * RocksDB has checksums of its own per block and per log record; this one also catches what went
 * wrong in memory before or after those, and values under a wrong key.
 */
final class SealedValue {
  private static final int CHECKSUM_BYTES = 4;

  private SealedValue() {}

  /**
   * The content after the version byte.
   *
   * @throws StoreDamagedException when checksum or version are not right
   */
  static ByteBuffer open(String what, byte[] key, byte[] value, int newestVersion) {
    int end = value.length - CHECKSUM_BYTES;
    if (end < 1) {
      throw new StoreDamagedException(what + " is too short: " + value.length + " bytes", null);
    }
    CRC32C checksum = new CRC32C();
    checksum.update(key, 0, key.length);
    checksum.update(value, 0, end);
    if ((int) checksum.getValue() != BigEndian.getInt(value, end)) {
      throw new StoreDamagedException(
          what + " is damaged: its checksum does not fit its bytes", null);
    }
    if (value[0] < 1 || value[0] > newestVersion) {
      throw new StoreDamagedException(
          what
              + " has format version "
              + value[0]
              + ", this program reads up to "
              + newestVersion
              + ": it was written by a newer version",
          null);
    }
    return ByteBuffer.wrap(value, 1, end - 1);
  }

  /** Bytes that were written with their length (4 bytes) before them. */
  static byte[] counted(ByteBuffer content) {
    int length = content.getInt();
    if (length < 0 || length > content.remaining()) {
      throw new StoreDamagedException("a length of " + length + " runs over its record", null);
    }
    byte[] bytes = new byte[length];
    content.get(bytes);
    return bytes;
  }

  static String text(ByteBuffer content) {
    return new String(counted(content), UTF_8);
  }

  static byte[] rest(ByteBuffer content) {
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    return bytes;
  }
}
