package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes PUBACK, PUBREC, PUBREL, PUBCOMP (3.4 to 3.7), PINGREQ and PINGRESP straight into a buffer
 * that may hold many frames. Stateless. Reason and properties are left out for 3.x.
 */
public final class AckEncoder {
  private AckEncoder() {}

  public static void puback(ByteBuf out, ProtocolVersion version, int packetId, ReasonCode reason) {
    encode(out, version, PacketType.PUBACK, packetId, reason, null, List.of());
  }

  public static void pubrec(ByteBuf out, ProtocolVersion version, int packetId, ReasonCode reason) {
    encode(out, version, PacketType.PUBREC, packetId, reason, null, List.of());
  }

  public static void pubrel(ByteBuf out, ProtocolVersion version, int packetId, ReasonCode reason) {
    encode(out, version, PacketType.PUBREL, packetId, reason, null, List.of());
  }

  public static void pubcomp(
      ByteBuf out, ProtocolVersion version, int packetId, ReasonCode reason) {
    encode(out, version, PacketType.PUBCOMP, packetId, reason, null, List.of());
  }

  public static void pingreq(ByteBuf out) {
    out.writeShort(PacketType.PINGREQ << 12);
  }

  public static void pingresp(ByteBuf out) {
    out.writeShort(PacketType.PINGRESP << 12);
  }

  static void encode(
      ByteBuf out,
      ProtocolVersion version,
      int type,
      int packetId,
      ReasonCode reason,
      @Nullable String reasonString,
      List<UserProperty> userProperties) {
    int first = type << 4 | PacketType.requiredFlags(type);
    boolean bare = reasonString == null && userProperties.isEmpty();
    if (!version.isV5() || (bare && reason == ReasonCode.SUCCESS)) {
      out.writeInt(first << 24 | 2 << 16 | packetId);
      return;
    }
    out.writeByte(first);
    if (bare) {
      out.writeByte(3);
      out.writeShort(packetId);
      out.writeByte(reason.value());
      return;
    }
    int properties =
        (reasonString == null ? 0 : 3 + ByteBufUtil.utf8Bytes(reasonString))
            + PublishEncoder.userPropertyBytes(userProperties);
    VariableByteInteger.write(out, 3 + VariableByteInteger.length(properties) + properties);
    out.writeShort(packetId);
    out.writeByte(reason.value());
    VariableByteInteger.write(out, properties);
    PublishEncoder.writeStringProperty(out, PropertyId.REASON_STRING, reasonString);
    PublishEncoder.writeUserProperties(out, userProperties);
  }
}
