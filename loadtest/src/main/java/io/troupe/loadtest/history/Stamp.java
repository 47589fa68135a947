package io.troupe.loadtest.history;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What identifies a message, written into its payload: run, flow and number, then filler that
 * follows from them, then a checksum over all. A payload that was cut, mixed or changed does not
 * parse.
 *
 * @param number counts the messages of one flow from 1
 */
public record Stamp(long run, int flow, int number) {
  /** The smallest payload, in bytes. */
  public static final int SIZE_MIN = 4 + 8 + 4 + 4 + 4;

  private static final int MAGIC = 0x54524F55;

  /**
   * @param size of the payload in bytes, {@link #SIZE_MIN} or more
   */
  public byte[] toPayload(int size) {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    buffer.putInt(MAGIC).putLong(run).putInt(flow).putInt(number);
    long filler = run * 31 + flow * 1_000_003L + number;
    while (buffer.remaining() > 4) {
      filler = filler * 6364136223846793005L + 1442695040888963407L;
      buffer.put((byte) (filler >>> 56));
    }
    return buffer.putInt(checksum(buffer.array())).array();
  }

  /** The stamp in a payload, or null if it is damaged or not of this program. */
  public static @Nullable Stamp parse(byte[] payload) {
    if (payload.length < SIZE_MIN) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(payload);
    if (buffer.getInt() != MAGIC || buffer.getInt(payload.length - 4) != checksum(payload)) {
      return null;
    }
    return new Stamp(buffer.getLong(), buffer.getInt(), buffer.getInt());
  }

  private static int checksum(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload, 0, payload.length - 4);
    return (int) crc.getValue();
  }
}
