package io.troupe.loadtest.history;

import io.troupe.protocol.packet.Qos;

/**
 * Messages that must keep their order: one publisher, one topic, one QoS.
 *
 * @param id names the flow in each message's {@link Stamp}
 * @param expirySeconds Message Expiry Interval of each message; 0 for none
 */
public record Flow(int id, String publisher, String topic, Qos qos, Kind kind, int expirySeconds) {

  public Flow(int id, String publisher, String topic, Qos qos, Kind kind) {
    this(id, publisher, topic, qos, kind, 0);
  }

  /** What the messages are, which decides how they are judged. */
  public enum Kind {
    /** Ordinary messages. */
    STREAM,
    /** Retained messages, read once at the end. */
    RETAINED,
    /** The will of one client, a message per connection. */
    WILL
  }
}
