package io.troupe.broker.connection;

import io.troupe.broker.config.SessionConfig;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a client has given its session to do, and the session has not done: the client is not read
 * while it is too much. Owned by the connection's event loop, except {@link #done}.
 */
final class SessionWork {
  /**
   * A filter of SUBSCRIBE or UNSUBSCRIBE; an acknowledgement is 1. Others have work with it too.
   */
  static final int FILTER = 10;

  /** Acknowledgements come many in a batch. */
  private static final int PER_BATCH = 20;

  private static final long PATIENCE_SECONDS = 5;

  private final ClientConnection connection;
  private final int max;
  private final AtomicInteger open = new AtomicInteger();
  private long pauses;
  private boolean watching;

  SessionWork(ClientConnection connection, SessionConfig session) {
    this.connection = connection;
    this.max = session.mailboxMessagesMax() * PER_BATCH;
  }

  /** More was given. */
  void add(int units) {
    if (open.addAndGet(units) > max && connection.pause(Pauses.SESSION)) {
      pauses++;
      if (!watching) {
        watch();
      }
    }
  }

  /** Any thread: some of it is done; whether what was too much has just become half of it. */
  boolean done(int units) {
    int before = open.getAndUpdate(n -> Math.max(0, n - units));
    return before > max / 2 && before - units <= max / 2;
  }

  private void watch() {
    watching = true;
    long now = pauses;
    connection.mqtt().eventLoop().schedule(() -> look(now), PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Nobody waits for ever for what a session on another node may never tell. */
  private void look(long pausesThen) {
    watching = false;
    if (connection.pauses().contains(Pauses.SESSION)) {
      if (pauses != pausesThen) {
        watch();
      } else {
        open.set(0);
        connection.resume(Pauses.SESSION);
      }
    }
  }
}
