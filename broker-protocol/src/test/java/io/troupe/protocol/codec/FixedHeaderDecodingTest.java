package io.troupe.protocol.codec;

import static io.troupe.protocol.codec.Decoding.V3_1_1;
import static io.troupe.protocol.codec.Decoding.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.ReasonCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fixed header (2.1): types, directions, flags, remaining length, and limits. */
class FixedHeaderDecodingTest {
  private static ByteBuf hex(String octets) {
    ByteBuf out = Unpooled.buffer();
    for (String octet : octets.split(" ")) {
      out.writeByte(Integer.parseInt(octet, 16));
    }
    return out;
  }

  @ParameterizedTest
  @EnumSource
  @Statement(v5 = "MQTT-3.1.0-1", v311 = "MQTT-3.1.0-1")
  @Promise("F1")
  void theFirstPacketIsConnect(ProtocolVersion version) {
    for (int type = 2; type < 16; type++) {
      Decoding.refuses(
          PacketDecoder.forServer(DecoderSettings.DEFAULT),
          Unpooled.buffer().writeByte(type << 4).writeByte(0),
          ReasonCode.PROTOCOL_ERROR,
          "MQTT-3.1.0-1");
    }
    assertNotNull(Decoding.decoder(Role.SERVER, version).version());
  }

