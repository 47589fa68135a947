package io.troupe.broker.store;

import io.troupe.protocol.packet.Payload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * The {@link QueueLog} of one node's disk. An entry is one row (queue id, offset); the head row of
 * a queue remembers how far it was deleted, so that its last offset outlives its entries.
 */
final class RocksDbQueueLog implements QueueLog {
  private static final int VERSION = 1;
  private static final int ENTRY_OVERHEAD = 1 + 8;
  private static final int ROW_OVERHEAD = 48;
  private static final int DEDUP_OVERHEAD = 40;

  /** Names a deletion in the middle of a queue. */
  private record Range(long queueId, long from) {}

  private final Database database;
  private final Committer committer;
  private final ReadPool readers;
  private final Deletions deletions;

  RocksDbQueueLog(Database database, Committer committer, ReadPool readers, Deletions deletions) {
    this.database = database;
    this.committer = committer;
    this.readers = readers;
    this.deletions = deletions;
  }

  @Override
  public CompletionStage<Void> append(
      List<Entry> entries, List<DedupKey> dedup, List<DedupKey> forget) {
    if (entries.isEmpty() && dedup.isEmpty() && forget.isEmpty()) {
      return CompletableFuture.completedStage(null);
    }
    Mutations batch = new Mutations(expectedBytes(entries, dedup, forget));
    for (Entry entry : entries) {
      byte[] bytes = entry.bytes().array();
      batch.startPut(
          Family.QUEUES,
          Keys.queueEntry(entry.queueId(), entry.offset()),
          ENTRY_OVERHEAD + bytes.length);
      batch.int8(VERSION);
      batch.int64(entry.cumulativeBytes());
      batch.raw(bytes);
      batch.seal();
    }
    for (DedupKey open : dedup) {
      batch.startPut(Family.STATE, key(open), 1);
      batch.int8(VERSION);
      batch.seal();
    }
    for (DedupKey closed : forget) {
      batch.delete(Family.STATE, key(closed));
    }
    return committer.submit(batch, true);
  }

  @Override
  public CompletionStage<List<Entry>> read(
      long queueId, long fromOffset, int maxEntries, long maxBytes) {
    byte[] from = Keys.queueEntry(queueId, Math.max(1, fromOffset));
    return readers.submit(() -> database.read(rows -> page(rows, from, maxEntries, maxBytes)));
  }

  @Override
  public CompletionStage<Bounds> bounds(long queueId) {
    return committer
        .barrier()
        .thenCompose(decided -> readers.submit(() -> database.read(rows -> bounds(rows, queueId))));
  }

  @Override
  public CompletionStage<Void> deleteTo(long queueId, long offset) {
    return deletions.submit(queueId, offset, (to, round) -> deleteTo(queueId, to, round));
  }

  @Override
  public CompletionStage<Void> deleteRange(long queueId, long fromOffset, long toOffset) {
    return deletions.submit(
        new Range(queueId, fromOffset),
        toOffset,
        (to, round) -> deleteRange(queueId, fromOffset, to, round));
  }

  @Override
  public CompletionStage<Void> deleteQueue(long queueId) {
    return deletions.submit(
        queueId,
        Long.MAX_VALUE,
        (to, round) -> {
          deleteTo(queueId, to, round);
          round.batch().delete(Family.STATE, Keys.queueHead(queueId));
        });
  }

  @Override
  public CompletionStage<Set<Long>> openSequences(int partition, String publisher) {
    byte[] from = Keys.dedup(partition, publisher, 0);
    byte[] to = Keys.dedup(partition, publisher, -1); // the highest when read without sign
    return committer
        .barrier()
        .thenCompose(
            decided ->
                readers.submit(
                    () ->
                        database.read(
                            rows -> {
                              Set<Long> sequences = new HashSet<>();
                              rows.forEachKey(
                                  Family.STATE, from, to, key -> sequences.add(Keys.number(key)));
                              if (rows.get(Family.STATE, to) != null) {
                                sequences.add(Keys.number(to));
                              }
                              return sequences;
                            })));
  }

  private static byte[] key(DedupKey key) {
    return Keys.dedup(key.partition(), key.publisher(), key.sequence());
  }

