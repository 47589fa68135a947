package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** PUBACK, PUBREC, PUBREL and PUBCOMP (3.4 to 3.7), which have one form. */
final class AckDecoder {
  private AckDecoder() {}

  static Packet decode(ByteBuf in, int type, ProtocolVersion version, Role receiver)
      throws ProtocolViolation {
    int packetId = DataRepresentation.readPacketId(in, version);
    if (!version.isV5() || !in.isReadable()) {
      DataRepresentation.requireEnd(in, "acknowledgement");
      return make(type, packetId, ReasonCode.SUCCESS, null, List.of());
    }
    Set<ReasonCode> legal =
        type <= PacketType.PUBREC ? LegalReasons.publishAnswer(receiver) : LegalReasons.RELEASE;
    ReasonCode reason = LegalReasons.read(in, legal, statement(type));
    PropertyValues values =
        in.isReadable() ? PropertyValues.read(in, 1 << type) : PropertyValues.NONE;
    DataRepresentation.requireEnd(in, "acknowledgement");
    return make(
        type, packetId, reason, values.string(PropertyId.REASON_STRING), values.userProperties());
  }

  private static String statement(int type) {
    return switch (type) {
      case PacketType.PUBACK -> "MQTT-3.4.2-1";
      case PacketType.PUBREC -> "MQTT-3.5.2-1";
      case PacketType.PUBREL -> "MQTT-3.6.2-1";
      default -> "MQTT-3.7.2-1";
    };
  }

  private static Packet make(
      int type,
      int packetId,
      ReasonCode reason,
      @Nullable String reasonString,
      List<UserProperty> userProperties) {
    return switch (type) {
      case PacketType.PUBACK -> new Puback(packetId, reason, reasonString, userProperties);
      case PacketType.PUBREC -> new Pubrec(packetId, reason, reasonString, userProperties);
      case PacketType.PUBREL -> new Pubrel(packetId, reason, reasonString, userProperties);
      case PacketType.PUBCOMP -> new Pubcomp(packetId, reason, reasonString, userProperties);
      default -> throw new AssertionError(type);
    };
  }
}
