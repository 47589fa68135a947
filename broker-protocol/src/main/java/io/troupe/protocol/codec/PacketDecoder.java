package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ProtocolViolation.malformed;
import static io.troupe.protocol.packet.ProtocolViolation.protocolError;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.ReasonCode;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one connection into packets, strictly: whatever the specification forbids in
 * one packet is a {@link ProtocolViolation}, after which the decoder yields nothing more. What
 * depends on other packets (packet identifiers in use, quotas, topic aliases) is the session's.
 *
 * <p>A server's decoder starts without a version: its first packet is CONNECT (MQTT-3.1.0-1), which
 * sets {@link #version}; a second one is a violation (MQTT-3.1.0-2). Until {@link
 * #maximumPacketSize} is called, packets are limited to {@link DecoderSettings#connectBytesMax}, a
 * CONNECT with a will to {@link DecoderSettings#connectWithWillBytesMax}. Sizes are judged by the
 * fixed header, before anything is stored. Parsing takes time and memory linear in the packet.
 *
 * <p>Owned by one thread.
 */
public final class PacketDecoder {
  private final Role receiver;
  private final DecoderSettings settings;
  private @Nullable ProtocolVersion version;
  private int bytesMax;
  private boolean broken;

  // The fixed header read last.
  private int headerBytes;
  private int remainingLength;

  private PacketDecoder(
      Role receiver, DecoderSettings settings, @Nullable ProtocolVersion version, int bytesMax) {
    this.receiver = receiver;
    this.settings = settings;
    this.version = version;
    this.bytesMax = bytesMax;
  }

  /** For what clients send. */
  public static PacketDecoder forServer(DecoderSettings settings) {
    return new PacketDecoder(Role.SERVER, settings, null, 0);
  }

  /**
   * For what a server sends to a client of this version.
   *
   * @param bytesMax the client's Maximum Packet Size
   */
  public static PacketDecoder forClient(ProtocolVersion version, int bytesMax) {
    return new PacketDecoder(Role.CLIENT, DecoderSettings.DEFAULT, version, bytesMax);
  }

  /**
   * The version in which to talk to the peer: that of its CONNECT, known as soon as the protocol
   * level was read, even if the rest was malformed. For a level we do not speak it is the version
   * in whose form the peer most likely understands the refusal: 3.1.1 below, 5.0 above. Null
   * before, and after a foreign protocol name: then there is nothing to answer.
   */
  public @Nullable ProtocolVersion version() {
    return version;
  }

  /** CONNECT was accepted: packets up to this size, fixed header included, come in from now on. */
  public void maximumPacketSize(int bytes) {
    bytesMax = bytes;
  }

  /**
   * The next packet, or null if the bytes do not hold a whole one. Moves the reader index behind
   * the packet; after a violation both indices are undefined. The buffer must hold nothing behind
   * its writer index.
   */
  public @Nullable Packet decode(ByteBuf in) throws ProtocolViolation {
    if (broken) {
      return null;
    }
    try {
      if (!readFixedHeader(in) || in.readableBytes() < headerBytes + remainingLength) {
        return null;
      }
      int first = in.getUnsignedByte(in.readerIndex());
      int bytesEnd = in.writerIndex();
      in.skipBytes(headerBytes);
      in.writerIndex(in.readerIndex() + remainingLength);
      Packet packet = decodeBody(in, first >> 4, first & 15);
      in.writerIndex(bytesEnd);
      return packet;
    } catch (ProtocolViolation violation) {
      broken = true;
      throw violation;
    }
  }

  /** Reads and judges the fixed header in place; false if it is not complete. */
  private boolean readFixedHeader(ByteBuf in) throws ProtocolViolation {
    int start = in.readerIndex();
    int readable = in.readableBytes();
    if (readable == 0) {
      return false;
    }
    int first = in.getUnsignedByte(start);
    checkType(first >> 4, first & 15);
    int length = 0;
    for (int i = 1; i <= 4; i++) {
      if (readable <= i) {
        return false;
      }
      int b = in.getUnsignedByte(start + i);
      length |= (b & 0x7F) << (7 * (i - 1));
      if (b < 0x80) {
        if (b == 0 && i > 1 && version != null && version.isV5()) {
          throw malformed("MQTT-1.5.5-1", "Remaining Length has more bytes than needed");
        }
        headerBytes = 1 + i;
        remainingLength = length;
        return isSizeAllowed(in);
      }
    }
    throw malformed("2.1.4", "Remaining Length is longer than four bytes");
  }

  private void checkType(int type, int flags) throws ProtocolViolation {
    if (type == 0 || (type == PacketType.AUTH && version != null && !version.isV5())) {
      throw malformed("2.1.2", PacketType.name(type) + " is forbidden");
    }
    if (version == null && type != PacketType.CONNECT) {
      throw protocolError("MQTT-3.1.0-1", PacketType.name(type) + " before CONNECT");
    }
    if (version != null && receiver == Role.SERVER && type == PacketType.CONNECT) {
      throw protocolError("MQTT-3.1.0-2", "a second CONNECT");
    }
    if (!PacketType.mayReceive(receiver, type)
        || (receiver == Role.CLIENT
            && type == PacketType.DISCONNECT
            && version != null
            && !version.isV5())) {
      throw protocolError(
          "2.1.2", PacketType.name(type) + " cannot be sent to a " + receiver.name());
    }
    if (type != PacketType.PUBLISH && flags != PacketType.requiredFlags(type)) {
      throw malformed(flagsStatement(type), "reserved flags of " + PacketType.name(type));
    }
  }

  private String flagsStatement(int type) {
    return switch (type) {
      case PacketType.PUBREL -> "MQTT-3.6.1-1";
      case PacketType.SUBSCRIBE -> "MQTT-3.8.1-1";
      case PacketType.UNSUBSCRIBE -> "MQTT-3.10.1-1";
      case PacketType.DISCONNECT -> "MQTT-3.14.1-1";
      case PacketType.AUTH -> "MQTT-3.15.1-1";
      default -> version == null || version.isV5() ? "MQTT-2.1.3-1" : "MQTT-2.2.2-1";
    };
  }

  /** False: not yet known, more bytes must come. */
  private boolean isSizeAllowed(ByteBuf in) throws ProtocolViolation {
    int bytes = headerBytes + remainingLength;
    if (bytesMax > 0) {
      requireSize(bytes, bytesMax);
      return true;
    }
    if (bytes <= settings.connectBytesMax()) {
      return true;
    }
    if (version != null) {
      requireSize(bytes, settings.connectBytesMax());
    }
    requireSize(bytes, settings.connectWithWillBytesMax());
    Boolean will =
        ConnectDecoder.hasWill(
            in, in.readerIndex() + headerBytes, in.readableBytes() - headerBytes);
    if (will == null) {
      // The flags follow the protocol name: nothing says it is short.
      requireSize(in.readableBytes(), settings.connectBytesMax());
      return false;
    }
    if (!will) {
      requireSize(bytes, settings.connectBytesMax());
    }
    return true;
  }

  private static void requireSize(int bytes, int bytesMax) throws ProtocolViolation {
    if (bytes > bytesMax) {
      throw new ProtocolViolation(
          ReasonCode.PACKET_TOO_LARGE,
          "3.1.2.11.4",
          "a packet of " + bytes + " bytes, allowed are " + bytesMax);
    }
  }

  private Packet decodeBody(ByteBuf in, int type, int flags) throws ProtocolViolation {
    ProtocolVersion v = version;
    if (v == null) {
      return decodeConnect(in);
    }
    return switch (type) {
      case PacketType.PUBLISH ->
          PublishDecoder.decode(in, flags, v, receiver, settings.payloadFormatChecked());
      case PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREL, PacketType.PUBCOMP ->
          AckDecoder.decode(in, type, v, receiver);
      case PacketType.SUBSCRIBE -> SubscribeDecoder.decodeSubscribe(in, v);
      case PacketType.UNSUBSCRIBE -> SubscribeDecoder.decodeUnsubscribe(in, v);
      case PacketType.PINGREQ -> empty(in, Pingreq.INSTANCE, "PINGREQ");
      case PacketType.DISCONNECT -> DisconnectDecoder.decodeDisconnect(in, v, receiver);
      case PacketType.AUTH -> DisconnectDecoder.decodeAuth(in, receiver);
      case PacketType.CONNACK -> ConnackDecoder.decode(in, v);
      case PacketType.SUBACK -> SubackDecoder.decodeSuback(in, v);
      case PacketType.UNSUBACK -> SubackDecoder.decodeUnsuback(in, v);
      case PacketType.PINGRESP -> empty(in, Pingresp.INSTANCE, "PINGRESP");
      default -> throw new AssertionError(type);
    };
  }

  private Packet decodeConnect(ByteBuf in) throws ProtocolViolation {
    boolean minimal = headerBytes == 2 || remainingLength >= 1 << (7 * (headerBytes - 2));
    int level = ConnectDecoder.readLevel(in);
    switch (level) {
      case 3 -> version = ProtocolVersion.V3_1;
      case 4 -> version = ProtocolVersion.V3_1_1;
      case 5 -> version = ProtocolVersion.V5;
      default -> {
        version = level > 5 && level < 0x80 ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;
        throw ConnectDecoder.unsupported(level);
      }
    }
    if (level == 5 && !minimal) {
      throw malformed("MQTT-1.5.5-1", "Remaining Length has more bytes than needed");
    }
    return ConnectDecoder.decode(in, version, settings);
  }

  private static Packet empty(ByteBuf in, Packet packet, String name) throws ProtocolViolation {
    DataRepresentation.requireEnd(in, name);
    return packet;
  }
}
