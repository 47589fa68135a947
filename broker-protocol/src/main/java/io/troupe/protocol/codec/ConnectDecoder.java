package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ProtocolViolation.malformed;
import static io.troupe.protocol.packet.ProtocolViolation.protocolError;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Will;
import io.troupe.protocol.topic.TopicName;
import org.jspecify.annotations.Nullable;

/**
 * CONNECT (3.1): first the protocol name and level, which {@link #readLevel} yields, then the rest
 * in that version's form.
 */
final class ConnectDecoder {
  static final int CLEAN_START = 0x02;
  static final int WILL = 0x04;
  static final int WILL_RETAIN = 0x20;
  static final int PASSWORD = 0x40;
  static final int USER_NAME = 0x80;

  private ConnectDecoder() {}

  /**
   * Reads protocol name and level.
   *
   * @return the level; 3 follows the name {@code MQIsdp}, any other number the name {@code MQTT}
   * @throws ProtocolViolation for another name (MQTT-3.1.2-1)
   */
  static int readLevel(ByteBuf in) throws ProtocolViolation {
    String name = DataRepresentation.readString(in, ProtocolVersion.V5, "Protocol Name");
    boolean old = name.equals(ProtocolVersion.V3_1.protocolName());
    if (!old && !name.equals(ProtocolVersion.V5.protocolName())) {
      throw new ProtocolViolation(
          ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, "MQTT-3.1.2-1", "the protocol name is not MQTT");
    }
    int level = DataRepresentation.readByte(in, "Protocol Version");
    if (old != (level == 3)) {
      throw unsupported(level);
    }
    return level;
  }

  static ProtocolViolation unsupported(int level) {
    return new ProtocolViolation(
        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, "MQTT-3.1.2-2", "protocol version " + level);
  }

  /** Reads what follows the level. */
  static Connect decode(ByteBuf in, ProtocolVersion version, DecoderSettings settings)
      throws ProtocolViolation {
    int flags = readFlags(in, version);
    int keepAlive = DataRepresentation.readTwoByteInteger(in, "Keep Alive");
    boolean cleanStart = (flags & CLEAN_START) != 0;
    PropertyValues values =
        version.isV5() ? PropertyValues.read(in, PropertyId.Places.CONNECT) : PropertyValues.NONE;
    String method = values.string(PropertyId.AUTHENTICATION_METHOD);
    Payload data = values.binary(PropertyId.AUTHENTICATION_DATA);
    if (data != null && method == null) {
      throw protocolError("3.1.2.11.10", "Authentication Data without Authentication Method");
    }
    String clientId = readClientId(in, version, cleanStart);
    Will will = (flags & WILL) == 0 ? null : readWill(in, flags, version, settings);
    String username =
        (flags & USER_NAME) == 0 ? null : DataRepresentation.readString(in, version, "User Name");
    Payload password =
        (flags & PASSWORD) == 0 ? null : DataRepresentation.readBinary(in, "Password");
    DataRepresentation.requireEnd(in, "CONNECT");
    return new Connect(
        version,
        clientId,
        cleanStart,
        keepAlive,
        username,
        password,
        will,
        sessionExpiry(values, version, cleanStart),
        values.smallNumber(PropertyId.RECEIVE_MAXIMUM, 65535),
        values.number(PropertyId.MAXIMUM_PACKET_SIZE, Connect.NO_LIMIT),
        values.smallNumber(PropertyId.TOPIC_ALIAS_MAXIMUM, 0),
        values.flag(PropertyId.REQUEST_RESPONSE_INFORMATION, false),
        values.flag(PropertyId.REQUEST_PROBLEM_INFORMATION, true),
        method,
        data,
        values.userProperties());
  }

  private static int readFlags(ByteBuf in, ProtocolVersion version) throws ProtocolViolation {
    int flags = DataRepresentation.readByte(in, "Connect Flags");
    boolean v5 = version.isV5();
    if ((flags & 1) != 0) {
      throw malformed("MQTT-3.1.2-3", "the reserved flag of CONNECT is set");
    }
    int willQos = flags >> 3 & 3;
    if (willQos == 3) {
      throw malformed(v5 ? "MQTT-3.1.2-12" : "MQTT-3.1.2-14", "Will QoS is 3");
    }
    if ((flags & WILL) == 0 && willQos != 0) {
      throw malformed(v5 ? "MQTT-3.1.2-11" : "MQTT-3.1.2-13", "Will QoS without Will Flag");
    }
    if ((flags & WILL) == 0 && (flags & WILL_RETAIN) != 0) {
      throw malformed(v5 ? "MQTT-3.1.2-13" : "MQTT-3.1.2-15", "Will Retain without Will Flag");
    }
    if (!v5 && (flags & USER_NAME) == 0 && (flags & PASSWORD) != 0) {
      throw malformed("MQTT-3.1.2-22", "Password without User Name");
    }
    return flags;
  }

  /**
   * An empty identifier needs 5.0, or 3.1.1 with Clean Session; 3.1's 23 characters are not kept.
   */
  private static String readClientId(ByteBuf in, ProtocolVersion version, boolean cleanStart)
      throws ProtocolViolation {
    String clientId = DataRepresentation.readString(in, version, "Client Identifier");
    boolean mayBeEmpty = version.isV5() || (version == ProtocolVersion.V3_1_1 && cleanStart);
    if (clientId.isEmpty() && !mayBeEmpty) {
      throw new ProtocolViolation(
          ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "MQTT-3.1.3-8", "the Client Identifier is empty");
    }
    return clientId;
  }

  private static Will readWill(
      ByteBuf in, int flags, ProtocolVersion version, DecoderSettings settings)
      throws ProtocolViolation {
    PropertyValues values =
        version.isV5() ? PropertyValues.read(in, PropertyId.Places.WILL) : PropertyValues.NONE;
    MessageProperties properties = values.messageProperties();
    PublishDecoder.checkResponseTopic(properties);
    String topic = DataRepresentation.readString(in, version, "Will Topic");
    if (!TopicName.isValid(topic)) {
      throw new ProtocolViolation(
          ReasonCode.TOPIC_NAME_INVALID,
          topic.isEmpty() ? "MQTT-4.7.3-1" : "MQTT-3.3.2-2",
          "the Will Topic is empty or contains a wildcard");
    }
    Payload payload = DataRepresentation.readBinary(in, "Will Payload");
    if (settings.payloadFormatChecked()) {
      PublishDecoder.checkPayloadFormat(properties, payload);
    }
    return new Will(
        topic,
        payload,
        Qos.of(flags >> 3 & 3),
        (flags & WILL_RETAIN) != 0,
        values.number(PropertyId.WILL_DELAY_INTERVAL, 0),
        properties);
  }

  private static long sessionExpiry(
      PropertyValues values, ProtocolVersion version, boolean cleanStart) {
    if (version.isV5()) {
      return values.number(PropertyId.SESSION_EXPIRY_INTERVAL, 0);
    }
    return cleanStart ? 0 : Connect.NEVER_EXPIRES;
  }

  /**
   * Whether a CONNECT of which the beginning is there carries a will.
   *
   * @param index of the variable header
   * @param available bytes from there
   * @return null if the flags have not arrived
   */
  static @Nullable Boolean hasWill(ByteBuf in, int index, int available) {
    if (available < 2) {
      return null;
    }
    int flags = 2 + in.getUnsignedShort(index) + 1;
    return available <= flags ? null : (in.getByte(index + flags) & WILL) != 0;
  }
}
