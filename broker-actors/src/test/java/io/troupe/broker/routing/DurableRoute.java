package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
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

  /** This topic has one subscriber, online, QoS 0, without a queue. */
  public static void online(
      RouteCache cache, String topic, ActorRef<ClientSessionActor.Command> session) {
    TopicFilter filter = TopicFilter.of(topic);
    Subscription subscription = new Subscription(filter, Qos.AT_MOST_ONCE, false, false, 0, 0);
    Subscriber subscriber =
        new Subscriber("subscriber", subscription, false, ClientLimits.DEVICE, 1, session);
    for (String key : cache.missing(topic)) {
      boolean own = Partitioner.key(filter).equals(key);
      List<RouteChange> content =
          own ? List.of(new RouteChange(filter, false, "subscriber", subscriber)) : List.of();
      cache.hold(key, 1).load(new PartitionUpdate.Content(key, 1, content, true, true));
      cache.changed();
    }
  }
}
