package io.troupe.broker.metrics;

import java.util.Locale;

/** What happens to sessions, for counting. */
public enum SessionChange {
  CREATED,
  /** An existing session was attached to a new connection. */
  RESUMED,
  /** Its connection was replaced by another. */
  TAKEN_OVER,
  /** The Session Expiry Interval passed. */
  EXPIRED,
  /** Ended by Clean Start, with its connection, or by an operator. */
  ENDED;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The metric label. */
  public String label() {
    return label;
  }
}
