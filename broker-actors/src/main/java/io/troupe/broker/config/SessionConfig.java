package io.troupe.broker.config;

import java.time.Duration;

/**
 * Limits of one client's session in memory; reasons in {@code reference.conf}. Sizes in bytes.
 *
 * @param unreadTimeout without a byte taken, once unreadBytesMax are written and not taken
 * @param mailboxMessagesMax batches on their way to one session, from each event loop
 * @param undeliveredBytesMax on their way to all sessions of this node
 */
public record SessionConfig(
    int pendingMessagesMax,
    long pendingBytesMax,
    long unsentBytesMax,
    long unreadBytesMax,
    Duration unreadTimeout,
    int mailboxMessagesMax,
    long mailboxBytesMax,
    long undeliveredBytesMax,
    Duration passivateAfter,
    int cursorCheckpointMessages,
    Duration cursorCheckpointInterval) {

  private static final long GIB = 1L << 30;

  /** The part of the heap that messages on their way to sessions may take. */
  private static final int HEAP_PART = 16;

  static SessionConfig read(ConfigReader in) {
    return new SessionConfig(
        in.integer("pending-messages-max", 1, 100_000),
        in.bytes("pending-bytes-max", 1024, GIB),
        in.bytes("unsent-bytes-max", 1024, GIB),
        in.bytes("unread-bytes-max", 64 * 1024, GIB),
        in.duration("unread-timeout", Duration.ofMillis(100), Duration.ofHours(1)),
        in.integer("mailbox-messages-max", 16, 1_000_000),
        in.bytes("mailbox-bytes-max", 64 * 1024, GIB),
        in.bytes(
            "undelivered-bytes-max",
            1L << 20,
            1L << 40,
            Math.max(16L << 20, Runtime.getRuntime().maxMemory() / HEAP_PART)),
        in.duration("passivate-after", Duration.ofSeconds(1), Duration.ofDays(1)),
        in.integer("cursor-checkpoint-messages", 1, 100_000),
        in.duration("cursor-checkpoint-interval", Duration.ofMillis(10), Duration.ofMinutes(1)));
  }
}
