package io.troupe.loadtest.history;

import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;

/** One persistent client with one subscription; a share name makes it a member of a group. */
public record Subscriber(String clientId, TopicFilter filter, Qos qosMax) {}
