package io.troupe.protocol.codec;

import static io.netty.handler.codec.mqtt.MqttProperties.*;

import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscribePayload;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribePayload;
import io.troupe.protocol.packet.Auth;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Subscribe;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.packet.Unsubscribe;
import org.jspecify.annotations.Nullable;

/** Our packets as messages of netty-codec-mqtt, whose encoder writes them. */
final class StockMessages {
  private StockMessages() {}

  static MqttMessage connack(Connack connack, ProtocolVersion version) {
    int code = version.isV5() ? connack.reason().value() : ReturnCodes.returnCode(connack.reason());
    Connack.Properties properties = connack.properties();
    var header =
        new MqttConnAckVariableHeader(
            MqttConnectReturnCode.valueOf((byte) code),
            connack.sessionPresent() && version != ProtocolVersion.V3_1,
            properties == null ? NO_PROPERTIES : StockProperties.of(properties));
    return new MqttConnAckMessage(fixedHeader(MqttMessageType.CONNACK), header);
  }

  static MqttMessage subscribe(Subscribe subscribe) {
    var properties =
        new StockProperties()
            .number(
                SUBSCRIPTION_IDENTIFIER, subscribe.subscriptionId(), subscribe.subscriptionId() > 0)
            .userProperties(subscribe.userProperties())
            .build();
    var filters =
        subscribe.entries().stream()
            .map(e -> new MqttTopicSubscription(StockProperties.fitting(e.filter()), option(e)))
            .toList();
    return new MqttSubscribeMessage(
        acknowledgedHeader(MqttMessageType.SUBSCRIBE),
        new MqttMessageIdAndPropertiesVariableHeader(subscribe.packetId(), properties),
        new MqttSubscribePayload(filters));
  }

  private static MqttSubscriptionOption option(Subscribe.Entry entry) {
    return new MqttSubscriptionOption(
        MqttQoS.valueOf(entry.qos().level()),
        entry.noLocal(),
        entry.retainAsPublished(),
        RetainedHandlingPolicy.valueOf(entry.retainHandling()));
  }

  static MqttMessage suback(Suback suback, ProtocolVersion version) {
    var reasons =
        suback.reasons().stream()
            .map(r -> !version.isV5() && r.isError() ? 0x80 : r.value())
            .toList();
    return new MqttSubAckMessage(
        fixedHeader(MqttMessageType.SUBACK),
        new MqttMessageIdAndPropertiesVariableHeader(
            suback.packetId(),
            StockProperties.answer(suback.reasonString(), suback.userProperties())),
        new MqttSubAckPayload(reasons));
  }

  static MqttMessage unsubscribe(Unsubscribe unsubscribe) {
    return new MqttUnsubscribeMessage(
        acknowledgedHeader(MqttMessageType.UNSUBSCRIBE),
        new MqttMessageIdAndPropertiesVariableHeader(
            unsubscribe.packetId(), StockProperties.answer(null, unsubscribe.userProperties())),
        new MqttUnsubscribePayload(
            unsubscribe.filters().stream().map(StockProperties::fitting).toList()));
  }

  static MqttMessage unsuback(Unsuback unsuback, ProtocolVersion version) {
    var header =
        new MqttMessageIdAndPropertiesVariableHeader(
            unsuback.packetId(),
            StockProperties.answer(unsuback.reasonString(), unsuback.userProperties()));
    if (!version.isV5()) {
      return new MqttUnsubAckMessage(fixedHeader(MqttMessageType.UNSUBACK), header);
    }
    var reasons = unsuback.reasons().stream().map(r -> (short) r.value()).toList();
    return new MqttUnsubAckMessage(
        fixedHeader(MqttMessageType.UNSUBACK), header, new MqttUnsubAckPayload(reasons));
  }

  static MqttMessage disconnect(Disconnect disconnect) {
    var properties =
        new StockProperties()
            .number(SESSION_EXPIRY_INTERVAL, disconnect.sessionExpirySeconds())
            .string(SERVER_REFERENCE, disconnect.serverReference())
            .string(REASON_STRING, disconnect.reasonString())
            .userProperties(disconnect.userProperties())
            .build();
    return reasonMessage(MqttMessageType.DISCONNECT, disconnect.reason(), properties);
  }

  static MqttMessage auth(Auth auth) {
    var properties =
        new StockProperties()
            .string(AUTHENTICATION_METHOD, auth.method())
            .binary(AUTHENTICATION_DATA, auth.data())
            .string(REASON_STRING, auth.reasonString())
            .userProperties(auth.userProperties())
            .build();
    return reasonMessage(MqttMessageType.AUTH, auth.reason(), properties);
  }

  private static MqttMessage reasonMessage(
      MqttMessageType type,
      ReasonCode reason,
      io.netty.handler.codec.mqtt.@Nullable MqttProperties properties) {
    return new MqttMessage(
        fixedHeader(type),
        new MqttReasonCodeAndPropertiesVariableHeader((byte) reason.value(), properties));
  }

  private static MqttFixedHeader fixedHeader(MqttMessageType type) {
    return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
  }

  /** With the flags 0010 that SUBSCRIBE and UNSUBSCRIBE have. */
  private static MqttFixedHeader acknowledgedHeader(MqttMessageType type) {
    return new MqttFixedHeader(type, false, MqttQoS.AT_LEAST_ONCE, false, 0);
  }
}
