package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ProtocolViolation.protocolError;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.Auth;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.ReasonCode;
import java.util.List;

/** DISCONNECT (3.14) and AUTH (3.15). */
final class DisconnectDecoder {
  private DisconnectDecoder() {}

  static Disconnect decodeDisconnect(ByteBuf in, ProtocolVersion version, Role receiver)
      throws ProtocolViolation {
    if (!version.isV5() || !in.isReadable()) {
      DataRepresentation.requireEnd(in, "DISCONNECT");
      return Disconnect.of(ReasonCode.SUCCESS);
    }
    ReasonCode reason = LegalReasons.read(in, LegalReasons.disconnect(receiver), "MQTT-3.14.2-1");
    PropertyValues values =
        in.isReadable()
            ? PropertyValues.read(in, PropertyId.Places.DISCONNECT)
            : PropertyValues.NONE;
    DataRepresentation.requireEnd(in, "DISCONNECT");
    if (receiver == Role.CLIENT && values.has(PropertyId.SESSION_EXPIRY_INTERVAL)) {
      throw protocolError("MQTT-3.14.2-2", "Session Expiry Interval in DISCONNECT from a server");
    }
    if (receiver == Role.SERVER && values.has(PropertyId.SERVER_REFERENCE)) {
      throw protocolError("3.14.2.2.5", "Server Reference in DISCONNECT from a client");
    }
    return new Disconnect(
        reason,
        values.number(PropertyId.SESSION_EXPIRY_INTERVAL, -1),
        values.string(PropertyId.REASON_STRING),
        values.string(PropertyId.SERVER_REFERENCE),
        values.userProperties());
  }

  static Auth decodeAuth(ByteBuf in, Role receiver) throws ProtocolViolation {
    if (!in.isReadable()) {
      LegalReasons.require(0, LegalReasons.auth(receiver), "MQTT-3.15.2-1");
      return new Auth(ReasonCode.SUCCESS, null, null, null, List.of());
    }
    ReasonCode reason = LegalReasons.read(in, LegalReasons.auth(receiver), "MQTT-3.15.2-1");
    PropertyValues values = PropertyValues.read(in, PropertyId.Places.AUTH);
    DataRepresentation.requireEnd(in, "AUTH");
    if (!values.has(PropertyId.AUTHENTICATION_METHOD)) {
      throw protocolError("3.15.2.2.2", "AUTH without Authentication Method");
    }
    return new Auth(
        reason,
        values.string(PropertyId.AUTHENTICATION_METHOD),
        values.binary(PropertyId.AUTHENTICATION_DATA),
        values.string(PropertyId.REASON_STRING),
        values.userProperties());
  }
}
