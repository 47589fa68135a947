package io.troupe.broker.config;

/** What happens to a message whose durable queue is at its limit. */
public enum WhenFull {
  /** The oldest message of the queue goes; the slowest subscribers lose it. */
  DROP_OLDEST,
  /** The new message is not queued; its publisher is acknowledged. */
  DROP_NEWEST,
  /** The publisher is refused with QUOTA_EXCEEDED. */
  REFUSE_PUBLISHER
}
