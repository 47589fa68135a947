package io.troupe.protocol.packet;

/**
 * The will of a CONNECT (3.1.2.5).
 *
 * @param delaySeconds Will Delay Interval, 0 to 4,294,967,295
 */
public record Will(
    String topic,
    Payload payload,
    Qos qos,
    boolean retain,
    long delaySeconds,
    MessageProperties properties) {}
