package io.troupe.broker.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.troupe.broker.store.QueueLog;
import io.troupe.broker.store.StoreOverloadedException;
import io.troupe.broker.store.StoreUnavailableException;
import io.troupe.protocol.packet.Payload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The {@link QueueLog} of a cluster. What {@link #append} stores must be of one topic partition,
 * whose {@link PartitionWriter} commits one append after another.
 *
 * <p>A node that was cut off and comes back while another writes the partition can store nothing
 * there: its next append fails, and after it the bounds tell what the other has stored.
 */
final class CassandraQueueLog implements QueueLog {
  private static final int ENTRY_OVERHEAD = 64;
  private static final int PAGE_MIN = 4;

  private final CqlSession session;
  private final QueueTables tables;
  private final long pendingBytesMax;
  private final AtomicLong pendingBytes = new AtomicLong();

  /** One for each topic partition this node has held; their number is fixed. */
  private final Map<Integer, PartitionWriter> writers = new ConcurrentHashMap<>();

  CassandraQueueLog(CqlSession session, QueueTables tables, long pendingBytesMax) {
    this.session = session;
    this.tables = tables;
    this.pendingBytesMax = pendingBytesMax;
  }

  /** What is under way to Cassandra, in bytes. */
  long pendingBytes() {
    return pendingBytes.get();
  }

  @Override
  public CompletionStage<Void> append(
      List<Entry> entries, List<DedupKey> dedup, List<DedupKey> forget) {
    if (entries.isEmpty() && dedup.isEmpty() && forget.isEmpty()) {
      return CompletableFuture.completedStage(null);
    }
    int partition = partition(entries, dedup, forget);
    long bytes = ENTRY_OVERHEAD * ((long) dedup.size() + forget.size());
    for (Entry entry : entries) {
      bytes += ENTRY_OVERHEAD + entry.bytes().length();
    }
    return bounded(bytes, () -> writer(partition).append(entries, dedup, forget));
  }

  private static int partition(List<Entry> entries, List<DedupKey> dedup, List<DedupKey> forget) {
    Set<Integer> partitions = new HashSet<>();
    entries.forEach(entry -> partitions.add(partition(entry.queueId())));
    dedup.forEach(key -> partitions.add(key.partition()));
    forget.forEach(key -> partitions.add(key.partition()));
    if (partitions.size() != 1) {
      throw new IllegalArgumentException("one append of several partitions: " + partitions);
    }
    return partitions.iterator().next();
  }

  private static int partition(long queueId) {
    return (int) (queueId >> 32);
  }

  private PartitionWriter writer(int partition) {
    return writers.computeIfAbsent(partition, p -> new PartitionWriter(p, session, tables));
  }

  private <T> CompletionStage<T> bounded(long bytes, Supplier<CompletionStage<T>> work) {
    long before = pendingBytes.getAndAdd(bytes);
    if (before > 0 && before + bytes > pendingBytesMax) {
      pendingBytes.addAndGet(-bytes);
      return CompletableFuture.failedStage(
          new StoreOverloadedException(before + " bytes are under way to Cassandra"));
    }
    return work.get()
        .whenComplete((done, problem) -> pendingBytes.addAndGet(-bytes))
        .exceptionallyCompose(problem -> CompletableFuture.failedStage(unavailable(problem)));
  }

  /** What the log's callers know, for what the driver throws. */
  static Throwable unavailable(Throwable problem) {
    Throwable cause = problem;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof StoreUnavailableException || cause instanceof StoreOverloadedException
        ? cause
        : new StoreUnavailableException("Cassandra: " + cause.getMessage(), cause);
  }

  @Override
  public CompletionStage<List<Entry>> read(
      long queueId, long fromOffset, int maxEntries, long maxBytes) {
    return bounded(
        ENTRY_OVERHEAD,
        () ->
            writer(partition(queueId))
                .headToRead(queueId)
                .thenCompose(
                    head -> {
                      Page page = new Page(queueId, head, maxEntries, maxBytes);
                      return page.readFrom(Math.max(head.first(), fromOffset));
                    }));
  }

  /** Entries as they are read. */
  private final class Page {
    private final long queueId;
    private final QueueHead head;
    private final int maxEntries;
    private final long maxBytes;
    private final List<Entry> entries = new ArrayList<>();
    private long bytes;

    Page(long queueId, QueueHead head, int maxEntries, long maxBytes) {
      this.queueId = queueId;
      this.head = head;
      this.maxEntries = maxEntries;
      this.maxBytes = maxBytes;
    }

    CompletionStage<List<Entry>> readFrom(long offset) {
      if (offset > head.last() || isFull()) {
        return CompletableFuture.completedStage(entries);
      }
      long bucket = offset / QueueTables.BUCKET;
      BoundStatement slice =
          tables.readEntries.bind(queueId, bucket, offset, head.last()).setPageSize(rowsAtOnce());
      return session
          .executeAsync(slice)
          .thenCompose(this::take)
          .thenCompose(taken -> readFrom((bucket + 1) * QueueTables.BUCKET));
    }

    private CompletionStage<Void> take(AsyncResultSet rows) {
      for (Row row : rows.currentPage()) {
        if (isFull()) {
          return CompletableFuture.completedStage(null);
        }
        long offset = row.getLong("entry_offset");
        ByteBuffer body = row.getByteBuffer("body");
        if (head.holds(offset, row.getLong("epoch")) && body != null) {
          byte[] content = new byte[body.remaining()];
          body.get(content);
          bytes += content.length;
          entries.add(
              new Entry(queueId, offset, Payload.wrap(content), row.getLong("cumulative_bytes")));
        }
      }
      return rows.hasMorePages() && !isFull()
          ? rows.fetchNextPage().thenCompose(this::take)
          : CompletableFuture.completedStage(null);
    }

    private boolean isFull() {
      return entries.size() >= maxEntries || (bytes >= maxBytes && !entries.isEmpty());
    }

    /** Few large messages, many small ones. */
    private int rowsAtOnce() {
      long average = 1 + head.lastBytes() / Math.max(1, head.last());
      long rows = Math.min(maxEntries, maxBytes / average + 1);
      return (int) Math.max(PAGE_MIN, Math.min(QueueTables.BUCKET, rows));
    }
  }

  @Override
  public CompletionStage<Bounds> bounds(long queueId) {
    return bounded(
        ENTRY_OVERHEAD,
        () ->
            writer(partition(queueId))
                .head(queueId)
                .thenCompose(
                    head ->
                        new Page(queueId, head, 1, 1)
                            .readFrom(head.first())
                            .thenApply(first -> bounds(head, first))));
  }

  private static Bounds bounds(QueueHead head, List<Entry> first) {
    if (first.isEmpty()) {
      return new Bounds(head.last() + 1, head.last(), head.lastBytes(), head.lastBytes());
    }
    Entry entry = first.get(0);
    return new Bounds(entry.offset(), head.last(), entry.cumulativeBytes(), head.lastBytes());
  }

  @Override
  public CompletionStage<Void> deleteTo(long queueId, long offset) {
    return bounded(ENTRY_OVERHEAD, () -> writer(partition(queueId)).deleteTo(queueId, offset));
  }

  @Override
  public CompletionStage<Void> deleteRange(long queueId, long fromOffset, long toOffset) {
    return bounded(
        ENTRY_OVERHEAD,
        () -> writer(partition(queueId)).deleteRange(queueId, fromOffset, toOffset));
  }

  @Override
  public CompletionStage<Void> deleteQueue(long queueId) {
    return bounded(ENTRY_OVERHEAD, () -> writer(partition(queueId)).deleteQueue(queueId));
  }

  @Override
  public CompletionStage<Set<Long>> openSequences(int partition, String publisher) {
    return bounded(ENTRY_OVERHEAD, () -> writer(partition).openSequences(publisher));
  }
}
