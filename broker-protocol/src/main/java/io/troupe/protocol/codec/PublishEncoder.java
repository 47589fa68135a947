package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes PUBLISH (3.3) straight into a buffer that may hold many frames. Stateless. The caller
 * guarantees what the decoder demands of a peer: a topic name of at most 65,535 UTF-8 bytes, a
 * packet identifier exactly for QoS 1 and 2.
 *
 * <p>For a message to many receivers see {@link PublishFrame}.
 */
public final class PublishEncoder {
  private PublishEncoder() {}

  /** Bytes on the wire, fixed header included: what a Maximum Packet Size limits (3.1.2.11.4). */
  public static int encodedLength(ProtocolVersion version, Publish publish) {
    return encodedLength(
        version,
        publish.topic(),
        publish.payload(),
        publish.qos(),
        publish.topicAlias(),
        publish.properties(),
        publish.properties().messageExpirySeconds(),
        publish.subscriptionIds());
  }

  /** As {@link #encodedLength(ProtocolVersion, Publish)}; the parameters are those of encode. */
  public static int encodedLength(
      ProtocolVersion version,
      String topic,
      Payload payload,
      Qos qos,
      int topicAlias,
      MessageProperties properties,
      long expirySeconds,
      List<Integer> subscriptionIds) {
    int remaining = 2 + ByteBufUtil.utf8Bytes(topic) + payload.length();
    if (qos != Qos.AT_MOST_ONCE) {
      remaining += 2;
    }
    if (version.isV5()) {
      int length = propertyBytes(topicAlias, properties, expirySeconds, subscriptionIds);
      remaining += VariableByteInteger.length(length) + length;
    }
    return 1 + VariableByteInteger.length(remaining) + remaining;
  }

  /** Appends a PUBLISH. */
  public static void encode(ByteBuf out, ProtocolVersion version, Publish publish) {
    encode(
        out,
        version,
        publish.topic(),
        publish.payload(),
        publish.qos(),
        publish.retain(),
        publish.dup(),
        publish.packetId(),
        publish.topicAlias(),
        publish.properties(),
        publish.properties().messageExpirySeconds(),
        publish.subscriptionIds());
  }

  /**
   * Appends a PUBLISH made of its parts, without building a record.
   *
   * @param topicAlias 0: none; properties, alias and subscription identifiers are left out for 3.x
   * @param expirySeconds the Message Expiry Interval to send instead of the one in the properties
   *     (MQTT-3.3.2-6), or {@link MessageProperties#ABSENT}
   */
  public static void encode(
      ByteBuf out,
      ProtocolVersion version,
      String topic,
      Payload payload,
      Qos qos,
      boolean retain,
      boolean dup,
      int packetId,
      int topicAlias,
      MessageProperties properties,
      long expirySeconds,
      List<Integer> subscriptionIds) {
    int topicBytes = PropertyWriter.requireFits(ByteBufUtil.utf8Bytes(topic));
    int remaining = 2 + topicBytes + payload.length() + (qos == Qos.AT_MOST_ONCE ? 0 : 2);
    int propertyBytes = 0;
    if (version.isV5()) {
      propertyBytes = propertyBytes(topicAlias, properties, expirySeconds, subscriptionIds);
      remaining += VariableByteInteger.length(propertyBytes) + propertyBytes;
    }
    out.ensureWritable(1 + VariableByteInteger.length(remaining) + remaining);
    out.writeByte(firstByte(qos, retain, dup));
    VariableByteInteger.write(out, remaining);
    out.writeShort(topicBytes);
    ByteBufUtil.reserveAndWriteUtf8(out, topic, topicBytes);
    if (qos != Qos.AT_MOST_ONCE) {
      out.writeShort(packetId);
    }
    if (version.isV5()) {
      VariableByteInteger.write(out, propertyBytes);
      if (propertyBytes > 0) {
        writeProperties(out, topicAlias, properties, expirySeconds, subscriptionIds);
      }
    }
    out.writeBytes(payload.array());
  }

  /** Packet type and flags. */
  static int firstByte(Qos qos, boolean retain, boolean dup) {
    return PacketType.PUBLISH << 4 | (dup ? 8 : 0) | qos.level() << 1 | (retain ? 1 : 0);
  }

  private static int propertyBytes(
      int topicAlias, MessageProperties properties, long expirySeconds, List<Integer> ids) {
    int length = (expirySeconds >= 0 ? 5 : 0) + (topicAlias > 0 ? 3 : 0);
    for (int i = 0; i < ids.size(); i++) {
      length += 1 + VariableByteInteger.length(ids.get(i));
    }
    Payload correlation = properties.correlationData();
    return length
        + (properties.payloadFormat() >= 0 ? 2 : 0)
        + stringBytes(properties.contentType())
        + stringBytes(properties.responseTopic())
        + (correlation == null ? 0 : 3 + correlation.length())
        + userPropertyBytes(properties.userProperties());
  }

  private static int stringBytes(@Nullable String text) {
    return text == null ? 0 : 3 + ByteBufUtil.utf8Bytes(text);
  }

  static int userPropertyBytes(List<UserProperty> userProperties) {
    int length = 0;
    for (int i = 0; i < userProperties.size(); i++) {
      UserProperty property = userProperties.get(i);
      length +=
          5 + ByteBufUtil.utf8Bytes(property.name()) + ByteBufUtil.utf8Bytes(property.value());
    }
    return length;
  }

  /** The Message Expiry Interval comes first: {@link PublishFrame} writes over it. */
  private static void writeProperties(
      ByteBuf out,
      int topicAlias,
      MessageProperties properties,
      long expirySeconds,
      List<Integer> ids) {
    if (expirySeconds >= 0) {
      out.writeByte(PropertyId.MESSAGE_EXPIRY_INTERVAL.id());
      out.writeInt((int) expirySeconds);
    }
    if (topicAlias > 0) {
      out.writeByte(PropertyId.TOPIC_ALIAS.id());
      out.writeShort(topicAlias);
    }
    for (int i = 0; i < ids.size(); i++) {
      out.writeByte(PropertyId.SUBSCRIPTION_IDENTIFIER.id());
      VariableByteInteger.write(out, ids.get(i));
    }
    if (properties.payloadFormat() >= 0) {
      out.writeByte(PropertyId.PAYLOAD_FORMAT_INDICATOR.id());
      out.writeByte(properties.payloadFormat());
    }
    writeStringProperty(out, PropertyId.CONTENT_TYPE, properties.contentType());
    writeStringProperty(out, PropertyId.RESPONSE_TOPIC, properties.responseTopic());
    Payload correlation = properties.correlationData();
    if (correlation != null) {
      out.writeByte(PropertyId.CORRELATION_DATA.id());
      PropertyWriter.writeBinary(out, correlation);
    }
    writeUserProperties(out, properties.userProperties());
  }

  static void writeUserProperties(ByteBuf out, List<UserProperty> userProperties) {
    for (int i = 0; i < userProperties.size(); i++) {
      UserProperty property = userProperties.get(i);
      out.writeByte(PropertyId.USER_PROPERTY.id());
      PropertyWriter.writeString(out, property.name());
      PropertyWriter.writeString(out, property.value());
    }
  }

  static void writeStringProperty(ByteBuf out, PropertyId property, @Nullable String text) {
    if (text != null) {
      out.writeByte(property.id());
      PropertyWriter.writeString(out, text);
    }
  }
}
