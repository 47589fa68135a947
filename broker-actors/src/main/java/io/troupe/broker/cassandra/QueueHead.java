package io.troupe.broker.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a queue holds.
 *
 * @param first what lies before this offset is deleted; its entry may be deleted as well
 * @param last the last committed offset, 0 if there was none
 * @param lastBytes the byte counter of the last committed entry
 * @param writers from each of these offsets on, up to the next, the epoch that wrote the entries
 */
record QueueHead(long first, long last, long lastBytes, NavigableMap<Long, Long> writers) {
  static final QueueHead NEVER_USED = new QueueHead(1, 0, 0, new TreeMap<>());

  static QueueHead of(@Nullable Row row) {
    if (row == null) {
      return NEVER_USED;
    }
    Map<Long, Long> writers = row.getMap("writers", Long.class, Long.class);
    return new QueueHead(
        Math.max(1, row.getLong("first_offset")),
        row.getLong("last_offset"),
        row.getLong("last_bytes"),
        writers == null ? new TreeMap<>() : new TreeMap<>(writers));
  }

  /** The head once this writer has appended up to an offset. */
  QueueHead appended(long epoch, long newLast, long newLastBytes) {
    NavigableMap<Long, Long> now = writers;
    Map.Entry<Long, Long> latest = writers.lastEntry();
    if (latest == null || latest.getValue() != epoch) {
      now = new TreeMap<>(writers);
      now.put(last + 1, epoch);
      Long needed = now.floorKey(first);
      if (needed != null) {
        now = new TreeMap<>(now.tailMap(needed, true));
      }
    }
    return new QueueHead(first, newLast, newLastBytes, now);
  }

  QueueHead deletedTo(long offset) {
    long newFirst = Math.min(offset, last) + 1;
    return newFirst <= first ? this : new QueueHead(newFirst, last, lastBytes, writers);
  }

  /** Whether the entry of this offset and epoch is one of the queue. */
  boolean holds(long offset, long epoch) {
    Map.Entry<Long, Long> writer = writers.floorEntry(offset);
    return offset >= first && offset <= last && writer != null && writer.getValue() == epoch;
  }

  boolean isEmpty() {
    return first > last;
  }
}
