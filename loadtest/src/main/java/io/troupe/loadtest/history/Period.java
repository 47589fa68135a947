package io.troupe.loadtest.history;

/**
 * A time during which a client was subscribed, in nanoseconds; guarded by its {@link History}.
 *
 * <pre>
 *   SUBSCRIBE sent   SUBACK              UNSUBACK, or CONNACK without session
 *   beganAt ------- grantedAt ---------- endedAt
 * </pre>
 */
final class Period {
  static final long NEVER = Long.MAX_VALUE;

  final long beganAtNanos;

  /** Whether it began with a new session, to which nothing of an earlier one may come. */
  final boolean fresh;

  long grantedAtNanos = NEVER;
  long endedAtNanos = NEVER;

  Period(long beganAtNanos, boolean fresh) {
    this.beganAtNanos = beganAtNanos;
    this.fresh = fresh;
  }
}
