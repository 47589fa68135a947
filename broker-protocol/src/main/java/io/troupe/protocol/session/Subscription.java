package io.troupe.protocol.session;

import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;

/**
 * A subscription of one session (3.8.3.1).
 *
 * @param filter with its share name, if any
 * @param qos granted maximum QoS
 * @param retainHandling 0, 1 or 2
 * @param subscriptionId 1 to 268,435,455, or 0: none
 */
public record Subscription(
    TopicFilter filter,
    Qos qos,
    boolean noLocal,
    boolean retainAsPublished,
    int retainHandling,
    int subscriptionId) {

  /** The same with another granted QoS. */
  public Subscription withQos(Qos other) {
    return new Subscription(
        filter, other, noLocal, retainAsPublished, retainHandling, subscriptionId);
  }
}
