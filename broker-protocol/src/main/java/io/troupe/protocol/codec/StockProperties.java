package io.troupe.protocol.codec;

import static io.netty.handler.codec.mqtt.MqttProperties.*;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds the properties of netty-codec-mqtt; absent values (negative, null) are left out. */
final class StockProperties {
  private final MqttProperties properties = new MqttProperties();

  StockProperties number(int id, long value) {
    return number(id, value, value >= 0);
  }

  StockProperties number(int id, long value, boolean present) {
    if (present) {
      properties.add(new IntegerProperty(id, (int) value));
    }
    return this;
  }

  StockProperties string(int id, @Nullable String value) {
    if (value != null) {
      properties.add(new StringProperty(id, fitting(value)));
    }
    return this;
  }

  StockProperties binary(int id, @Nullable Payload value) {
    if (value != null) {
      PropertyWriter.requireFits(value.length());
      properties.add(new BinaryProperty(id, value.array()));
    }
    return this;
  }

  StockProperties userProperties(List<UserProperty> values) {
    if (!values.isEmpty()) {
      UserProperties all = new UserProperties();
      values.forEach(p -> all.add(fitting(p.name()), fitting(p.value())));
      properties.add(all);
    }
    return this;
  }

  /** The stock encoder would write the length of a longer string wrongly. */
  static String fitting(String text) {
    PropertyWriter.requireFits(ByteBufUtil.utf8Bytes(text));
    return text;
  }

  MqttProperties build() {
    return properties;
  }

  static MqttProperties answer(@Nullable String reasonString, List<UserProperty> userProperties) {
    return new StockProperties()
        .string(REASON_STRING, reasonString)
        .userProperties(userProperties)
        .build();
  }

  static MqttProperties of(Connack.Properties connack) {
    return new StockProperties()
        .number(SESSION_EXPIRY_INTERVAL, connack.sessionExpirySeconds())
        .number(RECEIVE_MAXIMUM, connack.receiveMaximum())
        .number(MAXIMUM_QOS, connack.maximumQos())
        .number(RETAIN_AVAILABLE, 0, !connack.retainAvailable())
        .number(MAXIMUM_PACKET_SIZE, connack.maximumPacketSize())
        .string(ASSIGNED_CLIENT_IDENTIFIER, connack.assignedClientId())
        .number(TOPIC_ALIAS_MAXIMUM, connack.topicAliasMaximum())
        .string(REASON_STRING, connack.reasonString())
        .userProperties(connack.userProperties())
        .number(WILDCARD_SUBSCRIPTION_AVAILABLE, 0, !connack.wildcardSubscriptionAvailable())
        .number(SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0, !connack.subscriptionIdentifiersAvailable())
        .number(SHARED_SUBSCRIPTION_AVAILABLE, 0, !connack.sharedSubscriptionAvailable())
        .number(SERVER_KEEP_ALIVE, connack.serverKeepAlive())
        .string(RESPONSE_INFORMATION, connack.responseInformation())
        .string(SERVER_REFERENCE, connack.serverReference())
        .string(AUTHENTICATION_METHOD, connack.authenticationMethod())
        .binary(AUTHENTICATION_DATA, connack.authenticationData())
        .build();
  }
}
