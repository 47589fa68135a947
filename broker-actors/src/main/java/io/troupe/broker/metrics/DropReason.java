package io.troupe.broker.metrics;

import java.util.Locale;

/** Why a message was not handed to a subscriber, or to any. One enum for log, metric and API. */
public enum DropReason {
  /** Nobody has subscribed to its topic. */
  NO_SUBSCRIBER,
  /** An offline queue was full and drops its oldest or newest; counted per subscriber. */
  QUEUE_FULL,
  /** It waited longer in an offline queue than that keeps messages; counted per subscriber. */
  QUEUE_AGED,
  /** An offline queue was full and refuses: the publisher was told and still has the message. */
  QUEUE_REFUSED,
  /** The offline queues of a node were full together: the publisher was told, as before. */
  NODE_QUEUES_FULL,
  /** The Message Expiry Interval has passed (MQTT-3.3.2-5). */
  EXPIRED,
  /** Larger than the Maximum Packet Size of the client (MQTT-3.1.2-25). */
  TOO_LARGE,
  /** A rule forbids publishing or receiving it. */
  NOT_AUTHORIZED,
  /** The publisher exceeds its rate. */
  RATE_LIMITED,
  /** The only match was a No Local subscription of the publisher (MQTT-3.8.3-3). */
  NO_LOCAL,
  /**
   * To a client that takes messages more slowly than they come: QoS 0 to a socket that does not
   * take what was written before, QoS 1 and 2 to a session that ends with its connection and holds
   * all it may.
   */
  SLOW_CONSUMER,
  /** QoS 0 to a session without connection. */
  OFFLINE,
  /** Queued for a session that expired or was ended. */
  SESSION_ENDED,
  /** Retained messages are at their limit in count or bytes. */
  RETAINED_FULL,
  /** It could not be stored, so it was not acknowledged either. */
  STORE_FAILED,
  /** The node has more to do than it can. */
  OVERLOAD;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Whether a limit of the broker dropped it, rather than a rule or the subscriptions. */
  public boolean isLimit() {
    switch (this) {
      case QUEUE_FULL:
      case QUEUE_AGED:
      case QUEUE_REFUSED:
      case NODE_QUEUES_FULL:
      case SLOW_CONSUMER:
      case RATE_LIMITED:
      case RETAINED_FULL:
      case STORE_FAILED:
      case OVERLOAD:
        return true;
      default:
        return false;
    }
  }

  /** The metric label and API value. */
  public String label() {
    return label;
  }
}
