package io.troupe.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple3;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Whatever the bytes, the decoder yields packets or a violation, and nothing else. */
class HostileBytesTest {

  @Provide
  Arbitrary<Tuple3<Role, ProtocolVersion, ByteBuf>> packets() {
    return Arbitraries.of(Role.class)
        .flatMap(
            sender ->
                Arbitraries.of(ProtocolVersion.class)
                    .flatMap(
                        v ->
                            PacketArbitraries.sentBy(sender, v)
                                .map(
                                    p ->
                                        Tuple.of(
                                            sender == Role.CLIENT ? Role.SERVER : Role.CLIENT,
                                            v,
                                            Decoding.encode(p, v)))));
  }

  @Provide
  Arbitrary<ByteBuf> connects() {
    return Arbitraries.of(ProtocolVersion.class)
        .flatMap(PacketArbitraries::connect)
        .map(c -> Decoding.encode(c, c.version()));
  }

  /** Decodes all there is; any other exception than a violation fails the test. */
  private static void decodeAll(PacketDecoder decoder, ByteBuf bytes) {
    try {
      Packet packet;
      do {
        packet = decoder.decode(bytes);
      } while (packet != null);
    } catch (ProtocolViolation violation) {
      assertNotNull(violation.statement());
      assertTrue(violation.reasonCode().isError());
      assertTrue(violation.detail().length() < 200, violation.detail());
    }
  }

  @Property(tries = 5000, edgeCases = EdgeCasesMode.NONE)
  @Promise("F4")
  void randomBytes(
      @ForAll Role receiver,
      @ForAll ProtocolVersion version,
      @ForAll @Size(max = 64) byte[] bytes) {
    decodeAll(Decoding.decoder(receiver, version), Unpooled.wrappedBuffer(bytes));
    decodeAll(
        PacketDecoder.forServer(DecoderSettings.DEFAULT), Unpooled.wrappedBuffer(bytes.clone()));
  }

  /** Random bytes behind a right fixed header reach the parsers of every packet. */
  @Property(tries = 5000, edgeCases = EdgeCasesMode.NONE)
  @Promise("F4")
  void randomBodies(
      @ForAll Role receiver,
      @ForAll ProtocolVersion version,
      @ForAll byte first,
      @ForAll @Size(max = 64) byte[] body) {
    int type = first >> 4 & 15;
    int header =
        type == PacketType.PUBLISH ? first & 0xFF : type << 4 | PacketType.requiredFlags(type);
    ByteBuf packet = Bytes.packet(header, Bytes.of().raw(body));
    decodeAll(Decoding.decoder(receiver, version), packet);
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  @Promise("F4")
  void damagedPackets(
      @ForAll("packets") Tuple3<Role, ProtocolVersion, ByteBuf> sent,
      @ForAll int where,
      @ForAll byte flip) {
    ByteBuf bytes = sent.get3().copy();
    int index = Math.floorMod(where, bytes.readableBytes());
    bytes.setByte(index, bytes.getByte(index) ^ flip);
    decodeAll(Decoding.decoder(sent.get1(), sent.get2()), bytes);
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  @Promise("F4")
  void damagedConnects(@ForAll("connects") ByteBuf connect, @ForAll int where, @ForAll byte flip) {
    ByteBuf bytes = connect.copy();
    int index = Math.floorMod(where, bytes.readableBytes());
    bytes.setByte(index, bytes.getByte(index) ^ flip);
    decodeAll(PacketDecoder.forServer(DecoderSettings.DEFAULT), bytes);
  }

  /** The fixed header tells the truth, but the body ends early: never read beyond it. */
  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  @Promise("F4")
  void truncatedPackets(
      @ForAll("packets") Tuple3<Role, ProtocolVersion, ByteBuf> sent, @ForAll int where) {
    ByteBuf whole = sent.get3().copy();
    int first = whole.readUnsignedByte();
    while (whole.readByte() < 0) {
      // skips the remaining length
    }
    byte[] body = new byte[whole.readableBytes()];
    whole.readBytes(body);
    int length = body.length == 0 ? 0 : Math.floorMod(where, body.length);
    ByteBuf packet = Bytes.packet(first, Bytes.of().raw(Arrays.copyOf(body, length)));
    packet.writeBytes(body, length, body.length - length);
    decodeAll(Decoding.decoder(sent.get1(), sent.get2()), packet);
  }

  /** A packet that has not arrived is not looked at, however long it takes to come. */
  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void everyPrefixOfAPacketIsAwaited(
      @ForAll("packets") Tuple3<Role, ProtocolVersion, ByteBuf> sent, @ForAll int where)
      throws ProtocolViolation {
    ByteBuf bytes = sent.get3();
    int length = Math.floorMod(where, bytes.readableBytes());
    PacketDecoder decoder = Decoding.decoder(sent.get1(), sent.get2());
    assertNull(decoder.decode(bytes.copy(0, length)));
  }

  /**
   * A million parts of a packet must not need a copy of all before for each one more: told by what
   * is allocated, which does not depend on the machine's load.
   */
  @Test
  @Promise({"F3", "F4"})
  void parsingIsLinear() {
    IntFunction<ByteBuf> userProperties =
        n -> {
          Bytes properties = Bytes.of();
          for (int i = 0; i < n; i++) {
            properties.bytes(0x26).string("k").string("v");
          }
          return Bytes.packet(0x30, Bytes.of().string("t").properties(properties));
        };
    IntFunction<ByteBuf> filters =
        n -> {
          Bytes body = Bytes.of(1, 2, 0);
          for (int i = 0; i < n; i++) {
            body.string("+/+/#").bytes(0);
          }
          return Bytes.packet(0x82, body);
        };
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (IntFunction<ByteBuf> shape : List.of(userProperties, filters)) {
      PacketDecoder decoder = Decoding.decoder(Role.SERVER, ProtocolVersion.V5);
      decoder.maximumPacketSize(DecoderSettings.PACKET_BYTES_MAX);
      ByteBuf packet = shape.apply(1_000_000);
      long before = threads.getCurrentThreadAllocatedBytes();

      assertNotNull(Decoding.decode(decoder, packet));

      long each = (threads.getCurrentThreadAllocatedBytes() - before) / 1_000_000;
      assertTrue(each <= 1_024, () -> each + " bytes each");
    }
  }
}
