package io.troupe.broker.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchStatementBuilder;
import com.datastax.oss.driver.api.core.cql.BatchType;
import com.datastax.oss.driver.api.core.cql.BatchableStatement;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.DefaultBatchType;
import com.datastax.oss.driver.api.core.cql.Row;
import io.troupe.broker.store.QueueLog.DedupKey;
import io.troupe.broker.store.QueueLog.Entry;
import io.troupe.broker.store.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the queues of one topic partition, one change after another.
 *
 * <p>Its first change claims the next epoch; from then on every commit is conditional on it. A
 * change that fails, and a commit that finds another epoch, give the epoch up: it is not known then
 * what is stored. The next change claims a new one, which also settles what was still under way,
 * and reads the heads of the queues again. So an epoch has at most one commit that failed, its
 * last.
 *
 * <p>Messages are written first, where nothing points to them; then one conditional batch moves the
 * heads over them and notes the QoS 2 handshakes.
 */
final class PartitionWriter {
  private static final BatchType UNLOGGED = DefaultBatchType.UNLOGGED;
  private static final int HEADS_MAX = 10_000;
  private static final int BATCH_ROWS_MAX = 64;
  private static final int BATCH_BYTES_MAX = 256 << 10;
  private static final int CLAIMS_MAX = 20;

  private final int partition;
  private final CqlSession session;
  private final QueueTables tables;

  /** Guarded by this: what the next change waits for. */
  private CompletionStage<?> previous = CompletableFuture.completedStage(null);

  /** Only touched by the change under way; 0 without one. */
  private volatile long epoch;

  /** Guarded by itself; the heads as this epoch has read or written them, latest used last. */
  private final Map<Long, QueueHead> heads = new LinkedHashMap<>(16, 0.75f, true);

  PartitionWriter(int partition, CqlSession session, QueueTables tables) {
    this.partition = partition;
    this.session = session;
    this.tables = tables;
  }

  private synchronized <T> CompletionStage<T> next(Supplier<CompletionStage<T>> change) {
    CompletionStage<T> done =
        previous
            .handle((before, problem) -> claimed().thenCompose(claimed -> change.get()))
            .thenCompose(Function.identity())
            .whenComplete(
                (result, problem) -> {
                  if (problem != null) {
                    giveUp();
                  }
                });
    previous = done;
    return done;
  }

  private void giveUp() {
    epoch = 0;
    synchronized (heads) {
      heads.clear();
    }
  }

  private CompletionStage<Long> claimed() {
    return epoch != 0 ? CompletableFuture.completedStage(epoch) : claim(CLAIMS_MAX);
  }

  private CompletionStage<Long> claim(int tries) {
    if (tries == 0) {
      return CompletableFuture.failedStage(
          new StoreUnavailableException(
              "other nodes keep claiming topic partition " + partition, null));
    }
    return session
        .executeAsync(tables.readEpoch.bind(partition))
        .thenCompose(
            found -> {
              Row row = found.one();
              long last = row == null ? 0 : row.getLong("epoch");
              BoundStatement claim =
                  last == 0
                      ? tables.claimFirstEpoch.bind(partition)
                      : tables.claimEpoch.bind(last + 1, partition, last);
              return session
                  .executeAsync(claim)
                  .thenCompose(
                      result -> {
                        if (!result.wasApplied()) {
                          return claim(tries - 1);
                        }
                        epoch = last + 1;
                        return CompletableFuture.completedStage(epoch);
                      });
            });
  }

  /** What the queue holds, counting every append called before. */
  CompletionStage<QueueHead> head(long queueId) {
    return next(() -> knownHead(queueId));
  }

  /** The same, but not waiting for changes under way. */
  CompletionStage<QueueHead> headToRead(long queueId) {
    QueueHead known = cached(queueId);
    return known != null ? CompletableFuture.completedStage(known) : readHead(queueId);
  }

  private @Nullable QueueHead cached(long queueId) {
    synchronized (heads) {
      return heads.get(queueId);
    }
  }

