package io.troupe.broker.directory;

/** Sends to sessions, starting those that are not in memory. Thread-safe. */
@FunctionalInterface
public interface SessionWaker {

  /**
   * Tells a session to look at the clock.
   *
   * @param lostIncarnation the node incarnation of its connection if that is gone, else empty
   * @param lostAtMillis when that was last known alive, milliseconds since the epoch, else 0
   */
  void wake(String clientId, String lostIncarnation, long lostAtMillis);
}
