package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ProtocolViolation.malformed;
import static io.troupe.protocol.packet.ProtocolViolation.protocolError;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.ReasonCode;

/** CONNACK (3.2). */
final class ConnackDecoder {
  private ConnackDecoder() {}

  static Connack decode(ByteBuf in, ProtocolVersion version) throws ProtocolViolation {
    int flags = DataRepresentation.readByte(in, "Connect Acknowledge Flags");
    if ((flags & ~1) != 0) {
      throw malformed("MQTT-3.2.2-1", "a reserved flag of CONNACK is set");
    }
    int code = DataRepresentation.readByte(in, "Connect Reason Code");
    ReasonCode reason =
        version.isV5()
            ? LegalReasons.require(code, LegalReasons.CONNACK, "MQTT-3.2.2-8")
            : ReturnCodes.reason(code);
    boolean sessionPresent = flags == 1;
    if (sessionPresent && reason != ReasonCode.SUCCESS) {
      throw protocolError(
          version.isV5() ? "MQTT-3.2.2-6" : "MQTT-3.2.2-4", "Session Present with a refusal");
    }
    Connack.Properties properties = version.isV5() ? readProperties(in) : null;
    DataRepresentation.requireEnd(in, "CONNACK");
    return new Connack(sessionPresent, reason, properties);
  }

  private static Connack.Properties readProperties(ByteBuf in) throws ProtocolViolation {
    PropertyValues values = PropertyValues.read(in, PropertyId.Places.CONNACK);
    return new Connack.Properties(
        values.number(PropertyId.SESSION_EXPIRY_INTERVAL, -1),
        values.smallNumber(PropertyId.RECEIVE_MAXIMUM, -1),
        values.smallNumber(PropertyId.MAXIMUM_QOS, -1),
        values.flag(PropertyId.RETAIN_AVAILABLE, true),
        values.number(PropertyId.MAXIMUM_PACKET_SIZE, -1),
        values.string(PropertyId.ASSIGNED_CLIENT_IDENTIFIER),
        values.smallNumber(PropertyId.TOPIC_ALIAS_MAXIMUM, -1),
        values.string(PropertyId.REASON_STRING),
        values.userProperties(),
        values.flag(PropertyId.WILDCARD_SUBSCRIPTION_AVAILABLE, true),
        values.flag(PropertyId.SUBSCRIPTION_IDENTIFIER_AVAILABLE, true),
        values.flag(PropertyId.SHARED_SUBSCRIPTION_AVAILABLE, true),
        values.smallNumber(PropertyId.SERVER_KEEP_ALIVE, -1),
        values.string(PropertyId.RESPONSE_INFORMATION),
        values.string(PropertyId.SERVER_REFERENCE),
        values.string(PropertyId.AUTHENTICATION_METHOD),
        values.binary(PropertyId.AUTHENTICATION_DATA));
  }
}
