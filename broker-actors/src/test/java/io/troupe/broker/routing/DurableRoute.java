package io.troupe.broker.routing;

import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;

/** A route cache filled without partitions. */
public final class DurableRoute {
  private DurableRoute() {}

  /**
   * Each of these filters has a durable queue, whose subscriber is away; nobody else subscribes.
   */
  public static RouteCache to(String topic, int partitions, String... filters) {
    Partitioner partitioner = new Partitioner(partitions);
    RouteCache cache = new RouteCache(partitioner, 100);
    for (String key : cache.missing(topic)) {
      List<RouteChange> content = new ArrayList<>();
      for (String text : filters) {
        TopicFilter filter = TopicFilter.of(text);
        if (Partitioner.key(filter).equals(key)) {
          content.add(new RouteChange(filter, true, "", null));
        }
      }
      cache
          .hold(key, 1)
          .load(new PartitionUpdate.Content(key, 1, List.copyOf(content), true, true));
      cache.changed();
    }
    return cache;
  }
}
