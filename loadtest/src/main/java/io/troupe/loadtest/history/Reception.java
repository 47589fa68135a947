package io.troupe.loadtest.history;

import io.troupe.protocol.packet.Qos;

/**
 * One PUBLISH given to a subscriber's application.
 *
 * @param connectedAtNanos when the connection it came by was accepted; tells connections apart
 * @param atNanos when it arrived
 */
public record Reception(
    int flow,
    int number,
    String topic,
    Qos qos,
    boolean dup,
    boolean retain,
    long connectedAtNanos,
    long atNanos) {}
