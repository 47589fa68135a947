package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers properties (2.2.2) and writes them behind their length; absent values are left out. */
final class PropertyWriter {
  private final ByteBuf bytes = Unpooled.buffer(64);

  /** A number in the width of the property; negative: absent. */
  PropertyWriter number(PropertyId property, long value) {
    if (value < 0) {
      return this;
    }
    bytes.writeByte(property.id());
    switch (property.type()) {
      case BYTE -> bytes.writeByte((int) value);
      case TWO_BYTES -> bytes.writeShort((int) value);
      case FOUR_BYTES -> bytes.writeInt((int) value);
      case VARIABLE -> VariableByteInteger.write(bytes, (int) value);
      default -> throw new IllegalArgumentException(property + " is not a number");
    }
    return this;
  }

  PropertyWriter string(PropertyId property, @Nullable String value) {
    if (value != null) {
      bytes.writeByte(property.id());
      writeString(bytes, value);
    }
    return this;
  }

  PropertyWriter binary(PropertyId property, @Nullable Payload value) {
    if (value != null) {
      bytes.writeByte(property.id());
      writeBinary(bytes, value);
    }
    return this;
  }

  PropertyWriter userProperties(List<UserProperty> values) {
    for (UserProperty property : values) {
      bytes.writeByte(PropertyId.USER_PROPERTY.id());
      writeString(bytes, property.name());
      writeString(bytes, property.value());
    }
    return this;
  }

  void writeTo(ByteBuf out) {
    VariableByteInteger.write(out, bytes.readableBytes());
    out.writeBytes(bytes);
  }

  /** UTF-8 Encoded String (1.5.4). */
  static void writeString(ByteBuf out, String text) {
    int length = requireFits(ByteBufUtil.utf8Bytes(text));
    out.writeShort(length);
    ByteBufUtil.reserveAndWriteUtf8(out, text, length);
  }

  /** Binary Data (1.5.6). */
  static void writeBinary(ByteBuf out, Payload data) {
    out.writeShort(requireFits(data.length()));
    out.writeBytes(data.array());
  }

  /** Strings and binary data have at most 65,535 bytes; more is the caller's mistake. */
  static int requireFits(int length) {
    if (length > 65535) {
      throw new IllegalArgumentException("a field of " + length + " bytes does not fit in MQTT");
    }
    return length;
  }
}
