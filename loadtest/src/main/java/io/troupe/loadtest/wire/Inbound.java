package io.troupe.loadtest.wire;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.ProtocolVersion;
import java.nio.charset.StandardCharsets;

/** Reads fields of frames a broker sends, at the indices {@link FrameScanner} gives. */
public final class Inbound {
  private static final int RECEIVE_MAXIMUM = 0x21;

  private Inbound() {}

  public static int type(int header) {
    return header >> 4;
  }

  /** The QoS in the first byte of a PUBLISH. */
  public static int qos(int header) {
    return (header >> 1) & 3;
  }

  public static boolean dup(int header) {
    return (header & 8) != 0;
  }

  public static boolean retain(int header) {
    return (header & 1) != 0;
  }

  public static String topic(ByteBuf bytes, int from) {
    return bytes.toString(from + 2, bytes.getUnsignedShort(from), StandardCharsets.UTF_8);
  }

  /** The index after a PUBLISH's topic, where the packet identifier is above QoS 0. */
  public static int afterTopic(ByteBuf bytes, int from) {
    return from + 2 + bytes.getUnsignedShort(from);
  }

  /** The index of a PUBLISH's payload. */
  public static int payload(ProtocolVersion version, int header, ByteBuf bytes, int from) {
    int index = afterTopic(bytes, from) + (qos(header) > 0 ? 2 : 0);
    return version.isV5() ? afterProperties(bytes, index) : index;
  }

  /** The reason code of an acknowledgement; a short one means success. */
  public static int ackReason(ByteBuf bytes, int from, int to) {
    return to - from > 2 ? bytes.getUnsignedByte(from + 2) : 0;
  }

  /** The first return or reason code of a SUBACK. */
  public static int subackCode(ProtocolVersion version, ByteBuf bytes, int from) {
    int index = from + 2;
    return bytes.getUnsignedByte(version.isV5() ? afterProperties(bytes, index) : index);
  }

  /** How many PUBLISH packets at once the broker takes, from the properties of CONNACK. */
  public static int receiveMaximum(ProtocolVersion version, ByteBuf bytes, int from, int to) {
    if (!version.isV5() || to - from < 3) {
      return 65535;
    }
    int index = from + 2;
    int end = afterProperties(bytes, index);
    while ((bytes.getByte(index) & 0x80) != 0) {
      index++;
    }
    index++;
    while (index < end) {
      int id = bytes.getUnsignedByte(index++);
      if (id == RECEIVE_MAXIMUM) {
        return bytes.getUnsignedShort(index);
      }
      index += propertyLength(id, bytes, index);
    }
    return 65535;
  }

  /** Lengths of the properties a CONNACK may have (MQTT 5.0, 3.2.2.3). */
  private static int propertyLength(int id, ByteBuf bytes, int index) {
    switch (id) {
      case 0x24, 0x25, 0x28, 0x29, 0x2A:
        return 1;
      case 0x13, 0x22:
        return 2;
      case 0x11, 0x27:
        return 4;
      case 0x26:
        int key = 2 + bytes.getUnsignedShort(index);
        return key + 2 + bytes.getUnsignedShort(index + key);
      default:
        return 2 + bytes.getUnsignedShort(index);
    }
  }

  private static int afterProperties(ByteBuf bytes, int from) {
    int index = from;
    int length = 0;
    int shift = 0;
    int b;
    do {
      b = bytes.getByte(index++);
      length |= (b & 0x7F) << shift;
      shift += 7;
    } while (b < 0);
    return index + length;
  }
}
