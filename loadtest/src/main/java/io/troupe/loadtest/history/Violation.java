package io.troupe.loadtest.history;

import java.util.Locale;

/** One broken promise and where it was seen. */
public record Violation(Kind kind, String detail) {

  /** Promises by the numbers of the reliability document. */
  public enum Kind {
    /** Taken over, but never delivered to a persistent subscriber (I1). */
    LOST,
    /** A second copy at QoS 2, or one at QoS 1 that nothing explains (I3, I5). */
    DUPLICATED,
    /** A first delivery after that of a later message of the same flow (I4). */
    REORDERED,
    /** Never offered, of another topic, or outside the subscription (I2). */
    PHANTOM,
    /**
     * Taken over before the subscription or its session began, or offered after it ended (I12,
     * I14).
     */
    UNSUBSCRIBED,
    /** First sent after its Message Expiry Interval had passed (I11). */
    EXPIRED,
    /** A payload that does not match its checksum (I2). */
    DAMAGED,
    /** DUP, RETAIN or QoS not as the specification says (I5). */
    WRONG_FLAGS,
    /** More unacknowledged messages than Receive Maximum, or a packet identifier in use (I15). */
    WINDOW_EXCEEDED,
    /** Session Present says no where a session must be, or yes where none can be (I10). */
    SESSION_LOST,
    /** A new connection of the same client did not end the old one (I6). */
    NOT_TAKEN_OVER,
    /** Not the last retained message taken over, or one deleted before (I8). */
    RETAINED_STALE,
    /** A connection was lost and its will did not arrive (I7). */
    WILL_MISSING,
    /** A will arrived twice (I7). */
    WILL_DUPLICATED,
    /** A will arrived although its client disconnected (I7). */
    WILL_UNDUE,
    /** The will of a lost node's client came more than 5 s after the loss was noticed (I7). */
    WILL_LATE,
    /** A client was without service for longer than it may (I20). */
    OUT_OF_SERVICE,
    /** The broker broke off by itself, or did not come back (I21, I22). */
    BROKER_FAILED
  }

  static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }

  @Override
  public String toString() {
    return kind + ": " + detail;
  }
}
