package io.troupe.broker.routing;

import io.troupe.protocol.topic.TopicFilter;
import org.jspecify.annotations.Nullable;

/**
 * What holds of one filter and at most one client from now on, as a partition tells the nodes.
 * Changes may be applied twice.
 *
 * @param queued whether messages of QoS 1 and 2 for this filter (or its share group) are stored
 * @param clientId whose subscription it is about, or empty: only about {@code queued}
 * @param subscriber the subscriber, online; null: gone or offline
 */
public record RouteChange(
    TopicFilter filter, boolean queued, String clientId, @Nullable Subscriber subscriber) {
  /** About how many bytes it takes between nodes; an actor reference is about a hundred. */
  int weight() {
    return 16 + filter.text().length() + clientId.length() + (subscriber == null ? 0 : 128);
  }
}
