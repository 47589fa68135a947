package io.troupe.broker.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.rocksdb.RocksDBException;

/**
 * The number of the last commit that is known to be on disk, in a small file beside the database.
 *
 * <p>Every synced write batch ends with a row holding its commit number. After the fsync the number
 * also goes into this file: that survives the end of the process, but is not fsynced itself. So
 * after a power failure it may lag behind what is on disk, and is never ahead of it: a database
 * holding a lower number than this file has lost acknowledged data.
 *
 * <p>Two slots are written in turn, each with a checksum, so that one whole slot is always there.
 */
final class CommitMark implements AutoCloseable {
  /** Every batch's last change: {@code put(STATE, "c", sealed(MAGIC, number))}. */
  private static final byte[] KEY = {'c'};

  private static final int VERSION = 1;
  private static final long MAGIC = 0x54726f7570653031L;
  private static final int CONTENT_BYTES = 1 + 8 + 8;

  /** Encoded size of a mark at the end of a batch: tag, key and value with their lengths. */
  static final int ENCODED_BYTES = 1 + 1 + KEY.length + 1 + CONTENT_BYTES + 4;

  private static final byte[] ENCODED_START = Arrays.copyOf(encode(0), 4 + 1 + 8);

  private static final int SLOT_BYTES = 64;
  private static final int CHECKSUM_POSITION = 8;

  private final FileChannel slots;

  private CommitMark(FileChannel slots) {
    this.slots = slots;
  }

  /** Opens the file for writing; makes it when missing. */
  static CommitMark open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.size() < 2 * SLOT_BYTES) {
        channel.write(ByteBuffer.allocate(2 * SLOT_BYTES), 0);
        channel.force(true);
      }
      return new CommitMark(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** The number in a file, 0 when there is none that can be trusted. */
  static long read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    byte[] bytes = Files.readAllBytes(file);
    long newest = 0;
    for (int slot = 0; slot + CHECKSUM_POSITION + 4 <= bytes.length; slot += SLOT_BYTES) {
      CRC32C checksum = new CRC32C();
      checksum.update(bytes, slot, CHECKSUM_POSITION);
      if ((int) checksum.getValue() == BigEndian.getInt(bytes, slot + CHECKSUM_POSITION)) {
        newest = Math.max(newest, BigEndian.getLong(bytes, slot));
      }
    }
    return newest;
  }

  /** Notes that this commit is on disk. */
  void advance(long number) throws IOException {
    byte[] slot = new byte[CHECKSUM_POSITION + 4];
    BigEndian.putLong(slot, 0, number);
    CRC32C checksum = new CRC32C();
    checksum.update(slot, 0, CHECKSUM_POSITION);
    BigEndian.putInt(slot, CHECKSUM_POSITION, (int) checksum.getValue());
    slots.write(ByteBuffer.wrap(slot), (number & 1) * SLOT_BYTES);
  }

  /** Sets the number back, after an operator has accepted a loss. */
  void reset(long number) throws IOException {
    slots.write(ByteBuffer.allocate(2 * SLOT_BYTES), 0);
    advance(number);
    slots.force(true);
  }

  @Override
  public void close() throws IOException {
    slots.close();
  }

  /** Ends a batch with its commit number. */
  static void addTo(Mutations batch, long number) {
    batch.startPut(Family.STATE, KEY, CONTENT_BYTES);
    batch.int8(VERSION);
    batch.int64(MAGIC);
    batch.int64(number);
    batch.seal();
  }

  /** The commit number a database holds, 0 for a new one. */
  static long stored(Rows rows) throws RocksDBException {
    byte[] value = rows.get(Family.STATE, KEY);
    return value == null ? 0 : number(value);
  }

  /** The commit number at the end of a record of the write-ahead log, or 0 when it has none. */
  static long atEndOf(byte[] record, int length) {
    int start = length - ENCODED_BYTES;
    if (start < 0
        || !Arrays.equals(
            record, start, start + ENCODED_START.length, ENCODED_START, 0, ENCODED_START.length)) {
      return 0;
    }
    return number(Arrays.copyOfRange(record, length - CONTENT_BYTES - 4, length));
  }

  private static long number(byte[] value) {
    var content = SealedValue.open("the commit number", KEY, value, VERSION);
    content.getLong();
    return content.getLong();
  }

  private static byte[] encode(long number) {
    Mutations batch = new Mutations(ENCODED_BYTES);
    addTo(batch, number);
    byte[] whole = batch.toWriteBatch();
    return Arrays.copyOfRange(whole, whole.length - ENCODED_BYTES, whole.length);
  }
}
