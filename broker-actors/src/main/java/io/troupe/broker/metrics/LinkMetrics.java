package io.troupe.broker.metrics;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What goes between this node and all others together, by direction: with a label for each pair of
 * nodes the series of a cluster would grow with the square of its nodes. Thread-safe.
 */
public final class LinkMetrics {

  /** As this node sees it. */
  public enum Direction {
    SENT,
    RECEIVED
  }

  /**
   * Since the start.
   *
   * @param bytes of batches, without what Akka adds
   * @param items in them: what one command to a session, or one answer to a connection, makes
   * @param dropped items: sent, because the other node does not keep up or is gone; received, for
   *     connections that are gone
   * @param broken links that began anew: its clients had to connect again
   */
  public record Counts(
      LongAdder bytes, LongAdder batches, LongAdder items, LongAdder dropped, LongAdder broken) {

    /** A batch is on its way, or has come. */
    public void batch(long batchBytes, long batchItems) {
      bytes.add(batchBytes);
      batches.increment();
      items.add(batchItems);
    }
  }

  private final Map<Direction, Counts> counts = new EnumMap<>(Direction.class);
  private final LongAdder repeated = new LongAdder();
  private volatile LongSupplier waitingItems = () -> 0;
  private volatile LongSupplier waitingBytes = () -> 0;
  private volatile LongSupplier longestBytes = () -> 0;

  LinkMetrics() {
    for (Direction direction : Direction.values()) {
      counts.put(
          direction,
          new Counts(
              new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder()));
    }
  }

  /** The counts of a direction. */
  public Counts of(Direction direction) {
    Counts found = counts.get(direction);
    if (found == null) {
      throw new AssertionError(direction);
    }
    return found;
  }

  /** A batch that was not confirmed within a second is sent again. */
  public void repeat() {
    repeated.increment();
  }

  /**
   * How the links tell what waits now.
   *
   * @param longest bytes for the node for which most waits
   */
  public void waiting(LongSupplier items, LongSupplier bytes, LongSupplier longest) {
    waitingItems = items;
    waitingBytes = bytes;
    longestBytes = longest;
  }

  /** Batches sent again since the start. */
  public long repeated() {
    return repeated.sum();
  }

  /** Items that wait for other nodes now, with those under way. */
  public long waitingItems() {
    return waitingItems.getAsLong();
  }

  /** Their bytes, about. */
  public long waitingBytes() {
    return waitingBytes.getAsLong();
  }

  /** Bytes for the node for which most waits. */
  public long longestBytes() {
    return longestBytes.getAsLong();
  }
}
