package io.troupe.protocol.session;

import io.troupe.protocol.packet.Qos;
import java.util.List;

/**
 * How a session's matching subscriptions want a message: the merge of all of them (MQTT-3.3.4-2,
 * MQTT-3.3.4-3).
 *
 * @param qos the highest granted QoS among them
 * @param retainAsPublished whether any of them keeps the RETAIN flag
 * @param subscriptionIds of all of them
 */
public record Delivery(Qos qos, boolean retainAsPublished, List<Integer> subscriptionIds) {}