  private void cache(long queueId, QueueHead head) {
    synchronized (heads) {
      heads.put(queueId, head);
      if (heads.size() > HEADS_MAX) {
        heads.remove(heads.keySet().iterator().next());
      }
    }
  }

  private CompletionStage<QueueHead> knownHead(long queueId) {
    QueueHead known = cached(queueId);
    return known != null
        ? CompletableFuture.completedStage(known)
        : readHead(queueId)
            .thenApply(
                head -> {
                  cache(queueId, head);
                  return head;
                });
  }

  private CompletionStage<QueueHead> readHead(long queueId) {
    return session
        .executeAsync(tables.readHead.bind(partition, queueId))
        .thenApply(rows -> QueueHead.of(rows.one()));
  }

  CompletionStage<Void> append(List<Entry> entries, List<DedupKey> dedup, List<DedupKey> forget) {
    Map<Long, List<Entry>> byQueue = new LinkedHashMap<>();
    for (Entry entry : entries) {
      byQueue.computeIfAbsent(entry.queueId(), id -> new ArrayList<>()).add(entry);
    }
    return next(
        () ->
            newHeads(byQueue)
                .thenCompose(
                    moved ->
                        all(entryBatches(byQueue).stream().map(session::executeAsync).toList())
                            .thenCompose(written -> commit(commitOf(moved, dedup, forget)))
                            .thenAccept(committed -> moved.forEach(this::cache))));
  }

  private CompletionStage<Map<Long, QueueHead>> newHeads(Map<Long, List<Entry>> byQueue) {
    Map<Long, QueueHead> moved = new LinkedHashMap<>();
    CompletionStage<Void> all = CompletableFuture.completedStage(null);
    for (Map.Entry<Long, List<Entry>> each : byQueue.entrySet()) {
      CompletionStage<QueueHead> known = knownHead(each.getKey());
      all =
          all.thenCombine(
              known,
              (before, head) -> {
                List<Entry> entries = each.getValue();
                if (entries.get(0).offset() != head.last() + 1) {
                  throw new StoreUnavailableException(
                      "another node has written queue " + Long.toHexString(each.getKey()), null);
                }
                Entry last = entries.get(entries.size() - 1);
                moved.put(
                    each.getKey(), head.appended(epoch, last.offset(), last.cumulativeBytes()));
                return null;
              });
    }
    return all.thenApply(done -> moved);
  }

  private List<BatchStatement> entryBatches(Map<Long, List<Entry>> byQueue) {
    List<BatchStatement> batches = new ArrayList<>();
    for (List<Entry> entries : byQueue.values()) {
      List<BatchableStatement<?>> rows = new ArrayList<>();
      long bytes = 0;
      long bucket = -1;
      for (Entry entry : entries) {
        long its = entry.offset() / QueueTables.BUCKET;
        if (its != bucket || rows.size() == BATCH_ROWS_MAX || bytes >= BATCH_BYTES_MAX) {
          flush(rows, batches);
          bytes = 0;
          bucket = its;
        }
        bytes += entry.bytes().length();
        rows.add(
            tables.insertEntry.bind(
                entry.queueId(),
                its,
                entry.offset(),
                epoch,
                ByteBuffer.wrap(entry.bytes().array()),
                entry.cumulativeBytes()));
      }
      flush(rows, batches);
    }
    return batches;
  }

  private static void flush(List<BatchableStatement<?>> rows, List<BatchStatement> batches) {
    if (!rows.isEmpty()) {
      batches.add(
          BatchStatement.newInstance(UNLOGGED, rows)
              .setConsistencyLevel(DefaultConsistencyLevel.LOCAL_QUORUM)
              .setIdempotent(true));
      rows.clear();
    }
  }

  private List<BatchableStatement<?>> commitOf(
      Map<Long, QueueHead> moved, List<DedupKey> dedup, List<DedupKey> forget) {
    List<BatchableStatement<?>> changes = new ArrayList<>();
    moved.forEach(
        (queueId, head) ->
            changes.add(
                tables.writeHead.bind(
                    head.last(), head.lastBytes(), head.writers(), partition, queueId)));
    Set<DedupKey> closed = new HashSet<>(forget);
    for (DedupKey key : dedup) {
      if (!closed.contains(key)) {
        changes.add(tables.insertDedup.bind(partition, key.publisher(), key.sequence()));
      }
    }
    for (DedupKey key : closed) {
      changes.add(tables.deleteDedup.bind(partition, key.publisher(), key.sequence()));
    }
    return changes;
  }

