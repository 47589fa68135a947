package io.troupe.broker.store;

import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * Numbers a node remembers about itself by name, such as when it was last alive. Names are the
 * program's own, never a client's.
 */
public interface NodeMarks {

  /** Notes a number. Not synced: a power failure may take the latest seconds back. */
  CompletionStage<Void> put(String name, long value);

  /**
   * The latest number of this name. Waits for the store: for the start of a node.
   *
   * @throws StoreDamagedException when the stored bytes are not what was written
   * @throws StoreUnavailableException when the store is closed or cannot read
   */
  OptionalLong get(String name);
}
