package io.troupe.broker.store;

import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Changes to the database that are stored together, in RocksDB's own form of a write batch (which
 * is also the form of its write-ahead log, and therefore stable). Callers encode on their own
 * threads; the commit thread only joins the bytes and crosses into native code once for all of
 * them.
 *
 * <p>Used by one thread at a time.
 */
final class Mutations {
  private static final int HEADER_BYTES = 12;
  private static final int COUNT_POSITION = 8;

  private static final int DELETE = 0x0;
  private static final int PUT = 0x1;
  private static final int FAMILY_DELETE = 0x4;
  private static final int FAMILY_PUT = 0x5;
  private static final int FAMILY_DELETE_RANGE = 0xE;
  private static final int DELETE_RANGE = 0xF;

  private static final int CHECKSUM_BYTES = 4;

  private byte[] bytes;
  private int length = HEADER_BYTES;
  private int count;
  private int keyPosition;
  private int keyLength;
  private int valuePosition;
  private int valueLength;

  Mutations(int expectedBytes) {
    bytes = new byte[HEADER_BYTES + expectedBytes];
  }

  /** Encoded size in bytes. */
  int size() {
    return length - HEADER_BYTES;
  }

  boolean isEmpty() {
    return count == 0;
  }

  void delete(Family family, byte[] key) {
    tag(family, DELETE, FAMILY_DELETE);
    counted(key);
    count++;
  }

  /** Deletes the keys from {@code from} to before {@code to}. */
  void deleteRange(Family family, byte[] from, byte[] to) {
    tag(family, DELETE_RANGE, FAMILY_DELETE_RANGE);
    counted(from);
    counted(to);
    count++;
  }

  /**
   * Begins a put whose value of {@code contentLength} bytes follows through {@link #int8}, {@link
   * #int32}, {@link #int64} and {@link #raw}, and is ended by {@link #seal}.
   */
  void startPut(Family family, byte[] key, int contentLength) {
    tag(family, PUT, FAMILY_PUT);
    varint(key.length);
    keyPosition = length;
    keyLength = key.length;
    raw(key);
    valueLength = contentLength + CHECKSUM_BYTES;
    varint(valueLength);
    valuePosition = length;
    ensure(valueLength);
  }

  /** Ends a put: adds the checksum over key and value. */
  void seal() {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, keyPosition, keyLength);
    checksum.update(bytes, valuePosition, length - valuePosition);
    int32((int) checksum.getValue());
    if (length - valuePosition != valueLength) {
      throw new IllegalStateException(
          "value of " + (length - valuePosition) + " bytes announced as " + valueLength);
    }
    count++;
  }

  void int8(int value) {
    ensure(1);
    bytes[length++] = (byte) value;
  }

  void int32(int value) {
    ensure(4);
    BigEndian.putInt(bytes, length, value);
    length += 4;
  }

  void int64(long value) {
    ensure(8);
    BigEndian.putLong(bytes, length, value);
    length += 8;
  }

  void raw(byte[] source) {
    ensure(source.length);
    System.arraycopy(source, 0, bytes, length, source.length);
    length += source.length;
  }

  /** Adds all changes of another batch after these. */
  void add(Mutations other) {
    ensure(other.size());
    System.arraycopy(other.bytes, HEADER_BYTES, bytes, length, other.size());
    length += other.size();
    count += other.count;
  }

  /** The whole batch in RocksDB's form; the sequence number in front is filled in by RocksDB. */
  byte[] toWriteBatch() {
    byte[] batch = Arrays.copyOf(bytes, length);
    for (int i = 0; i < 4; i++) {
      batch[COUNT_POSITION + i] = (byte) (count >>> (8 * i));
    }
    return batch;
  }

  private void tag(Family family, int defaultTag, int familyTag) {
    if (family == Family.STATE) {
      int8(defaultTag);
    } else {
      int8(familyTag);
      varint(family.id());
    }
  }

  private void counted(byte[] source) {
    varint(source.length);
    raw(source);
  }

  private void varint(int value) {
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      int8((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    int8(rest);
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }
}
