package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ProtocolViolation.malformed;
import static io.troupe.protocol.packet.ProtocolViolation.protocolError;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.topic.TopicName;
import java.util.List;

/** PUBLISH (3.3). */
final class PublishDecoder {
  private PublishDecoder() {}

  static Publish decode(
      ByteBuf in, int flags, ProtocolVersion version, Role receiver, boolean checkPayloadFormat)
      throws ProtocolViolation {
    int level = flags >> 1 & 3;
    if (level == 3) {
      throw malformed("MQTT-3.3.1-4", "PUBLISH with QoS 3");
    }
    boolean dup = (flags & 8) != 0;
    if (dup && level == 0) {
      throw malformed("MQTT-3.3.1-2", "PUBLISH with DUP and QoS 0");
    }
    String topic = DataRepresentation.readString(in, version, "Topic Name");
    int packetId = level == 0 ? 0 : DataRepresentation.readPacketId(in, version);
    int topicAlias = 0;
    var properties = MessageProperties.NONE;
    var subscriptionIds = List.<Integer>of();
    if (version.isV5()) {
      PropertyValues values = PropertyValues.read(in, PropertyId.Places.PUBLISH);
      topicAlias = topicAlias(values);
      subscriptionIds = values.subscriptionIds();
      if (receiver == Role.SERVER && !subscriptionIds.isEmpty()) {
        throw protocolError("MQTT-3.3.4-6", "PUBLISH from a client with Subscription Identifier");
      }
      properties = values.messageProperties();
      checkResponseTopic(properties);
    }
    checkTopic(topic, topicAlias, version);
    Payload payload = DataRepresentation.readBytes(in, in.readableBytes());
    if (checkPayloadFormat) {
      checkPayloadFormat(properties, payload);
    }
    return new Publish(
        topic,
        payload,
        Qos.of(level),
        (flags & 1) != 0,
        dup,
        packetId,
        topicAlias,
        properties,
        subscriptionIds.isEmpty() ? List.of() : List.copyOf(subscriptionIds));
  }

  private static int topicAlias(PropertyValues values) throws ProtocolViolation {
    int alias = values.smallNumber(PropertyId.TOPIC_ALIAS, -1);
    if (alias == 0) {
      throw new ProtocolViolation(
          ReasonCode.TOPIC_ALIAS_INVALID, "MQTT-3.3.2-8", "Topic Alias is 0");
    }
    return Math.max(alias, 0);
  }

  private static void checkTopic(String topic, int topicAlias, ProtocolVersion version)
      throws ProtocolViolation {
    if (topic.isEmpty()) {
      if (!version.isV5()) {
        throw malformed("MQTT-4.7.3-1", "PUBLISH with an empty Topic Name");
      }
      if (topicAlias == 0) {
        throw protocolError("3.3.2.1", "PUBLISH with neither Topic Name nor Topic Alias");
      }
    } else if (!TopicName.isValid(topic)) {
      throw new ProtocolViolation(
          ReasonCode.TOPIC_NAME_INVALID, "MQTT-3.3.2-2", "Topic Name contains a wildcard");
    }
  }

  /** A Response Topic is a topic name (MQTT-3.3.2-14); shared with the will. */
  static void checkResponseTopic(MessageProperties properties) throws ProtocolViolation {
    String topic = properties.responseTopic();
    if (topic != null && !TopicName.isValid(topic)) {
      throw topic.isEmpty()
          ? protocolError("MQTT-4.7.3-1", "Response Topic is empty")
          : protocolError("MQTT-3.3.2-14", "Response Topic contains a wildcard");
    }
  }

  /** A payload declared as UTF-8 is UTF-8 (3.3.2.3.2); shared with the will. */
  static void checkPayloadFormat(MessageProperties properties, Payload payload)
      throws ProtocolViolation {
    if (properties.payloadFormat() == 1 && !Utf8.isWellFormed(payload.array())) {
      throw new ProtocolViolation(
          ReasonCode.PAYLOAD_FORMAT_INVALID, "3.3.2.3.2", "the payload is not UTF-8 as declared");
    }
  }
}