  private static int expectedBytes(
      List<Entry> entries, List<DedupKey> dedup, List<DedupKey> forget) {
    long bytes = (long) DEDUP_OVERHEAD * (dedup.size() + forget.size());
    for (Entry entry : entries) {
      bytes += entry.bytes().length() + ROW_OVERHEAD;
    }
    return Math.toIntExact(bytes);
  }

  private static List<Entry> page(Rows rows, byte[] from, int maxEntries, long maxBytes)
      throws RocksDBException {
    List<Entry> entries = new ArrayList<>(Math.min(maxEntries, 128));
    long bytes = 0;
    try (RocksIterator iterator = rows.ascending(Family.QUEUES, from)) {
      while (iterator.isValid() && entries.size() < maxEntries && bytes < maxBytes) {
        byte[] key = iterator.key();
        Entry entry = decode(key, iterator.value());
        entries.add(entry);
        bytes += entry.bytes().length();
        iterator.next();
      }
      iterator.status();
    }
    return entries;
  }

  private static Entry decode(byte[] key, byte[] value) {
    long queueId = BigEndian.getLong(key, 0);
    long offset = Keys.number(key);
    ByteBuffer content =
        SealedValue.open("entry " + offset + " of queue " + queueId, key, value, VERSION);
    long cumulativeBytes = content.getLong();
    return new Entry(queueId, offset, Payload.wrap(SealedValue.rest(content)), cumulativeBytes);
  }

  private static Bounds bounds(Rows rows, long queueId) throws RocksDBException {
    Head head = Head.read(rows, Keys.queueHead(queueId));
    List<Entry> first =
        page(rows, Keys.queueEntry(queueId, head.deletedTo() + 1), 1, Long.MAX_VALUE);
    if (first.isEmpty()) {
      return new Bounds(
          head.deletedTo() + 1, head.deletedTo(), head.cumulativeBytes(), head.cumulativeBytes());
    }
    Entry last = lastUpTo(rows, queueId, Long.MAX_VALUE, first.get(0));
    return new Bounds(
        first.get(0).offset(),
        last.offset(),
        first.get(0).cumulativeBytes(),
        last.cumulativeBytes());
  }

  /** The last entry up to an offset, which is not before {@code first}. */
  private static Entry lastUpTo(Rows rows, long queueId, long offset, Entry first)
      throws RocksDBException {
    byte[] key = Keys.queueEntry(queueId, offset);
    try (RocksIterator iterator = rows.descending(Family.QUEUES, key)) {
      if (iterator.isValid() && Keys.sameOwner(iterator.key(), key)) {
        return decode(iterator.key(), iterator.value());
      }
      iterator.status();
      return first;
    }
  }

  private void deleteRange(long queueId, long from, long to, Deletions.Round round) {
    database.visit(
        rows -> {
          List<Entry> first = page(rows, Keys.queueEntry(queueId, from), 1, Long.MAX_VALUE);
          if (first.isEmpty() || to < first.get(0).offset()) {
            return;
          }
          Entry last = lastUpTo(rows, queueId, to, first.get(0));
          round.deleteRows(
              Family.QUEUES,
              Keys.queueEntry(queueId, first.get(0).offset()),
              last.offset(),
              last.cumulativeBytes() - first.get(0).cumulativeBytes());
        });
  }

  private void deleteTo(long queueId, long offset, Deletions.Round round) {
    byte[] headKey = Keys.queueHead(queueId);
    database.visit(
        rows -> {
          Head head = Head.read(rows, headKey);
          long from = head.deletedTo() + 1;
          List<Entry> first = page(rows, Keys.queueEntry(queueId, from), 1, Long.MAX_VALUE);
          if (first.isEmpty() || offset < first.get(0).offset()) {
            return;
          }
          Entry last = lastUpTo(rows, queueId, offset, first.get(0));
          round.deleteRows(
              Family.QUEUES,
              Keys.queueEntry(queueId, from),
              last.offset(),
              last.cumulativeBytes() - head.cumulativeBytes());
          new Head(last.offset(), last.cumulativeBytes()).addTo(round.batch(), headKey);
        });
  }
}