  @ParameterizedTest
  @EnumSource
  @Statement(v5 = "MQTT-3.1.0-2", v311 = "MQTT-3.1.0-2")
  void thereIsNoSecondConnect(ProtocolVersion version) {
    Decoding.refuses(
        Decoding.decoder(Role.SERVER, version),
        Decoding.encode(Connect.of(version, "c"), version),
        ReasonCode.PROTOCOL_ERROR,
        "MQTT-3.1.0-2");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "SERVER, 2",
    "SERVER, 9",
    "SERVER, 11",
    "SERVER, 13",
    "CLIENT, 1",
    "CLIENT, 8",
    "CLIENT, 10",
    "CLIENT, 12"
  })
  void typesGoOneWay(Role receiver, int type) {
    for (ProtocolVersion version : ProtocolVersion.values()) {
      PacketDecoder decoder = Decoding.decoder(receiver, version);
      boolean secondConnect = receiver == Role.SERVER && type == 1;
      Decoding.refuses(
          decoder,
          Unpooled.buffer().writeByte(type << 4 | PacketType.requiredFlags(type)).writeByte(0),
          ReasonCode.PROTOCOL_ERROR,
          secondConnect ? "MQTT-3.1.0-2" : "2.1.2");
    }
  }

  @Test
  void aServerSendsNoDisconnectBefore50() {
    Decoding.refuses(
        Decoding.decoder(Role.CLIENT, V3_1_1), hex("E0 00"), ReasonCode.PROTOCOL_ERROR, "2.1.2");
  }

  @ParameterizedTest
  @EnumSource
  void typeZeroIsForbidden(ProtocolVersion version) {
    Decoding.refuses(
        Decoding.decoder(Role.SERVER, version), hex("00 00"), ReasonCode.MALFORMED_PACKET, "2.1.2");
  }

  @ParameterizedTest
  @EnumSource(names = {"V3_1", "V3_1_1"})
  void authIsForbiddenBefore50(ProtocolVersion version) {
    Decoding.refuses(
        Decoding.decoder(Role.SERVER, version), hex("F0 00"), ReasonCode.MALFORMED_PACKET, "2.1.2");
  }

  /** Every other value of the four bits, for every type a client sends. */
  @ParameterizedTest(name = "type {0}")
  @CsvSource({
    "4, MQTT-2.1.3-1", "5, MQTT-2.1.3-1", "6, MQTT-3.6.1-1", "7, MQTT-2.1.3-1",
    "8, MQTT-3.8.1-1", "10, MQTT-3.10.1-1", "12, MQTT-2.1.3-1", "14, MQTT-3.14.1-1",
    "15, MQTT-3.15.1-1"
  })
  @Statement(
      v5 = {
        "MQTT-2.1.3-1",
        "MQTT-3.6.1-1",
        "MQTT-3.8.1-1",
        "MQTT-3.10.1-1",
        "MQTT-3.14.1-1",
        "MQTT-3.15.1-1"
      },
      v311 = {
        "MQTT-2.2.2-1",
        "MQTT-2.2.2-2",
        "MQTT-3.6.1-1",
        "MQTT-3.8.1-1",
        "MQTT-3.10.1-1",
        "MQTT-3.14.1-1"
      })
  void reservedFlagsHaveTheirValue(int type, String statement) {
    for (int flags = 0; flags < 16; flags++) {
      if (flags == PacketType.requiredFlags(type)) {
        continue;
      }
      ByteBuf bytes = Unpooled.buffer().writeByte(type << 4 | flags).writeByte(0);
      Decoding.refuses(
          Decoding.decoder(Role.SERVER, V5), bytes.copy(), ReasonCode.MALFORMED_PACKET, statement);
      if (type != 15) {
        Decoding.refuses(
            Decoding.decoder(Role.SERVER, V3_1_1),
            bytes,
            ReasonCode.MALFORMED_PACKET,
            statement.equals("MQTT-2.1.3-1") ? "MQTT-2.2.2-1" : statement);
      }
    }
  }

  @Test
  @Statement(v5 = "MQTT-2.1.3-1", v311 = "MQTT-2.2.2-1")
  void reservedFlagsOfConnectAreZero() {
    for (int flags = 1; flags < 16; flags++) {
      Decoding.refuses(
          PacketDecoder.forServer(DecoderSettings.DEFAULT),
          Unpooled.buffer().writeByte(0x10 | flags).writeByte(0),
          ReasonCode.MALFORMED_PACKET,
          "MQTT-2.1.3-1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"30 80 80 80 80", "30 FF FF FF FF", "30 80 80 80 80 01"})
  @Promise("F4")
  void remainingLengthHasAtMostFourBytes(String octets) {
    for (ProtocolVersion version : ProtocolVersion.values()) {
      Decoding.refuses(
          Decoding.decoder(Role.SERVER, version),
          hex(octets),
          ReasonCode.MALFORMED_PACKET,
          "2.1.4");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"C0 80 00", "C0 80 80 00", "C0 80 80 80 00", "E0 82 00 00 00"})
  @Statement(v5 = "MQTT-1.5.5-1")
  void remainingLengthHasNoMoreBytesThanNeeded(String octets) {
    Decoding.refuses(
        Decoding.decoder(Role.SERVER, V5),
        hex(octets),
        ReasonCode.MALFORMED_PACKET,
        "MQTT-1.5.5-1");
  }

  /** 3.1.1 does not demand the shortest form. */
  @Test
  void remainingLengthMayBeLongerThanNeededBefore50() {
    assertEquals(
        Pingreq.INSTANCE,
        Decoding.decode(Decoding.decoder(Role.SERVER, V3_1_1), hex("C0 80 80 00")));
  }

  @Test
  @Statement(v5 = "MQTT-1.5.5-1")
  void remainingLengthOfConnectHasNoMoreBytesThanNeeded() {
    Decoding.refuses(
        PacketDecoder.forServer(DecoderSettings.DEFAULT),
        hex("10 8E 00 00 04 4D 51 54 54 05 02 00 3C 00 00 01 63"),
        ReasonCode.MALFORMED_PACKET,
        "MQTT-1.5.5-1");
    Connect old =
        (Connect)
            Decoding.decode(
                PacketDecoder.forServer(DecoderSettings.DEFAULT),
                hex("10 8D 00 00 04 4D 51 54 54 04 02 00 3C 00 01 63"));
    assertEquals(V3_1_1, old.version());
  }

  @ParameterizedTest(name = "{0} bytes of payload")
  @ValueSource(ints = {0, 124, 125, 16_380, 16_381, 1_048_560})
  void remainingLengthOfEveryWidthIsRead(int length) {
    ByteBuf bytes = Bytes.packet(0x30, Bytes.of().string("t").raw(new byte[length]));

    Publish publish = (Publish) Decoding.fromClient(V3_1_1, bytes);

    assertEquals(Payload.wrap(new byte[length]), publish.payload());
  }

  @Test
  void anIncompletePacketIsAwaited() {
    PacketDecoder decoder = Decoding.decoder(Role.SERVER, V5);
    ByteBuf whole = Bytes.packet(0x30, Bytes.of().string("topic").bytes(0).raw(new byte[300]));
    ByteBuf arrived = Unpooled.buffer();
    while (whole.readableBytes() > 1) {
      arrived.writeByte(whole.readByte());

      assertNull(Decoding.decode(decoder, arrived));
      assertEquals(0, arrived.readerIndex());
    }
    arrived.writeByte(whole.readByte());

    assertNotNull(Decoding.decode(decoder, arrived));
  }

  @Test
  void aBrokenDecoderYieldsNothingMore() {
    PacketDecoder decoder = Decoding.decoder(Role.SERVER, V5);
    Decoding.refuses(decoder, hex("00 00"), ReasonCode.MALFORMED_PACKET, "2.1.2");

    assertNull(Decoding.decode(decoder, hex("C0 00")));
  }

  /** 256 MB announced: refused at the fixed header, none of it awaited. */
  @Test
  void aPacketAboveTheMaximumIsRefusedAtItsHeader() {
    PacketDecoder decoder = Decoding.decoder(Role.SERVER, V5);

    Decoding.refuses(decoder, hex("30 FF FF FF 7F"), ReasonCode.PACKET_TOO_LARGE, "3.1.2.11.4");
  }

  @Test
  void theMaximumCountsTheFixedHeader() {
    PacketDecoder exact = Decoding.decoder(Role.SERVER, V5);
    exact.maximumPacketSize(10);
    PacketDecoder less = Decoding.decoder(Role.SERVER, V5);
    less.maximumPacketSize(9);
    ByteBuf packet = Bytes.packet(0x30, Bytes.of().string("t").bytes(0).raw(new byte[4]));

    assertEquals(10, packet.readableBytes());
    assertNotNull(Decoding.decode(exact, packet.copy()));
    Decoding.refuses(less, packet, ReasonCode.PACKET_TOO_LARGE, "3.1.2.11.4");
  }

  @Test
  @Promise("F1")
  void beforeConnectOnlyLittleIsTaken() {
    Decoding.refuses(
        PacketDecoder.forServer(DecoderSettings.DEFAULT),
        hex("10 FF FF FF 7F"),
        ReasonCode.PACKET_TOO_LARGE,
        "3.1.2.11.4");
  }

  private static ByteBuf connect(int flags, int payloadBytes) {
    Bytes body = Bytes.of().string("MQTT").bytes(4, flags).twoBytes(60).string("c");
    return Bytes.packet(0x10, body.string("t").binary(new byte[payloadBytes]));
  }

  @Test
  @Promise("F1")
  void aConnectOfMoreThan8KilobytesNeedsAWill() {
    assertNotNull(
        Decoding.decode(PacketDecoder.forServer(DecoderSettings.DEFAULT), connect(6, 65535)));
    Decoding.refuses(
        PacketDecoder.forServer(DecoderSettings.DEFAULT),
        connect(0x82, 9000),
        ReasonCode.PACKET_TOO_LARGE,
        "3.1.2.11.4");
  }

  /** The decision needs the flags, which come ten bytes behind the fixed header. */
  @Test
  void whetherALargeConnectHasAWillIsAwaited() {
    PacketDecoder decoder = PacketDecoder.forServer(DecoderSettings.DEFAULT);
    ByteBuf whole = connect(0xC2, 9000);
    ByteBuf beginning = whole.readBytes(10);

    assertNull(Decoding.decode(decoder, beginning));
    beginning.writeBytes(whole, 3);
    Decoding.refuses(decoder, beginning, ReasonCode.PACKET_TOO_LARGE, "3.1.2.11.4");
  }

  /** A protocol name of 64 kB would otherwise hide the flags. */
  @Test
  void aLongProtocolNameDoesNotHideTheSize() {
    PacketDecoder decoder = PacketDecoder.forServer(DecoderSettings.DEFAULT);
    ByteBuf bytes = Unpooled.buffer().writeByte(0x10);
    VariableByteInteger.write(bytes, 66_000);
    bytes.writeShort(65_000).writeZero(DecoderSettings.DEFAULT.connectBytesMax());

    Decoding.refuses(decoder, bytes, ReasonCode.PACKET_TOO_LARGE, "3.1.2.11.4");
  }

  /** Authentication may take several packets; they stay small until CONNACK. */
  @Test
  void theSmallLimitHoldsUntilConnectIsAccepted() {
    PacketDecoder decoder = PacketDecoder.forServer(DecoderSettings.DEFAULT);
    Decoding.decode(decoder, Decoding.encode(Connect.of(V5, "c"), V5));

    Decoding.refuses(decoder, hex("F0 80 80 01"), ReasonCode.PACKET_TOO_LARGE, "3.1.2.11.4");
  }

  @ParameterizedTest
  @EnumSource
  void pingsAreEmpty(ProtocolVersion version) {
    assertEquals(Pingreq.INSTANCE, Decoding.fromClient(version, 0xC0, Bytes.of()));
    Decoding.refusesFromClient(version, 0xC0, Bytes.of(0), ReasonCode.MALFORMED_PACKET, "2.1.4");
    Decoding.refusesFromServer(version, 0xD0, Bytes.of(0), ReasonCode.MALFORMED_PACKET, "2.1.4");
  }
}
