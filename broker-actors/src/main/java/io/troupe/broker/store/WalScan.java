package io.troupe.broker.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads RocksDB's write-ahead log before RocksDB does, to tell a torn end, which was never
 * acknowledged, from damage before it, which was. RocksDB's recovery modes cannot: they know
 * neither what was acknowledged nor look behind a bad record.
 *
 * <p>The log's form: blocks of 32 KiB; in them fragments of checksum (4 bytes, masked CRC32C),
 * length (2 bytes), type (1 byte) and content, numbers little-endian; a record is one FULL
 * fragment, or FIRST, MIDDLE ..., LAST. After a bad fragment reading goes on at the next block.
 *
 * <p>One commit is written only after the one before is fsynced. So whatever lies before a readable
 * commit number was on disk and acknowledged.
 */
final class WalScan {
  private static final int BLOCK_BYTES = 32 * 1024;
  private static final int HEADER_BYTES = 7;
  private static final int LOG_NUMBER_BYTES = 4;
  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int MIDDLE = 3;
  private static final int LAST = 4;
  private static final int RECYCLABLE_FIRST = 5;
  private static final int RECYCLABLE_LAST = 8;
  private static final int CHECKSUM_MASK = 0xa282ead8;

  /** The first place that is not what was written. */
  record Hole(Path file, long offset, String reason) {
    @Override
    public String toString() {
      return file + " at byte " + offset + " (" + reason + ")";
    }
  }

  private long lastCommit;
  private long commitAfterHole;
  private @Nullable Hole hole;

  private Path file = Path.of("");
  private byte[] content = new byte[0];
  private byte[] record = new byte[BLOCK_BYTES];
  private int recordLength;
  private long recordStart;
  private boolean inRecord;
  private long zerosFrom;

  private WalScan() {}

  /** Reads all logs of a database folder, oldest first. */
  static WalScan of(Path database) throws IOException {
    WalScan scan = new WalScan();
    for (Path log : logs(database)) {
      scan.read(log);
    }
    return scan;
  }

  /** The highest commit number before the first hole; 0 when the logs hold none. */
  long lastCommit() {
    return lastCommit;
  }

  @Nullable Hole hole() {
    return hole;
  }

  /** Whether a commit was written after what is missing now: then that was acknowledged. */
  boolean commitsAfterHole() {
    return commitAfterHole > 0;
  }

  private static List<Path> logs(Path database) throws IOException {
    if (!Files.isDirectory(database)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(database)) {
      return files
          .filter(each -> each.getFileName().toString().matches("[0-9]+\\.log"))
          .sorted(Comparator.comparingLong(WalScan::logNumber))
          .toList();
    }
  }

  private static long logNumber(Path log) {
    String name = log.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - ".log".length()));
  }

  private void read(Path log) throws IOException {
    file = log;
    content = Files.readAllBytes(log);
    inRecord = false;
    zerosFrom = -1;
    for (int block = 0; block < content.length; block += BLOCK_BYTES) {
      readBlock(block, Math.min(block + BLOCK_BYTES, content.length));
    }
    if (inRecord) {
      addHole(recordStart, "the file ends inside a record");
    }
  }

  private void readBlock(int start, int end) {
    int position = start;
    while (end - position >= HEADER_BYTES) {
      int length = (content[position + 4] & 0xFF) | (content[position + 5] & 0xFF) << 8;
      int type = content[position + 6] & 0xFF;
      if (type == 0 && length == 0 && isZero(position, end)) {
        noteZeros(position);
        return;
      }
      int header = type >= RECYCLABLE_FIRST && type <= RECYCLABLE_LAST ? LOG_NUMBER_BYTES : 0;
      int from = position + HEADER_BYTES;
      if (from + length > end) {
        addHole(position, end == content.length ? "the file ends inside a record" : "bad length");
        return;
      }
      if (checksum(position, length) != storedChecksum(position)) {
        addHole(position, "checksum mismatch");
        return;
      }
      if (zerosFrom >= 0) {
        addHole(zerosFrom, "zeros before further records");
        zerosFrom = -1;
      }
      fragment(header == 0 ? type : type - 4, position, from + header, from + length);
      position = from + length;
    }
    if (end == content.length && !isZero(position, end)) {
      addHole(position, "the file ends inside a record");
    }
  }

  private void noteZeros(int position) {
    if (zerosFrom < 0) {
      zerosFrom = position;
    }
  }

  private void fragment(int type, int position, int from, int to) {
    if (type == FULL || type == FIRST) {
      if (inRecord) {
        addHole(recordStart, "a record without end");
      }
      recordLength = 0;
      recordStart = position;
      inRecord = true;
    } else if (type != MIDDLE && type != LAST) {
      return; // settings of the log itself
    } else if (!inRecord) {
      addHole(position, "a record without beginning");
      return;
    }
    if (record.length - recordLength < to - from) {
      record = Arrays.copyOf(record, Math.max(record.length * 2, recordLength + to - from));
    }
    System.arraycopy(content, from, record, recordLength, to - from);
    recordLength += to - from;
    if (type == FULL || type == LAST) {
      inRecord = false;
      wholeRecord();
    }
  }

  private void wholeRecord() {
    long commit = CommitMark.atEndOf(record, recordLength);
    if (commit == 0) {
      return;
    }
    if (lastCommit > 0 && commit > lastCommit + 1 && hole == null) {
      addHole(recordStart, "commits " + (lastCommit + 1) + " to " + (commit - 1) + " are missing");
    }
    if (hole == null) {
      lastCommit = commit;
    } else {
      commitAfterHole = commit;
    }
  }

  private void addHole(long offset, String reason) {
    inRecord = false;
    if (hole == null) {
      hole = new Hole(file, offset, reason);
    }
  }

  private boolean isZero(int from, int to) {
    for (int i = from; i < to; i++) {
      if (content[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private int storedChecksum(int position) {
    return Integer.reverseBytes(BigEndian.getInt(content, position));
  }

  private int checksum(int position, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(content, position + 6, 1 + length);
    int plain = (int) checksum.getValue();
    return (plain >>> 15 | plain << 17) + CHECKSUM_MASK;
  }
}