  /** Makes changes of the partition's state, all or none, if the epoch is still the latest. */
  private CompletionStage<Void> commit(List<BatchableStatement<?>> changes) {
    BatchStatementBuilder batch = BatchStatement.builder(UNLOGGED);
    batch.addStatement(tables.keepEpoch.bind(epoch, partition, epoch));
    changes.forEach(batch::addStatement);
    batch.setConsistencyLevel(DefaultConsistencyLevel.LOCAL_QUORUM);
    batch.setSerialConsistencyLevel(DefaultConsistencyLevel.LOCAL_SERIAL);
    return session
        .executeAsync(batch.build())
        .thenAccept(
            result -> {
              if (!result.wasApplied()) {
                throw new StoreUnavailableException(
                    "another node writes topic partition " + partition, null);
              }
            });
  }

  /**
   * Moves the first offset. The entries of full buckets before it are deleted; what the last one
   * still holds goes with it.
   */
  CompletionStage<Void> deleteTo(long queueId, long offset) {
    return next(() ->
            knownHead(queueId)
                .thenApply(
                    head -> {
                      QueueHead moved = head.deletedTo(offset);
                      cache(queueId, moved);
                      return new long[] {head.first(), moved.first()};
                    }))
        .thenCompose(
            firsts ->
                firsts[0] == firsts[1]
                    ? CompletableFuture.completedStage(null)
                    : deleteBuckets(queueId, firsts[0], firsts[1])
                        .thenCompose(
                            deleted ->
                                session.executeAsync(
                                    tables.writeFirst.bind(firsts[1], partition, queueId)))
                        .thenAccept(written -> {}));
  }

  /** Deletes full buckets in the middle of a queue, behind the changes before. */
  CompletionStage<Void> deleteRange(long queueId, long from, long to) {
    long wholeFrom = (from + QueueTables.BUCKET - 1) / QueueTables.BUCKET * QueueTables.BUCKET;
    return next(() -> deleteBuckets(queueId, wholeFrom, to + 1));
  }

  /** Deletes the buckets that begin in a range and end in it, but for the first: all of that. */
  private CompletionStage<Void> deleteBuckets(long queueId, long from, long to) {
    List<CompletionStage<AsyncResultSet>> deletions = new ArrayList<>();
    for (long bucket = from / QueueTables.BUCKET; bucket < to / QueueTables.BUCKET; bucket++) {
      deletions.add(session.executeAsync(tables.deleteBucket.bind(queueId, bucket)));
    }
    return all(deletions);
  }

  CompletionStage<Void> deleteQueue(long queueId) {
    return next(
        () ->
            knownHead(queueId)
                .thenCompose(
                    head ->
                        deleteBuckets(queueId, head.first(), head.last() + QueueTables.BUCKET)
                            .thenCompose(
                                deleted ->
                                    commit(List.of(tables.deleteHead.bind(partition, queueId)))))
                .thenAccept(
                    deleted -> {
                      synchronized (heads) {
                        heads.remove(queueId);
                      }
                    }));
  }

  CompletionStage<Set<Long>> openSequences(String publisher) {
    return next(
        () ->
            session
                .executeAsync(tables.readDedup.bind(partition, publisher))
                .thenCompose(rows -> takeSequences(rows, new HashSet<>())));
  }

  private static CompletionStage<Set<Long>> takeSequences(AsyncResultSet rows, Set<Long> taken) {
    rows.currentPage().forEach(row -> taken.add(row.getLong("sequence")));
    return rows.hasMorePages()
        ? rows.fetchNextPage().thenCompose(more -> takeSequences(more, taken))
        : CompletableFuture.completedStage(taken);
  }

  private static CompletionStage<Void> all(List<? extends CompletionStage<?>> stages) {
    CompletableFuture<?>[] futures =
        stages.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(futures);
  }
}
