package io.troupe.broker.connection;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one event loop has sent to one session, and neither the session nor its connection has taken
 * or dropped: the bound on a session's mailbox. The loop sends and ticks, others take. Thread-safe.
 *
 * <pre>
 *   OPEN --at the limit--> FULL --half taken--> OPEN
 *                          FULL --nothing taken for {@value #STUCK_TICKS} ticks--> STUCK
 *                                 STUCK --half taken--> OPEN
 * </pre>
 *
 * While FULL, those who publish to the session wait. A STUCK session waits itself, for a disk
 * perhaps, or is no more: nobody waits for it, and what comes for it is dropped and counted. Ticks,
 * not the clock, so that a pause of the whole process makes no session STUCK.
 */
public final class Undelivered {
  static final int STUCK_TICKS = 8;
  private static final int FORGET_TICKS = 240;

  /** About what a batch takes in a mailbox besides its messages. */
  static final int BATCH_BYTES = 256;

  private final AtomicLong total;
  private final Limit limit;
  private int batches;
  private long bytes;
  private long takenParcels;
  private boolean full;
  private boolean still;
  private long takenAtTick;
  private int ticksWithout;
  private int ticksUnused;

  /**
   * @param total bytes on their way to all sessions of the loop, without those that take nothing
   */
  Undelivered(AtomicLong total, Limit limit) {
    this.total = total;
    this.limit = limit;
  }

  /** Whether more may be sent. */
  enum State {
    OPEN,
    FULL,
    STUCK
  }

  /** For one session; what comes while it is FULL is let through. */
  record Limit(int batches, long bytes) {}

  /** One batch on its way. */
  @FunctionalInterface
  public interface Parcel {
    /**
     * Its messages are written, or kept by the session within limits of its own, or dropped. Called
     * once.
     */
    void taken();
  }

  synchronized Parcel send(long moreBytes) {
    long all = moreBytes + BATCH_BYTES;
    batches++;
    bytes += all;
    if (!still) {
      total.addAndGet(all);
    }
    return () -> taken(all);
  }

  private synchronized void taken(long lessBytes) {
    batches--;
    bytes -= lessBytes;
    takenParcels++;
    if (!still) {
      total.addAndGet(-lessBytes);
    }
  }

  synchronized State state() {
    ticksUnused = 0;
    if (full) {
      full = batches > limit.batches / 2 || bytes > limit.bytes / 2;
    } else {
      full = batches >= limit.batches || bytes >= limit.bytes;
    }
    return !full ? State.OPEN : still ? State.STUCK : State.FULL;
  }

  /**
   * Time has passed.
   *
   * @return whether nothing is on its way, or none of it will ever be taken: it can be forgotten
   */
  synchronized boolean tick() {
    ticksUnused++;
    if (batches == 0 || takenParcels != takenAtTick) {
      takenAtTick = takenParcels;
      ticksWithout = 0;
      if (still) {
        still = false;
        total.addAndGet(bytes);
      }
      return batches == 0;
    }
    ticksWithout++;
    if (ticksWithout == STUCK_TICKS) {
      still = true;
      total.addAndGet(-bytes);
    }
    return still && ticksUnused >= FORGET_TICKS;
  }
}
