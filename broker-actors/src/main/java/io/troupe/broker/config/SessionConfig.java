package io.troupe.broker.config;

import java.time.Duration;

/** Limits of one client's session in memory; reasons in {@code reference.conf}. Sizes in bytes. */
public record SessionConfig(
    int pendingMessagesMax,
    long pendingBytesMax,
    long unsentBytesMax,
    int mailboxMessagesMax,
    Duration passivateAfter,
    int cursorCheckpointMessages,
    Duration cursorCheckpointInterval) {

  private static final long GIB = 1L << 30;

  static SessionConfig read(ConfigReader in) {
    return new SessionConfig(
        in.integer("pending-messages-max", 1, 100_000),
        in.bytes("pending-bytes-max", 1024, GIB),
        in.bytes("unsent-bytes-max", 1024, GIB),
        in.integer("mailbox-messages-max", 16, 1_000_000),
        in.duration("passivate-after", Duration.ofSeconds(1), Duration.ofDays(1)),
        in.integer("cursor-checkpoint-messages", 1, 100_000),
        in.duration("cursor-checkpoint-interval", Duration.ofMillis(10), Duration.ofMinutes(1)));
  }
}
