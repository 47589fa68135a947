package io.troupe.broker.routing;

import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.config.QueueConfig;
import io.troupe.broker.config.QueueConfig.Limits;
import io.troupe.broker.config.WhenFull;
import io.troupe.broker.store.QueueLog;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The offsets, sizes and cursors of one durable queue; its messages are in the {@link QueueLog}.
 *
 * <p>Offsets below {@link #end} are stored; those from there to {@link #assigned} are on their way.
 * After a restart nothing is known until {@link #load}: most queues are not used for long times.
 *
 * <p>Limits hold per subscriber: the backlog of one is what lies between its cursor and the end.
 * Those with the same limits are looked at together, so that a limit costs nothing per subscriber.
 * Nothing is waiting for a subscriber in step: it was given all there is.
 */
final class DurableQueue {
  final long id;
  private boolean loaded;
  private long first = 1;
  private long end = 1;
  private long assigned = 1;
  private long assignedBytes;
  private long storedBytes;
  private long deletedBelow = 1;
  private final Map<ClientLimits, Backlog> backlogs = new HashMap<>(2);
  private final OffsetSamples sizes = new OffsetSamples();
  private final OffsetSamples times = new OffsetSamples();
  private final Gaps gaps = new Gaps();

  /** Where subscribers with the same limits stand. */
  private static final class Backlog {
    private final ClientLimits clientLimits;

    /** Those that are behind, or offline: their limits count from here. */
    final CursorSet waiting = new CursorSet();

    /** Those that were given all there is: only space is kept for what they have not settled. */
    final CursorSet inStep = new CursorSet();

    private @Nullable Limits limits;

    Backlog(ClientLimits clientLimits) {
      this.clientLimits = clientLimits;
    }

    CursorSet cursors(boolean ofThoseInStep) {
      return ofThoseInStep ? inStep : waiting;
    }

    boolean isEmpty() {
      return waiting.isEmpty() && inStep.isEmpty();
    }

    Limits limits(QueueConfig config) {
      if (limits == null) {
        limits = clientLimits.in(config);
      }
      return limits;
    }
  }

  DurableQueue(long id) {
    this.id = id;
  }

  boolean isLoaded() {
    return loaded;
  }

  /** It was never used before. */
  void loadFresh() {
    load(QueueLog.Bounds.NEVER_USED, 0);
  }

  /**
   * Takes what the store says.
   *
   * @param nowMillis milliseconds since the epoch
   * @return whether it holds more than was known: subscribers in step are not in step any more
   */
  boolean load(QueueLog.Bounds bounds, long nowMillis) {
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
    if (times.isEmpty() && !bounds.isEmpty()) {
      // Nothing here is younger; it may be older, which a page will tell.
      times.sample(first, nowMillis);
      times.sample(end, nowMillis);
    }
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

  /** How many messages it holds. */
  long messages() {
    return end - first - gaps.messages(first);
  }

  long bytes() {
    return storedBytes - sizes.at(first) - gaps.bytes(first, sizes);
  }

  // Cursors.

  private Backlog backlog(ClientLimits limits) {
    return backlogs.computeIfAbsent(limits, Backlog::new);
  }

  /** A subscriber, or a group, that is not in step begins to read here. */
  void addCursor(ClientLimits limits, long cursor) {
    backlog(limits).waiting.add(cursor);
  }

  void removeCursor(ClientLimits limits, long cursor, boolean inStep) {
    Backlog backlog = backlog(limits);
    backlog.cursors(inStep).remove(cursor);
    if (backlog.isEmpty()) {
      backlogs.remove(limits);
    }
  }

  void moveCursor(ClientLimits limits, boolean inStep, long from, long to) {
    CursorSet set = backlog(limits).cursors(inStep);
    if (set.effective(to) != set.effective(from)) {
      set.remove(from);
      set.add(to);
    }
  }

  /** A subscriber comes into step: limits do not concern it. */
  void enterStep(ClientLimits limits, long cursor) {
    Backlog backlog = backlog(limits);
    long stands = backlog.waiting.effective(cursor);
    backlog.waiting.remove(cursor);
    backlog.inStep.add(stands);
  }

  /** It is in step no more: what it has not settled waits for it. */
  void leaveStep(ClientLimits limits, long cursor) {
    Backlog backlog = backlog(limits);
    backlog.inStep.remove(cursor);
    backlog.waiting.add(cursor);
  }

  boolean hasCursors() {
    return !backlogs.isEmpty();
  }

  long effectiveCursor(SubscriberState subscriber) {
    return subscriber.inStep
        ? subscriber.cursor
        : effectiveCursor(subscriber.cursorLimits, subscriber.cursor);
  }

  long effectiveCursor(ClientLimits limits, long cursor) {
    return Math.max(cursor, floor(limits));
  }

  /** Below this everything was dropped by a limit, for subscribers with these limits. */
  long floor(ClientLimits limits) {
    Backlog backlog = backlogs.get(limits);
    return backlog == null ? 0 : backlog.waiting.floor();
  }

  // Appending.

  /** Whether a message must be refused, since a subscriber for whom that is the rule is full. */
  boolean refuses(int size, QueueConfig config) {
    for (Backlog backlog : backlogs.values()) {
      Limits limits = backlog.limits(config);
      if (limits.whenFull() == WhenFull.REFUSE_PUBLISHER
          && !backlog.waiting.isEmpty()
          && isFull(backlog.waiting.lowest(assigned), limits, size)) {
        return true;
      }
    }
    return false;
  }

  private boolean isFull(long lowest, Limits limits, int size) {
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
    long dropped = 0;
    for (Backlog backlog : backlogs.values()) {
      Limits limits = backlog.limits(config);
      if (limits.whenFull() == WhenFull.DROP_OLDEST) {
        dropped += dropOldest(backlog.waiting, limits);
      }
    }
    return dropped;
  }

  private long dropOldest(CursorSet set, Limits limits) {
    if (set.isEmpty()) {
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
    long dropped = 0;
    for (Backlog backlog : backlogs.values()) {
      Duration ageMax = backlog.limits(config).ageMax();
      if (!ageMax.equals(BrokerConfig.NEVER) && !times.isEmpty() && !backlog.waiting.isEmpty()) {
        long floor = Math.min(end, times.offsetAt(nowMillis - ageMax.toMillis()));
        dropped += backlog.waiting.raise(floor);
      }
    }
    return dropped;
  }

  /** Whether any subscriber has the newest dropped. */
  boolean dropsNewest(QueueConfig config) {
    for (Backlog backlog : backlogs.values()) {
      if (backlog.limits(config).whenFull() == WhenFull.DROP_NEWEST) {
        return true;
      }
    }
    return false;
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
    long lowest = end;
    for (Backlog backlog : backlogs.values()) {
      lowest = Math.min(lowest, backlog.waiting.lowest(end));
      lowest = Math.min(lowest, backlog.inStep.lowest(end));
    }
    return lowest - deletedBelow >= least ? lowest - 1 : 0;
  }

  /** Where something is left of a range in the middle. */
  long leftFrom(long from) {
    return gaps.leftFrom(from);
  }

  /** A range in the middle was given back, {@code to} not included. */
  void deleted(long from, long to) {
    gaps.add(from, to);
  }

  void deletedTo(long offset) {
    gaps.forgetBelow(offset + 1);
    deletedBelow = offset + 1;
    first = Math.max(first, offset + 1);
    sizes.forgetBelow(first);
    times.forgetBelow(first);
  }
}
