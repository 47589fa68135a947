package io.troupe.broker.store;

/**
 * How the store is doing, for readiness checks and metrics.
 *
 * @param reason for people; empty when {@code OK}
 * @param commitLatencyMicros of the latest group commit, write and fsync; of the one under way when
 *     that has already taken longer
 * @param pendingBytes what waits for a commit
 */
public record StoreHealth(
    Status status, String reason, long commitLatencyMicros, long pendingBytes) {

  /** Whether appends are acknowledged. */
  public enum Status {
    OK,
    /** Commits take longer than {@code troupe.store.slow-commit}; nothing is lost. */
    SLOW,
    /** Nothing is acknowledged until the store has recovered. */
    FAILED
  }
}
