package io.troupe.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.Publish;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import net.jqwik.api.constraints.IntRange;

/** What our encoder writes, our decoder reads as the same value, in every version and direction. */
class RoundTripTest {
  private static final int LIMIT = 1 << 20;

  /** A decoder that is ready for any packet of the version. */
  static PacketDecoder decoder(Role receiver, ProtocolVersion version) throws ProtocolViolation {
    if (receiver == Role.CLIENT) {
      return PacketDecoder.forClient(version, LIMIT);
    }
    PacketDecoder decoder = PacketDecoder.forServer(DecoderSettings.DEFAULT);
    decoder.decode(encode(Connect.of(version, "c"), version));
    decoder.maximumPacketSize(LIMIT);
    return decoder;
  }

  static ByteBuf encode(Packet packet, ProtocolVersion version) {
    ByteBuf out = Unpooled.buffer();
    PacketEncoder.encode(packet, version, out);
    return out;
  }

  @Provide
  Arbitrary<Tuple2<ProtocolVersion, Packet>> fromClients() {
    return Arbitraries.of(ProtocolVersion.class)
        .flatMap(v -> PacketArbitraries.sentBy(Role.CLIENT, v).map(p -> Tuple.of(v, p)));
  }

  @Provide
  Arbitrary<Tuple2<ProtocolVersion, Packet>> fromServers() {
    return Arbitraries.of(ProtocolVersion.class)
        .flatMap(v -> PacketArbitraries.sentBy(Role.SERVER, v).map(p -> Tuple.of(v, p)));
  }

  @Provide
  Arbitrary<List<Packet>> manyPackets() {
    return PacketArbitraries.sentBy(Role.CLIENT, ProtocolVersion.V5).list().ofMaxSize(10);
  }

  @Provide
  Arbitrary<Connect> connects() {
    return Arbitraries.of(ProtocolVersion.class).flatMap(PacketArbitraries::connect);
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void packetsOfClients(@ForAll("fromClients") Tuple2<ProtocolVersion, Packet> sent)
      throws ProtocolViolation {
    assertRoundTrip(Role.SERVER, sent.get1(), sent.get2());
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void packetsOfServers(@ForAll("fromServers") Tuple2<ProtocolVersion, Packet> sent)
      throws ProtocolViolation {
    assertRoundTrip(Role.CLIENT, sent.get1(), sent.get2());
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void connectPackets(@ForAll("connects") Connect connect) throws ProtocolViolation {
    PacketDecoder decoder = PacketDecoder.forServer(DecoderSettings.DEFAULT);
    Packet read = decoder.decode(encode(connect, connect.version()));
    assertEquals(connect, read);
    assertEquals(connect.version(), decoder.version());
  }

  /** The announced length is the written one. */
  @Property(edgeCases = EdgeCasesMode.NONE)
  void publishLength(@ForAll("fromServers") Tuple2<ProtocolVersion, Packet> sent) {
    if (sent.get2() instanceof Publish publish) {
      ByteBuf bytes = encode(publish, sent.get1());
      assertEquals(bytes.readableBytes(), PublishEncoder.encodedLength(sent.get1(), publish));
    }
  }

  /** Frames patched for a receiver are those written for it directly. */
  @Property(edgeCases = EdgeCasesMode.NONE)
  void publishFrames(@ForAll("fromServers") Tuple2<ProtocolVersion, Packet> sent) {
    if (!(sent.get2() instanceof Publish p) || p.topicAlias() != 0) {
      return;
    }
    boolean acknowledged = p.packetId() != 0;
    PublishFrame frame =
        PublishFrame.of(
            sent.get1(), p.topic(), p.payload(), p.properties(), p.subscriptionIds(), acknowledged);
    ByteBuf patched = Unpooled.buffer().writeByte(7);
    ByteBuf direct = Unpooled.buffer().writeByte(7);
    long expiry = p.properties().hasMessageExpiry() ? 1234 : -1;
    if (acknowledged) {
      frame.writeTo(patched, p.qos(), p.retain(), p.dup(), p.packetId(), expiry);
    } else {
      frame.writeTo(patched, p.retain(), expiry);
    }
    PublishEncoder.encode(
        direct,
        sent.get1(),
        p.topic(),
        p.payload(),
        p.qos(),
        p.retain(),
        p.dup(),
        p.packetId(),
        0,
        p.properties(),
        expiry,
        p.subscriptionIds());
    assertEquals(direct, patched);
  }

  /** Any number of packets in one buffer, arriving in pieces of any size. */
  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void packetsInPieces(
      @ForAll("manyPackets") List<Packet> packets, @ForAll @IntRange(min = 1, max = 50) int piece)
      throws ProtocolViolation {
    ByteBuf all = Unpooled.buffer();
    packets.forEach(p -> PacketEncoder.encode(p, ProtocolVersion.V5, all));
    PacketDecoder decoder = decoder(Role.SERVER, ProtocolVersion.V5);
    ByteBuf arrived = Unpooled.buffer();
    var read = new ArrayList<Packet>();
    while (all.isReadable()) {
      arrived.writeBytes(all, Math.min(piece, all.readableBytes()));
      for (Packet p = decoder.decode(arrived); p != null; p = decoder.decode(arrived)) {
        read.add(p);
      }
    }
    assertEquals(packets, read);
    assertFalse(arrived.isReadable());
  }

  private static void assertRoundTrip(Role receiver, ProtocolVersion version, Packet packet)
      throws ProtocolViolation {
    ByteBuf bytes = encode(packet, version);
    PacketDecoder decoder = decoder(receiver, version);
    assertEquals(packet, decoder.decode(bytes));
    assertFalse(bytes.isReadable());
    assertNull(decoder.decode(bytes));
  }
}
