package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Builds packets byte by byte, so that tests can break them anywhere. */
public final class Bytes {
  private final ByteBuf bytes = Unpooled.buffer();

  private Bytes() {}

  /** Starts with these bytes, each 0 to 255. */
  public static Bytes of(int... values) {
    return new Bytes().bytes(values);
  }

  /** A packet: first byte, right remaining length, body. */
  public static ByteBuf packet(int first, Bytes body) {
    ByteBuf out = Unpooled.buffer().writeByte(first);
    VariableByteInteger.write(out, body.bytes.readableBytes());
    return out.writeBytes(body.bytes.duplicate());
  }

  public Bytes bytes(int... values) {
    for (int value : values) {
      bytes.writeByte(value);
    }
    return this;
  }

  /** A Two Byte Integer. */
  public Bytes twoBytes(int value) {
    bytes.writeShort(value);
    return this;
  }

  /** A Four Byte Integer. */
  public Bytes fourBytes(long value) {
    bytes.writeInt((int) value);
    return this;
  }

  /** A UTF-8 Encoded String. */
  public Bytes string(String text) {
    return binary(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Binary Data, or a string that is not UTF-8. */
  public Bytes binary(byte... data) {
    bytes.writeShort(data.length).writeBytes(data);
    return this;
  }

  /** Binary Data written as numbers. */
  public Bytes octets(int... data) {
    bytes.writeShort(data.length);
    return bytes(data);
  }

  /** Bytes without a length. */
  public Bytes raw(byte... data) {
    bytes.writeBytes(data);
    return this;
  }

  /** Properties behind their length. */
  public Bytes properties(Bytes properties) {
    VariableByteInteger.write(bytes, properties.bytes.readableBytes());
    bytes.writeBytes(properties.bytes.duplicate());
    return this;
  }
}
