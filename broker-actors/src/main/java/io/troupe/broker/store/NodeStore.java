package io.troupe.broker.store;

import java.util.Optional;

/**
 * What keeps a node's data beside Akka's journal. A program opens it before its actor system and
 * closes it after.
 */
public interface NodeStore extends AutoCloseable {

  /** The durable queues of the topic partitions. */
  QueueLog queueLog();

  /** What the node remembers about itself. */
  NodeMarks nodeMarks();

  /** What lets this node acknowledge. */
  NodeLease lease();

  /** Removes what ended sessions leave in it; empty if this store keeps that. */
  Optional<EndedSessions> endedSessions();

  /**
   * What this node's disk holds, for a backup.
   *
   * @throws BackupException when it cannot be had, or the data is elsewhere
   */
  StoreCheckpoint checkpoint() throws BackupException;

  /** How the store is doing; cheap enough to be asked often. */
  StoreHealth health();

  /** Stores what was asked for before. Closing again does nothing. */
  @Override
  void close();
}
