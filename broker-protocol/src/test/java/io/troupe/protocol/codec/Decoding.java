package io.troupe.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.ReasonCode;

/** What the decoder tests share: decode as one side, expect a packet or a violation. */
final class Decoding {
  static final ProtocolVersion V3_1 = ProtocolVersion.V3_1;
  static final ProtocolVersion V3_1_1 = ProtocolVersion.V3_1_1;
  static final ProtocolVersion V5 = ProtocolVersion.V5;

  /** Packets up to this size are taken. */
  static final int LIMIT = 1 << 20;

  private Decoding() {}

  /** A decoder that is ready for any packet of the version. */
  static PacketDecoder decoder(Role receiver, ProtocolVersion version) {
    if (receiver == Role.CLIENT) {
      return PacketDecoder.forClient(version, LIMIT);
    }
    PacketDecoder decoder = PacketDecoder.forServer(DecoderSettings.DEFAULT);
    decode(decoder, encode(Connect.of(version, "c"), version));
    decoder.maximumPacketSize(LIMIT);
    return decoder;
  }

  static ByteBuf encode(Packet packet, ProtocolVersion version) {
    ByteBuf out = Unpooled.buffer();
    PacketEncoder.encode(packet, version, out);
    return out;
  }

  static Packet decode(PacketDecoder decoder, ByteBuf bytes) {
    try {
      return decoder.decode(bytes);
    } catch (ProtocolViolation e) {
      throw new AssertionError(e.statement() + ": " + e.detail(), e);
    }
  }

  /** What a server reads from a client after CONNECT; the packet must be whole. */
  static Packet fromClient(ProtocolVersion version, ByteBuf bytes) {
    return whole(decoder(Role.SERVER, version), bytes);
  }

  static Packet fromClient(ProtocolVersion version, int first, Bytes body) {
    return fromClient(version, Bytes.packet(first, body));
  }

  static Packet fromServer(ProtocolVersion version, int first, Bytes body) {
    return whole(decoder(Role.CLIENT, version), Bytes.packet(first, body));
  }

  private static Packet whole(PacketDecoder decoder, ByteBuf bytes) {
    Packet packet = decode(decoder, bytes);
    assertFalse(bytes.isReadable(), "bytes left behind the packet");
    return packet;
  }

  /** A CONNECT on a new connection. */
  static Connect connect(Bytes body) {
    return (Connect)
        decode(PacketDecoder.forServer(DecoderSettings.DEFAULT), Bytes.packet(0x10, body));
  }

  static void refuses(PacketDecoder decoder, ByteBuf bytes, ReasonCode reason, String statement) {
    ProtocolViolation violation =
        assertThrows(ProtocolViolation.class, () -> decoder.decode(bytes));
    assertEquals(statement, violation.statement(), violation.detail());
    assertEquals(reason, violation.reasonCode(), violation.detail());
  }

  static void refusesFromClient(
      ProtocolVersion version, int first, Bytes body, ReasonCode reason, String statement) {
    refuses(decoder(Role.SERVER, version), Bytes.packet(first, body), reason, statement);
  }

  static void refusesFromServer(
      ProtocolVersion version, int first, Bytes body, ReasonCode reason, String statement) {
    refuses(decoder(Role.CLIENT, version), Bytes.packet(first, body), reason, statement);
  }

  static void refusesConnect(Bytes body, ReasonCode reason, String statement) {
    refuses(
        PacketDecoder.forServer(DecoderSettings.DEFAULT),
        Bytes.packet(0x10, body),
        reason,
        statement);
  }
}
