package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ProtocolViolation.protocolError;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Unsuback;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** SUBACK (3.9) and UNSUBACK (3.11). */
final class SubackDecoder {
  private SubackDecoder() {}

  static Suback decodeSuback(ByteBuf in, ProtocolVersion version) throws ProtocolViolation {
    int packetId = DataRepresentation.readPacketId(in, version);
    if (!version.isV5()) {
      return new Suback(
          packetId, readReasons(in, LegalReasons.SUBACK_3, "MQTT-3.9.3-2"), null, List.of());
    }
    PropertyValues values = PropertyValues.read(in, 1 << PacketType.SUBACK);
    return new Suback(
        packetId,
        readReasons(in, LegalReasons.SUBACK, "MQTT-3.9.3-2"),
        values.string(PropertyId.REASON_STRING),
        values.userProperties());
  }

  static Unsuback decodeUnsuback(ByteBuf in, ProtocolVersion version) throws ProtocolViolation {
    int packetId = DataRepresentation.readPacketId(in, version);
    if (!version.isV5()) {
      DataRepresentation.requireEnd(in, "UNSUBACK");
      return new Unsuback(packetId, List.of(), null, List.of());
    }
    PropertyValues values = PropertyValues.read(in, 1 << PacketType.UNSUBACK);
    return new Unsuback(
        packetId,
        readReasons(in, LegalReasons.UNSUBACK, "MQTT-3.11.3-2"),
        values.string(PropertyId.REASON_STRING),
        values.userProperties());
  }

  private static List<ReasonCode> readReasons(ByteBuf in, Set<ReasonCode> legal, String statement)
      throws ProtocolViolation {
    if (!in.isReadable()) {
      throw protocolError(statement, "an acknowledgement without reason codes");
    }
    List<ReasonCode> reasons = new ArrayList<>(in.readableBytes());
    while (in.isReadable()) {
      reasons.add(LegalReasons.read(in, legal, statement));
    }
    return reasons;
  }
}
