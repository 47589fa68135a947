package io.troupe.broker.retained;

import io.troupe.protocol.packet.Message;
import java.util.List;

/** What a retained partition writes to its journal and snapshots. */
sealed interface RetainedEvent {

  /**
   * Topics have new retained messages, or none any more. No topic occurs twice.
   *
   * @param stored each replaces its topic's
   * @param deleted topics
   */
  record Changed(List<Message> stored, List<String> deleted) implements RetainedEvent {
    public Changed {
      stored = List.copyOf(stored);
      deleted = List.copyOf(deleted);
    }

    boolean isEmpty() {
      return stored.isEmpty() && deleted.isEmpty();
    }
  }

  /** All messages of a partition: its snapshot. */
  record All(List<Message> messages) implements RetainedEvent {
    public All {
      messages = List.copyOf(messages);
    }
  }
}
