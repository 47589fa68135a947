package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ProtocolViolation.malformed;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import java.nio.charset.StandardCharsets;

/**
 * The data types of section 1.5, read strictly. The buffer's readable bytes are the rest of the
 * packet, or of its properties: what does not fit in them is malformed.
 */
final class DataRepresentation {
  private DataRepresentation() {}

  /** One byte, 0 to 255. */
  static int readByte(ByteBuf in, String field) throws ProtocolViolation {
    require(in, 1, field);
    return in.readUnsignedByte();
  }

  /** Two Byte Integer (1.5.2). */
  static int readTwoByteInteger(ByteBuf in, String field) throws ProtocolViolation {
    require(in, 2, field);
    return in.readUnsignedShort();
  }

  /** Four Byte Integer (1.5.3), unsigned. */
  static long readFourByteInteger(ByteBuf in, String field) throws ProtocolViolation {
    require(in, 4, field);
    return in.readUnsignedInt();
  }

  /** Variable Byte Integer (1.5.5): at most four bytes, and no more than needed (MQTT-1.5.5-1). */
  static int readVariableByteInteger(ByteBuf in, String field) throws ProtocolViolation {
    int value = 0;
    for (int shift = 0; shift <= 21; shift += 7) {
      int b = readByte(in, field);
      value |= (b & 0x7F) << shift;
      if (b < 0x80) {
        if (b == 0 && shift > 0) {
          throw malformed("MQTT-1.5.5-1", field + " is written with more bytes than needed");
        }
        return value;
      }
    }
    throw malformed("1.5.5", field + " is longer than four bytes");
  }

  /**
   * UTF-8 Encoded String (1.5.4): well-formed and without U+0000; U+FEFF is kept (MQTT-1.5.4-3).
   */
  static String readString(ByteBuf in, ProtocolVersion version, String field)
      throws ProtocolViolation {
    int length = readTwoByteInteger(in, field);
    if (length == 0) {
      return "";
    }
    require(in, length, field);
    int start = in.readerIndex();
    if (in.forEachByte(start, length, Utf8.ASCII_NOT_NULL) < 0) {
      in.skipBytes(length);
      return in.toString(start, length, StandardCharsets.US_ASCII);
    }
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    if (!Utf8.isWellFormed(bytes)) {
      throw malformed(
          version.isV5() ? "MQTT-1.5.4-1" : "MQTT-1.5.3-1", field + " is not well-formed UTF-8");
    }
    if (Utf8.containsNull(bytes)) {
      throw malformed(version.isV5() ? "MQTT-1.5.4-2" : "MQTT-1.5.3-2", field + " contains U+0000");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Binary Data (1.5.6). */
  static Payload readBinary(ByteBuf in, String field) throws ProtocolViolation {
    int length = readTwoByteInteger(in, field);
    require(in, length, field);
    return readBytes(in, length);
  }

  /** The next bytes, which the caller knows to be there. */
  static Payload readBytes(ByteBuf in, int length) {
    if (length == 0) {
      return Payload.EMPTY;
    }
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    return Payload.wrap(bytes);
  }

  /** A Packet Identifier, never 0 (2.2.1). */
  static int readPacketId(ByteBuf in, ProtocolVersion version) throws ProtocolViolation {
    int packetId = readTwoByteInteger(in, "Packet Identifier");
    if (packetId == 0) {
      throw ProtocolViolation.protocolError(
          version.isV5() ? "MQTT-2.2.1-3" : "MQTT-2.3.1-1", "Packet Identifier is 0");
    }
    return packetId;
  }

  /** The packet ends here; trailing bytes contradict its Remaining Length (2.1.4). */
  static void requireEnd(ByteBuf in, String packet) throws ProtocolViolation {
    if (in.isReadable()) {
      throw malformed("2.1.4", in.readableBytes() + " bytes too many in " + packet);
    }
  }

  private static void require(ByteBuf in, int bytes, String field) throws ProtocolViolation {
    if (in.readableBytes() < bytes) {
      throw malformed("2.1.4", field + " exceeds its packet");
    }
  }
}
