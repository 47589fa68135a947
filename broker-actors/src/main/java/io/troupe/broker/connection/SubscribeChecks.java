package io.troupe.broker.connection;

import io.troupe.broker.config.MqttConfig;
import io.troupe.broker.session.ClientSessionActor.Requested;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Subscribe;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.topic.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which entries of a SUBSCRIBE may become subscriptions (3.8.4, 3.9.3). */
final class SubscribeChecks {
  private final ConnectionSurroundings surroundings;
  private final MqttConfig mqtt;
  private final Handshake client;

  SubscribeChecks(ConnectionSurroundings surroundings, Handshake client) {
    this.surroundings = surroundings;
    this.mqtt = surroundings.mqtt();
    this.client = client;
  }

  /** An error that ends the connection, or SUCCESS. */
  ReasonCode protocolError(Subscribe subscribe) {
    if (subscribe.subscriptionId() != 0 && !mqtt.subscriptionIdentifiers()) {
      return ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED;
    }
    return subscribe.entries().size() > mqtt.filtersPerSubscribeMax()
        ? ReasonCode.QUOTA_EXCEEDED
        : ReasonCode.SUCCESS;
  }

  /** Each entry, in packet order, as a subscription or with the reason why not. */
  List<Requested> entries(Subscribe subscribe) {
    List<Requested> entries = new ArrayList<>(subscribe.entries().size());
    for (Subscribe.Entry entry : subscribe.entries()) {
      Optional<TopicFilter> filter = TopicFilter.parse(entry.filter());
      ReasonCode refused =
          filter.isEmpty() ? ReasonCode.TOPIC_FILTER_INVALID : refusal(filter.get());
      if (filter.isEmpty() || refused.isError()) {
        entries.add(new Requested(null, refused));
      } else {
        entries.add(
            new Requested(
                new Subscription(
                    filter.get(),
                    entry.qos().min(mqtt.maximumQos()),
                    entry.noLocal(),
                    entry.retainAsPublished(),
                    entry.retainHandling(),
                    subscribe.subscriptionId()),
                null));
      }
    }
    return entries;
  }

  private ReasonCode refusal(TopicFilter filter) {
    if (filter.filter().length() > mqtt.topicLengthMax()
        || TopicName.levels(filter.filter()) > mqtt.topicLevelsMax()) {
      return ReasonCode.TOPIC_FILTER_INVALID;
    }
    if (filter.isShared() && !mqtt.sharedSubscriptions()) {
      return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
    }
    if (filter.hasWildcard() && !mqtt.wildcardSubscriptions()) {
      return ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED;
    }
    return surroundings.maySubscribe(client.clientId(), client.username(), filter)
        ? ReasonCode.SUCCESS
        : ReasonCode.NOT_AUTHORIZED;
  }
}
