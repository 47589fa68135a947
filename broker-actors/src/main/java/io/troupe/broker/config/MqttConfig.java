package io.troupe.broker.config;

import io.troupe.protocol.packet.Qos;
import java.time.Duration;

/**
 * What the broker offers to clients and accepts from them. Sizes in bytes; meaning, limits and
 * reasons as in {@code reference.conf}.
 *
 * @param keepAliveMaxSeconds 0 for the client's own
 * @param sessionExpiryMaxSeconds 0 to 4,294,967,295, which means never, as on the wire
 * @param receiveBytesMax of a client's unacknowledged publishes; with more it is not read
 * @param inflightMax unacknowledged messages towards clients that announce no Receive Maximum
 */
public record MqttConfig(
    Duration connectTimeout,
    int keepAliveMaxSeconds,
    long sessionExpiryMaxSeconds,
    int receiveMaximum,
    long receiveBytesMax,
    int inflightMax,
    long inflightBytesMax,
    int topicAliasMaximum,
    int outboundTopicAliasMaximum,
    int maximumPacketSize,
    int connectSizeMax,
    int connectWithWillSizeMax,
    int topicLevelsMax,
    int topicLengthMax,
    int clientIdLengthMax,
    int subscriptionsPerSessionMax,
    int filtersPerSubscribeMax,
    boolean payloadFormatCheck,
    boolean wildcardSubscriptions,
    boolean sharedSubscriptions,
    boolean subscriptionIdentifiers,
    boolean retain,
    Qos maximumQos) {

  /** A session expiry interval that never ends (MQTT 5.0, 3.1.2.11.2). */
  public static final long SESSION_NEVER_EXPIRES = 0xFFFF_FFFFL;

  private static final int MAXIMUM_PACKET_SIZE = 256 * 1024 * 1024;

  static MqttConfig read(ConfigReader in) {
    Duration expiry =
        in.durationOrNever(
            "session-expiry-max", Duration.ZERO, Duration.ofSeconds(SESSION_NEVER_EXPIRES - 1));
    MqttConfig mqtt =
        new MqttConfig(
            in.duration("connect-timeout", Duration.ofMillis(100), Duration.ofMinutes(5)),
            in.integer("keep-alive-max", 0, 65535),
            expiry.equals(BrokerConfig.NEVER) ? SESSION_NEVER_EXPIRES : expiry.toSeconds(),
            in.integer("receive-maximum", 1, 65535),
            in.bytes("receive-bytes-max", 1024, 1L << 30),
            in.integer("inflight-max", 1, 65535),
            in.bytes("inflight-bytes-max", 1024, 1L << 30),
            in.integer("topic-alias-maximum", 0, 65535),
            in.integer("outbound-topic-alias-maximum", 0, 65535),
            (int) in.bytes("maximum-packet-size", 1024, MAXIMUM_PACKET_SIZE),
            (int) in.bytes("connect-size-max", 128, 1024 * 1024),
            (int) in.bytes("connect-with-will-size-max", 128, 1024 * 1024),
            in.integer("topic-levels-max", 1, 1000),
            in.integer("topic-length-max", 16, 65535),
            in.integer("client-id-length-max", 23, 65535),
            in.integer("subscriptions-per-session-max", 1, 1_000_000),
            in.integer("filters-per-subscribe-max", 1, 65535),
            in.flag("payload-format-check"),
            in.flag("wildcard-subscriptions"),
            in.flag("shared-subscriptions"),
            in.flag("subscription-identifiers"),
            in.flag("retain"),
            Qos.of(in.integer("maximum-qos", 0, 2)));
    if (mqtt.connectWithWillSizeMax < mqtt.connectSizeMax) {
      in.problem(
          "connect-with-will-size-max",
          "must not be less than connect-size-max, which has no will");
    }
    return mqtt;
  }
}
