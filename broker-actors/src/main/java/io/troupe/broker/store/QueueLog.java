package io.troupe.broker.store;

import io.troupe.protocol.packet.Payload;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Durable, ordered logs of messages, one per queue of a topic partition. Offsets are 1, 2, 3 ... in
 * each queue without gaps, assigned by the caller, of which there is one per partition at a time.
 *
 * <p>Safe for use by any thread. Stages complete on a thread of the store: what is chained to them
 * must be short or go elsewhere (a tell to an actor is short).
 *
 * <p>Stages fail with {@link StoreOverloadedException} when more is under way than the configured
 * bounds allow, {@link StoreUnavailableException} while the store cannot write or read at all, and
 * {@link StoreDamagedException} when stored bytes are not what was written.
 */
public interface QueueLog {

  /**
   * One stored message.
   *
   * @param queueId unique in the cluster, from {@link #queueId(int, int)}
   * @param offset 1 or more; one above the offset before it
   * @param bytes the message as its partition encodes it
   * @param cumulativeBytes sum of the sizes of all entries this queue ever had, up to and including
   *     this one, in the caller's measure; never descends. The difference of two counters tells the
   *     size of what lies between.
   */
  record Entry(long queueId, long offset, Payload bytes, long cumulativeBytes) {
    public Entry {
      if (offset < 1) {
        throw new IllegalArgumentException("offset " + offset + " is below 1");
      }
    }
  }

  /**
   * Mark that a message of a publisher was taken over into a partition and that its handshake is
   * still open, so that a repeat is recognised.
   *
   * @param publisher the publishing session's client identifier
   * @param sequence the publisher's own number of this message, or any other long unique to it
   */
  record DedupKey(int partition, String publisher, long sequence) {}

  /**
   * First and last stored offset and their cumulative byte counters. Of an empty queue: {@code
   * firstOffset} is {@code lastOffset + 1} and both counters are those of the last entry it ever
   * had; of a queue never appended to, {@code (1, 0, 0, 0)}.
   */
  record Bounds(
      long firstOffset, long lastOffset, long firstCumulativeBytes, long lastCumulativeBytes) {
    public static final Bounds NEVER_USED = new Bounds(1, 0, 0, 0);

    public boolean isEmpty() {
      return firstOffset > lastOffset;
    }
  }

  /** The id of a partition's queue; ids of deleted queues are not to be used again. */
  static long queueId(int partition, int localId) {
    return (long) partition << 32 | (localId & 0xFFFF_FFFFL);
  }

  /**
   * Stores entries of any number of queues. When the stage completes all of them are on disk
   * (fsynced), together with the {@code dedup} keys and without the {@code forget} keys. When it
   * fails the caller must assume nothing: all may be there or none, never a part. Calls are stored
   * in the order in which they were made.
   */
  CompletionStage<Void> append(List<Entry> entries, List<DedupKey> dedup, List<DedupKey> forget);

  /**
   * Entries of one queue from an offset on, ascending: at most {@code maxEntries}, and no further
   * one once {@code maxBytes} of payload are reached (so at least one entry if there is one).
   * Starts at the first stored entry when {@code fromOffset} lies before it. Sees only entries that
   * are on disk.
   */
  CompletionStage<List<Entry>> read(long queueId, long fromOffset, int maxEntries, long maxBytes);

  /**
   * What the queue holds, counting every append called before. The last offset and its counter
   * survive the deletion of all entries: an offset is never used again.
   */
  CompletionStage<Bounds> bounds(long queueId);

  /**
   * Gives back the space of entries up to and including this offset (at most the last stored one).
   * Not synced: after a crash such entries may be back and the caller deletes them again.
   */
  CompletionStage<Void> deleteTo(long queueId, long offset);

  /**
   * Gives back the space of entries in the middle of a queue, both included. The queue's last entry
   * must not be among them: it tells where the queue ends. Some may stay; not synced, as {@link
   * #deleteTo}.
   */
  CompletionStage<Void> deleteRange(long queueId, long fromOffset, long toOffset);

  /** Forgets the queue and its last offset. Not synced, as {@link #deleteTo}. */
  CompletionStage<Void> deleteQueue(long queueId);

  /** The sequences of all open {@link DedupKey}s of one publisher in one partition. */
  CompletionStage<Set<Long>> openSequences(int partition, String publisher);
}
