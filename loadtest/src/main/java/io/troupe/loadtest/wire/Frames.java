package io.troupe.loadtest.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.troupe.loadtest.wire.ConnectSpec.Credentials;
import io.troupe.loadtest.wire.ConnectSpec.WillSpec;
import io.troupe.protocol.packet.ProtocolVersion;
import java.nio.charset.StandardCharsets;

/** Writes control packets a client sends, straight into a buffer. */
public final class Frames {
  public static final int CONNECT = 1;
  public static final int CONNACK = 2;
  public static final int PUBLISH = 3;
  public static final int PUBACK = 4;
  public static final int PUBREC = 5;
  public static final int PUBREL = 6;
  public static final int PUBCOMP = 7;
  public static final int SUBSCRIBE = 8;
  public static final int SUBACK = 9;
  public static final int UNSUBSCRIBE = 10;
  public static final int UNSUBACK = 11;
  public static final int PINGREQ = 12;
  public static final int PINGRESP = 13;
  public static final int DISCONNECT = 14;

  private static final int MESSAGE_EXPIRY_INTERVAL = 0x02;
  private static final int SESSION_EXPIRY_INTERVAL = 0x11;
  private static final int WILL_DELAY_INTERVAL = 0x18;
  private static final int RECEIVE_MAXIMUM = 0x21;

  private Frames() {}

  public static void connect(ByteBuf out, ConnectSpec spec) {
    ByteBuf body = out.alloc().buffer(128);
    try {
      connectBody(body, spec);
      out.writeByte(CONNECT << 4);
      writeLength(out, body.readableBytes());
      out.writeBytes(body);
    } finally {
      body.release();
    }
  }

  private static void connectBody(ByteBuf body, ConnectSpec spec) {
    ProtocolVersion version = spec.version();
    WillSpec will = spec.will();
    Credentials credentials = spec.credentials();
    writeString(body, version.protocolName());
    body.writeByte(version.level());
    int flags = spec.cleanStart() ? 2 : 0;
    if (will != null) {
      flags |= 4 | (will.qos() << 3) | (will.retain() ? 0x20 : 0);
    }
    if (credentials != null) {
      flags |= 0xC0;
    }
    body.writeByte(flags);
    body.writeShort(spec.keepAliveSeconds());
    if (version.isV5()) {
      boolean limited = spec.receiveMaximum() < 65535;
      body.writeByte(5 + (limited ? 3 : 0));
      body.writeByte(SESSION_EXPIRY_INTERVAL).writeInt(spec.sessionExpirySeconds());
      if (limited) {
        body.writeByte(RECEIVE_MAXIMUM).writeShort(spec.receiveMaximum());
      }
    }
    writeString(body, spec.clientId());
    if (will != null) {
      if (version.isV5()) {
        body.writeByte(5).writeByte(WILL_DELAY_INTERVAL).writeInt(will.delaySeconds());
      }
      writeString(body, will.topic());
      body.writeShort(will.payload().length()).writeBytes(will.payload().array());
    }
    if (credentials != null) {
      writeString(body, credentials.userName());
      writeString(body, credentials.password());
    }
  }

  /**
   * @param packetId not written at QoS 0
   */
  public static void publish(
      ByteBuf out,
      ProtocolVersion version,
      String topic,
      byte[] payload,
      int qos,
      boolean dup,
      boolean retain,
      int packetId) {
    publish(out, version, topic, payload, qos, dup, retain, packetId, 0);
  }

  /**
   * @param packetId not written at QoS 0
   * @param expirySeconds Message Expiry Interval; not written if 0, and by 5.0 clients only
   */
  public static void publish(
      ByteBuf out,
      ProtocolVersion version,
      String topic,
      byte[] payload,
      int qos,
      boolean dup,
      boolean retain,
      int packetId,
      int expirySeconds) {
    int properties = version.isV5() && expirySeconds > 0 ? 5 : 0;
    int length =
        2
            + ByteBufUtil.utf8Bytes(topic)
            + (qos > 0 ? 2 : 0)
            + (version.isV5() ? 1 + properties : 0)
            + payload.length;
    out.writeByte((PUBLISH << 4) | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0));
    writeLength(out, length);
    writeString(out, topic);
    if (qos > 0) {
      out.writeShort(packetId);
    }
    if (version.isV5()) {
      out.writeByte(properties);
      if (properties > 0) {
        out.writeByte(MESSAGE_EXPIRY_INTERVAL).writeInt(expirySeconds);
      }
    }
    out.writeBytes(payload);
  }

  /** PUBACK, PUBREC, PUBREL or PUBCOMP with success. */
  public static void ack(ByteBuf out, int type, int packetId) {
    out.writeByte((type << 4) | (type == PUBREL ? 2 : 0)).writeByte(2).writeShort(packetId);
  }

  /** One filter per packet; options are the QoS alone, so No Local and the rest are off. */
  public static void subscribe(
      ByteBuf out, ProtocolVersion version, int packetId, String filter, int qos) {
    out.writeByte((SUBSCRIBE << 4) | 2);
    writeLength(out, 2 + (version.isV5() ? 1 : 0) + 2 + ByteBufUtil.utf8Bytes(filter) + 1);
    out.writeShort(packetId);
    if (version.isV5()) {
      out.writeByte(0);
    }
    writeString(out, filter);
    out.writeByte(qos);
  }

  /** One filter per packet. */
  public static void unsubscribe(
      ByteBuf out, ProtocolVersion version, int packetId, String filter) {
    out.writeByte((UNSUBSCRIBE << 4) | 2);
    writeLength(out, 2 + (version.isV5() ? 1 : 0) + 2 + ByteBufUtil.utf8Bytes(filter));
    out.writeShort(packetId);
    if (version.isV5()) {
      out.writeByte(0);
    }
    writeString(out, filter);
  }

  public static void pingreq(ByteBuf out) {
    out.writeByte(PINGREQ << 4).writeByte(0);
  }

  /** A normal disconnection, short in every version. */
  public static void disconnect(ByteBuf out) {
    out.writeByte(DISCONNECT << 4).writeByte(0);
  }

  static void writeLength(ByteBuf out, int length) {
    int rest = length;
    while (rest > 0x7F) {
      out.writeByte((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  private static void writeString(ByteBuf out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeShort(bytes.length).writeBytes(bytes);
  }
}
