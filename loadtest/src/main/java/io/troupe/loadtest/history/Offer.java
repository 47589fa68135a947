package io.troupe.loadtest.history;

/** One message as its publisher knows it; guarded by its {@link History}. */
final class Offer {
  /** What the publisher was told. */
  enum Fate {
    /** Nothing was heard: 0 or more copies may arrive. */
    INDETERMINATE,
    /** PUBACK or PUBREC below 0x80; for a will, that the connection was lost. */
    TAKEN_OVER,
    /** An error code: as indeterminate. */
    REFUSED,
    /** A will whose client said goodbye: no copy may arrive. */
    WITHDRAWN
  }

  final long offeredAtNanos;
  final boolean deletes;
  Fate fate = Fate.INDETERMINATE;

  /** When the publisher was told that it is taken over; {@link Long#MAX_VALUE} if it was not. */
  long takenOverAtNanos = Long.MAX_VALUE;

  boolean repeated;

  Offer(long offeredAtNanos, boolean deletes) {
    this.offeredAtNanos = offeredAtNanos;
    this.deletes = deletes;
  }
}
