package io.troupe.broker.store;

import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * Removes what sessions leave behind that have ended: events, snapshots, and the marks of their QoS
 * 2 messages. So clients that never come back leave nothing. Thread-safe.
 */
public interface EndedSessions {

  /**
   * A session that has ended and whose actor writes nothing any more.
   *
   * @param persistenceId under which it is stored
   * @param toSequenceNr its last event; 0 if it stored none
   * @param publisher under which its QoS 2 messages were marked
   * @param marksTo the highest sequence of its messages; 0 if none was marked
   * @param partitions of topics: marks are in numbers 0 to {@code partitions - 1}
   */
  record Ended(
      String persistenceId, long toSequenceNr, String publisher, long marksTo, int partitions) {}

  /**
   * Forgets a session in one step: after a crash all of it is there or nothing. Not synced: what
   * the caller stores after the stage has completed is on disk only with it.
   *
   * <p>The session's actor lives until the stage completes. Then its sequence numbers begin anew,
   * which is safe since no snapshot is left that they could be below.
   */
  CompletionStage<Void> forget(Ended ended);

  /**
   * Removes in the background the marks of publishers that have neither events nor snapshots: what
   * a crash, or a message stored behind the end of its publisher's session, has left.
   *
   * @param persistenceId of a publisher's session
   * @param below sequences of sessions that began before now are lower than this, those of later
   *     ones are not: a session that ends with its connection has no events either
   */
  void sweepMarks(UnaryOperator<String> persistenceId, long below);
}
