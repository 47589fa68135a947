package io.troupe.protocol.packet;

/**
 * An application message apart from any packet: what was published, by whom and when. Immutable and
 * shared between all receivers.
 *
 * @param topic the full topic name; topic aliases are resolved
 * @param qos the QoS it was published with; each delivery uses the lower of this and the
 *     subscription's
 * @param retain the RETAIN flag it was published with
 * @param publisher client identifier of the publisher, for No Local; empty for messages of the
 *     broker itself
 * @param receivedAtMillis when the broker received it, milliseconds since the epoch; expiry counts
 *     from here
 */
public record Message(
    String topic,
    Payload payload,
    Qos qos,
    boolean retain,
    MessageProperties properties,
    String publisher,
    long receivedAtMillis) {

  /** Whether the Message Expiry Interval has passed (MQTT-3.3.2-5). */
  public boolean isExpired(long nowMillis) {
    return properties.hasMessageExpiry()
        && nowMillis - receivedAtMillis >= properties.messageExpirySeconds() * 1000;
  }

  /**
   * The Message Expiry Interval to send: the received value minus the time waited in the broker, at
   * least 1 while not expired (MQTT-3.3.2-6); {@link MessageProperties#ABSENT} if there is none.
   */
  public long remainingExpirySeconds(long nowMillis) {
    if (!properties.hasMessageExpiry()) {
      return MessageProperties.ABSENT;
    }
    long waited = Math.max(0, nowMillis - receivedAtMillis) / 1000;
    return Math.max(1, properties.messageExpirySeconds() - waited);
  }

  /** Approximate bytes this message occupies in a queue, for limits. */
  public int sizeBytes() {
    return 64 + topic.length() + payload.length() + properties.sizeBytes();
  }
}
