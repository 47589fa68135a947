package io.troupe.broker.limits;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How much of a number that all nodes share this node may still take. Nobody decides for the
 * others: each second every node takes a part of what is left and tells it to the others as taken,
 * before it is; so what all have and may take stays below the limit as long as nodes hear of each
 * other within half a second. Where fewer places are left than there are nodes, a node that had to
 * refuse somebody takes one: then at most a place for each other node too many is given.
 *
 * <p>Thread-safe; {@link #renew} is called by one thread.
 */
public final class ClusterCap {
  /** Without a limit. */
  public static final ClusterCap NONE = new ClusterCap(0);

  private final long max;
  private final AtomicLong free = new AtomicLong();
  private final AtomicLong unsettled = new AtomicLong();
  private volatile boolean refused;

  /**
   * @param max of all nodes together; 0: no limit
   */
  public ClusterCap(long max) {
    this.max = max;
  }

  /** Takes a place; false if this node may take none now. */
  public boolean tryTake() {
    if (max == 0) {
      return true;
    }
    if (free.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      unsettled.incrementAndGet();
      return true;
    }
    refused = true;
    return false;
  }

  /** This many places that were taken are counted from now on, or were not needed. */
  public void settled(long places) {
    if (max > 0) {
      unsettled.addAndGet(-places);
    }
  }

  /** A place that was counted is free again. */
  public void giveBack() {
    if (max > 0) {
      free.incrementAndGet();
    }
  }

  /**
   * Takes account of the others.
   *
   * @param own what this node has, without what is not settled
   * @param others what the other nodes have told that they have and may take
   * @param nodes how many there are, with this one; 0: not all have been heard of yet
   * @return what this node has and may take, to be told to the others
   */
  public long renew(LongSupplier own, long others, int nodes) {
    if (max == 0) {
      return own.getAsLong();
    }
    long has = unsettled.get(); // first: what settles meanwhile counts twice rather than not at all
    has += own.getAsLong();
    long left = Math.max(0, max - has - others);
    long part = nodes == 0 ? 0 : left >= nodes ? left / nodes : refused ? Math.min(1, left) : 0;
    refused = false;
    free.set(part);
    return has + part;
  }
}
