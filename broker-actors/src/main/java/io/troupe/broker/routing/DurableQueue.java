package io.troupe.broker.routing;

import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.QueueConfig;
import io.troupe.broker.config.QueueConfig.Limits;
import io.troupe.broker.config.WhenFull;
import io.troupe.broker.store.QueueLog;

/**
 * The offsets, sizes and cursors of one durable queue; its messages are in the {@link QueueLog}.
 *
 * <p>Offsets below {@link #end} are stored; those from there to {@link #assigned} are on their way.
 * After a restart nothing is known until {@link #load}: most queues are not used for long times.
 *
 * <p>Limits hold per subscriber, but those that drop the oldest move all cursors together.
 */
final class DurableQueue {
  private static final int DEVICE = 0;
  private static final int APPLICATION = 1;

  final long id;
  private boolean loaded;
  private long first = 1;
  private long end = 1;
  private long assigned = 1;
  private long assignedBytes;
  private long storedBytes;
  private long deletedBelow = 1;
  private final CursorSet[] cursors = {new CursorSet(), new CursorSet()};
  private final OffsetSamples sizes = new OffsetSamples();
  private final OffsetSamples times = new OffsetSamples();

  DurableQueue(long id) {
    this.id = id;
  }

  boolean isLoaded() {
    return loaded;
  }

  /** It was never used before. */
  void loadFresh() {
    load(QueueLog.Bounds.NEVER_USED);
  }

  /**
   * Takes what the store says.
   *
   * @return whether it holds more than was known: subscribers in step are not in step any more
   */
  boolean load(QueueLog.Bounds bounds) {
    long known = end;
    boolean wasKnown = !sizes.isEmpty();
    loaded = true;
    first = bounds.firstOffset();
    end = bounds.lastOffset() + 1;
    assigned = end;
    storedBytes = bounds.lastCumulativeBytes();
    assignedBytes = storedBytes;
    deletedBelow = first;
    sizes.clear();
    sizes.sample(first + (bounds.isEmpty() ? 0 : 1), bounds.firstCumulativeBytes());
    sizes.sample(end, storedBytes);
    return wasKnown && end > known;
  }

  /** An append failed: only the store knows what it holds. */
  void unload() {
    loaded = false;
  }

  /** The first offset that may still be read. */
  long first() {
    return first;
  }

  /** The offset after the last one stored. */
  long end() {
    return end;
  }

  long assigned() {
    return assigned;
  }

  long bytes() {
    return storedBytes - sizes.at(first);
  }

  private static int kind(boolean application) {
    return application ? APPLICATION : DEVICE;
  }

  // Cursors.

  void addCursor(boolean application, long cursor) {
    cursors[kind(application)].add(cursor);
  }

  void removeCursor(boolean application, long cursor) {
    cursors[kind(application)].remove(cursor);
  }

  void moveCursor(boolean application, long from, long to) {
    CursorSet set = cursors[kind(application)];
    if (set.effective(to) != set.effective(from)) {
      set.remove(from);
      set.add(to);
    }
  }

  boolean hasCursors() {
    return !cursors[DEVICE].isEmpty() || !cursors[APPLICATION].isEmpty();
  }

  long effectiveCursor(boolean application, long cursor) {
    return cursors[kind(application)].effective(cursor);
  }

  /** Below this everything was dropped by a limit, for subscribers of this kind. */
  long floor(boolean application) {
    return cursors[kind(application)].floor();
  }

  /** Messages that cursors have before them, summed. */
  long pending() {
    return cursors[DEVICE].pending(end) + cursors[APPLICATION].pending(end);
  }

  // Appending.

  /** Whether a message must be refused, since a subscriber for whom that is the rule is full. */
  boolean refuses(int size, QueueConfig config) {
    return refuses(cursors[DEVICE], config.device(), size)
        || refuses(cursors[APPLICATION], config.application(), size);
  }

  private boolean refuses(CursorSet set, Limits limits, int size) {
    if (limits.whenFull() != WhenFull.REFUSE_PUBLISHER || set.isEmpty()) {
      return false;
    }
    long lowest = set.lowest(assigned);
    return assigned - lowest >= limits.messagesMax()
        || (assigned > lowest && assignedBytes - sizes.at(lowest) + size > limits.bytesMax());
  }

  /** Gives a message its offset. */
  long assign(int size) {
    assignedBytes += size;
    return assigned++;
  }

  long assignedBytes() {
    return assignedBytes;
  }

  /** All that was assigned is stored now. */
  void stored(long lastReceivedAtMillis) {
    sizes.sample(end, storedBytes);
    end = assigned;
    storedBytes = assignedBytes;
    sizes.sample(end, storedBytes);
    times.sample(end, lastReceivedAtMillis);
  }

  /** What a page that was read tells about sizes. */
  void observe(long offset, long cumulativeBytes) {
    if (offset >= first && offset < end) {
      sizes.sample(offset + 1, cumulativeBytes);
    }
  }

  // Limits.

  /**
   * Where the oldest messages are dropped: moves cursors that are too far behind.
   *
   * @return how many messages were dropped, summed over subscribers
   */
  long dropOldest(QueueConfig config) {
    return dropOldest(cursors[DEVICE], config.device())
        + dropOldest(cursors[APPLICATION], config.application());
  }

  private long dropOldest(CursorSet set, Limits limits) {
    if (limits.whenFull() != WhenFull.DROP_OLDEST || set.isEmpty()) {
      return 0;
    }
    long floor = end - limits.messagesMax();
    if (storedBytes - sizes.at(Math.max(floor, set.lowest(end))) > limits.bytesMax()) {
      floor = Math.max(floor, Math.min(end, sizes.offsetAt(storedBytes - limits.bytesMax())));
    }
    return set.raise(floor);
  }

  /**
   * Moves cursors over messages that are too old.
   *
   * @return how many messages were dropped, summed over subscribers
   */
  long dropAged(QueueConfig config, long nowMillis) {
    return dropAged(cursors[DEVICE], config.device(), nowMillis)
        + dropAged(cursors[APPLICATION], config.application(), nowMillis);
  }

  private long dropAged(CursorSet set, Limits limits, long nowMillis) {
    if (limits.ageMax().equals(BrokerConfig.NEVER) || times.isEmpty() || set.isEmpty()) {
      return 0;
    }
    return set.raise(Math.min(end, times.offsetAt(nowMillis - limits.ageMax().toMillis())));
  }

  /**
   * Where a subscriber that drops the newest is full.
   *
   * @return the first offset beyond its limits
   */
  long fullAt(long cursor, Limits limits) {
    long byCount = cursor + limits.messagesMax();
    if (byCount >= end && storedBytes - sizes.at(cursor) <= limits.bytesMax()) {
      return Long.MAX_VALUE;
    }
    long byBytes = sizes.offsetAt(sizes.at(cursor) + limits.bytesMax());
    return Math.max(cursor + 1, Math.min(byCount, byBytes));
  }

  // Space.

  /**
   * The offset up to which (inclusive) space can be given back now, or 0: nothing new.
   *
   * @param least how many messages make it worth the while
   */
  long deletable(long least) {
    if (!loaded) {
      return 0;
    }
    long lowest = Math.min(cursors[DEVICE].lowest(end), cursors[APPLICATION].lowest(end));
    lowest = Math.min(lowest, end);
    return lowest - deletedBelow >= least ? lowest - 1 : 0;
  }

  void deletedTo(long offset) {
    deletedBelow = offset + 1;
    first = Math.max(first, offset + 1);
    sizes.forgetBelow(first);
    times.forgetBelow(first);
  }
}
