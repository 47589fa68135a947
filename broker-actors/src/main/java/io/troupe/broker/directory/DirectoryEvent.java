package io.troupe.broker.directory;

import java.util.List;

/** What a directory partition writes to its journal and snapshots. */
sealed interface DirectoryEvent {

  /**
   * Records are new or changed, or gone. No client occurs twice.
   *
   * @param put each replaces its client's
   * @param removed client identifiers
   */
  record Changed(List<ClientRecord> put, List<String> removed) implements DirectoryEvent {
    public Changed {
      put = List.copyOf(put);
      removed = List.copyOf(removed);
    }

    int size() {
      return put.size() + removed.size();
    }
  }

  /** All records of a partition: its snapshot. */
  record All(List<ClientRecord> clients) implements DirectoryEvent {
    public All {
      clients = List.copyOf(clients);
    }
  }
}
