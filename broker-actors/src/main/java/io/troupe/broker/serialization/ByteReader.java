package io.troupe.broker.serialization;

import io.troupe.protocol.packet.Payload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads what {@link ByteWriter} wrote. Every length is checked against what is there before
 * anything is allocated.
 *
 * <p>All methods throw {@link IllegalArgumentException} if the bytes are damaged or cut.
 */
public final class ByteReader {
  private final byte[] bytes;
  private int position;

  public ByteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** An unsigned byte. */
  public int readByte() {
    require(1);
    return bytes[position++] & 0xFF;
  }

  public long readNumber() {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int group = readByte();
      value |= (long) (group & 0x7F) << shift;
      if (group < 0x80) {
        return value;
      }
    }
    throw new IllegalArgumentException("number longer than 9 bytes at " + position);
  }

  /** A number that fits an int. */
  public int readInt() {
    long value = readNumber();
    if (value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("number too large at " + position + ": " + value);
    }
    return (int) value;
  }

  /**
   * How many elements follow.
   *
   * @param bytesEach the least that each of them takes; a count that cannot be true is refused
   */
  public int readCount(int bytesEach) {
    int count = readInt();
    if ((long) count * bytesEach > bytes.length - position) {
      throw new IllegalArgumentException(count + " elements announced at " + position);
    }
    return count;
  }

  public long readLong() {
    require(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (bytes[position++] & 0xFF);
    }
    return value;
  }

  public String readText() {
    int length = readCount(1);
    String value = new String(bytes, position, length, StandardCharsets.UTF_8);
    position += length;
    return value;
  }

  public Payload readPayload() {
    return Payload.wrap(readBytes());
  }

  public byte[] readBytes() {
    int length = readCount(1);
    byte[] value = Arrays.copyOfRange(bytes, position, position + length);
    position += length;
    return value;
  }

  /**
   * A list.
   *
   * @param bytesEach the least that each element takes
   */
  public <T> List<T> readList(int bytesEach, Supplier<T> each) {
    int count = readCount(bytesEach);
    List<T> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(each.get());
    }
    return list;
  }

  public boolean hasRemaining() {
    return position < bytes.length;
  }

  private void require(int count) {
    if (bytes.length - position < count) {
      throw new IllegalArgumentException("ends at " + bytes.length + ", more expected");
    }
  }
}
