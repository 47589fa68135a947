package io.troupe.broker.routing;

import io.troupe.broker.store.QueueLog;
import io.troupe.broker.store.StoreOverloadedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A queue log in memory that can be slow and can fail, with or without having stored. */
final class MemoryQueueLog implements QueueLog {
  private static final class Queue {
    final TreeMap<Long, Entry> entries = new TreeMap<>();
    long last;
    long lastBytes;
  }

  /** How appends fail. */
  enum Failure {
    NONE,
    NOTHING_STORED,
    OVERLOAD,
    STORED_ALL_THE_SAME
  }

  private final Map<Long, Queue> queues = new HashMap<>();
  private final Set<DedupKey> dedup = new HashSet<>();
  private final Deque<Runnable> held = new ArrayDeque<>();
  private Failure failure = Failure.NONE;
  private boolean holding;
  private boolean readsFail;
  private int appends;
  private int lookUps;
  private int reads;

  synchronized void failAppends(Failure next) {
    failure = next;
  }

  synchronized void failReads(boolean fail) {
    readsFail = fail;
  }

  /** Appends stay under way until {@link #release}. */
  synchronized void hold() {
    holding = true;
  }

  synchronized void release() {
    holding = false;
    while (!held.isEmpty()) {
      held.removeFirst().run();
    }
  }

  synchronized int heldAppends() {
    return held.size();
  }

  synchronized int appends() {
    return appends;
  }

  synchronized int lookUps() {
    return lookUps;
  }

  synchronized int reads() {
    return reads;
  }

  synchronized int storedMessages() {
    return queues.values().stream().mapToInt(queue -> queue.entries.size()).sum();
  }

  synchronized int queues() {
    return queues.size();
  }

  synchronized Set<DedupKey> dedupKeys() {
    return Set.copyOf(dedup);
  }

  @Override
  public synchronized CompletionStage<Void> append(
      List<Entry> entries, List<DedupKey> add, List<DedupKey> forget) {
    appends++;
    CompletableFuture<Void> done = new CompletableFuture<>();
    Runnable work =
        () -> {
          if (failure == Failure.OVERLOAD) {
            done.completeExceptionally(new StoreOverloadedException("too much at once"));
            return;
          }
          if (failure != Failure.NOTHING_STORED) {
            store(entries);
            dedup.addAll(add);
            forget.forEach(dedup::remove);
          }
          if (failure == Failure.NONE) {
            done.complete(null);
          } else {
            done.completeExceptionally(new IllegalStateException("the disk is gone"));
          }
        };
    if (holding) {
      held.addLast(work);
    } else {
      work.run();
    }
    return done;
  }

  private void store(List<Entry> entries) {
    for (Entry entry : entries) {
      Queue queue = queues.computeIfAbsent(entry.queueId(), id -> new Queue());
      if (entry.offset() != queue.last + 1) {
        throw new AssertionError("offset " + entry.offset() + " after " + queue.last);
      }
      queue.entries.put(entry.offset(), entry);
      queue.last = entry.offset();
      queue.lastBytes = entry.cumulativeBytes();
    }
  }

  @Override
  public synchronized CompletionStage<List<Entry>> read(
      long queueId, long fromOffset, int maxEntries, long maxBytes) {
    reads++;
    if (readsFail) {
      return CompletableFuture.failedFuture(new IllegalStateException("the disk is gone"));
    }
    Queue queue = queues.get(queueId);
    List<Entry> found = new ArrayList<>();
    long bytes = 0;
    if (queue != null) {
      for (Entry entry : queue.entries.tailMap(fromOffset).values()) {
        if (found.size() == maxEntries || bytes >= maxBytes) {
          break;
        }
        found.add(entry);
        bytes += entry.bytes().length();
      }
    }
    return CompletableFuture.completedFuture(found);
  }

  @Override
  public synchronized CompletionStage<Bounds> bounds(long queueId) {
    if (readsFail) {
      return CompletableFuture.failedFuture(new IllegalStateException("the disk is gone"));
    }
    Queue queue = queues.get(queueId);
    if (queue == null) {
      return CompletableFuture.completedFuture(Bounds.NEVER_USED);
    }
    if (queue.entries.isEmpty()) {
      return CompletableFuture.completedFuture(
          new Bounds(queue.last + 1, queue.last, queue.lastBytes, queue.lastBytes));
    }
    Entry first = queue.entries.firstEntry().getValue();
    return CompletableFuture.completedFuture(
        new Bounds(first.offset(), queue.last, first.cumulativeBytes(), queue.lastBytes));
  }

  @Override
  public synchronized CompletionStage<Void> deleteTo(long queueId, long offset) {
    Queue queue = queues.get(queueId);
    if (queue != null) {
      queue.entries.headMap(offset, true).clear();
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletionStage<Void> deleteRange(
      long queueId, long fromOffset, long toOffset) {
    Queue queue = queues.get(queueId);
    if (queue != null) {
      if (toOffset >= queue.last) {
        throw new AssertionError("the last offset is lost with it");
      }
      queue.entries.subMap(fromOffset, true, toOffset, true).clear();
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletionStage<Void> deleteQueue(long queueId) {
    queues.remove(queueId);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletionStage<Set<Long>> openSequences(int partition, String publisher) {
    lookUps++;
    Set<Long> open = new HashSet<>();
    for (DedupKey key : dedup) {
      if (key.partition() == partition && key.publisher().equals(publisher)) {
        open.add(key.sequence());
      }
    }
    return CompletableFuture.completedFuture(open);
  }
}
