package io.troupe.loadtest.history;

import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import java.util.List;

/**
 * One client and what it subscribes to; a share name makes it a member of a group.
 *
 * @param filters one or more, with the same QoS; a message that several match is due once
 * @param lasting whether its session outlives its connections for the whole run: only then is
 *     anything due to it
 */
public record Subscriber(String clientId, List<TopicFilter> filters, Qos qosMax, boolean lasting) {
  public Subscriber {
    filters = List.copyOf(filters);
    if (filters.isEmpty() || (filters.size() > 1 && filters.get(0).isShared())) {
      throw new IllegalArgumentException("one shared filter, or one or more plain ones");
    }
  }

  public Subscriber(String clientId, TopicFilter filter, Qos qosMax) {
    this(clientId, List.of(filter), qosMax, true);
  }

  boolean isShared() {
    return filters.get(0).isShared();
  }

  boolean matches(String topic) {
    return filters.stream().anyMatch(f -> f.matches(topic));
  }
}
