package io.troupe.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Auth;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Subscribe;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.packet.Unsubscribe;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The bytes on the wire, and what each version leaves out. */
class PacketEncoderTest {
  private static final ProtocolVersion V3_1_1 = ProtocolVersion.V3_1_1;
  private static final ProtocolVersion V5 = ProtocolVersion.V5;
  private static final List<UserProperty> USERS = List.of(new UserProperty("a", "b"));

  private static String hex(Packet packet, ProtocolVersion version) {
    return ByteBufUtil.hexDump(Decoding.encode(packet, version));
  }

  private static Publish publish(Qos qos, MessageProperties properties) {
    return new Publish(
        "a/b",
        Payload.wrap(new byte[] {1, 2}),
        qos,
        true,
        qos != Qos.AT_MOST_ONCE,
        qos == Qos.AT_MOST_ONCE ? 0 : 0x1234,
        0,
        properties,
        List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "V3_1_1, AT_MOST_ONCE, 31070003612f620102",
    "V3_1_1, AT_LEAST_ONCE, 3b090003612f6212340102",
    "V5, AT_MOST_ONCE, 31080003612f62000102",
    "V5, EXACTLY_ONCE, 3d0a0003612f621234000102",
  })
  void publish(ProtocolVersion version, Qos qos, String expected) {
    assertEquals(expected, hex(publish(qos, MessageProperties.NONE), version));
  }

  /** The form without reason code is the shortest, and the only one of 3.x. */
  @Test
  void acknowledgements() {
    assertEquals("40021234", hex(Puback.of(0x1234), V5));
    assertEquals("50021234", hex(Pubrec.of(0x1234), V5));
    assertEquals("62021234", hex(Pubrel.of(0x1234), V5));
    assertEquals("70021234", hex(Pubcomp.of(0x1234), V5));
    assertEquals("4003123410", hex(Puback.of(0x1234, ReasonCode.NO_MATCHING_SUBSCRIBERS), V5));
    assertEquals(
        "400b1234870726000161000162",
        hex(new Puback(0x1234, ReasonCode.NOT_AUTHORIZED, null, USERS), V5));
    assertEquals(
        "40021234", hex(new Puback(0x1234, ReasonCode.NOT_AUTHORIZED, "no", USERS), V3_1_1));
  }

  @Test
  void pingresp() {
    assertEquals("d000", hex(Pingresp.INSTANCE, V3_1_1));
  }

  @ParameterizedTest
  @EnumSource
  @Statement(v311 = {"MQTT-3.1.4-2", "MQTT-3.2.2-4"})
  void everyRefusalHasAReturnCodeIn311(ReasonCode reason) {
    String hex = hex(new Connack(false, reason, Connack.Properties.NONE), V3_1_1);

    assertEquals(8, hex.length());
    int code = Integer.parseInt(hex.substring(6), 16);
    assertEquals(reason == ReasonCode.SUCCESS, code == 0);
    assertEquals(true, code <= 5);
  }

  @Test
  void connack() {
    assertEquals("20020005", hex(Connack.refused(ReasonCode.BANNED), V3_1_1));
    assertEquals("20020100", hex(new Connack(true, ReasonCode.SUCCESS, null), V3_1_1));
    assertEquals("2003008700", hex(Connack.refused(ReasonCode.NOT_AUTHORIZED), V5));
  }

  /** 3.1 has no session present flag: the byte is reserved. */
  @Test
  void connackOf31HasNoSessionPresent() {
    assertEquals(
        "20020000", hex(new Connack(true, ReasonCode.SUCCESS, null), ProtocolVersion.V3_1));
  }

  @Test
  @Statement(v311 = "MQTT-3.9.3-2")
  void everyFailureInSubackIs80BeforeV5() {
    Suback suback =
        new Suback(
            1,
            List.of(ReasonCode.GRANTED_QOS_1, ReasonCode.NOT_AUTHORIZED, ReasonCode.QUOTA_EXCEEDED),
            "why",
            USERS);

    assertEquals("90050001018080", hex(suback, V3_1_1));
  }

  @Test
  void unsubackHasNoReasonsBeforeV5() {
    Unsuback unsuback = new Unsuback(7, List.of(ReasonCode.NO_SUBSCRIPTION_EXISTED), "why", USERS);

    assertEquals("b0020007", hex(unsuback, V3_1_1));
    assertEquals("b00400070011", hex(new Unsuback(7, unsuback.reasons(), null, List.of()), V5));
  }

  @Test
  void disconnect() {
    assertEquals("e000", hex(Disconnect.of(ReasonCode.SUCCESS), V3_1_1));
    assertEquals("e0", hex(Disconnect.of(ReasonCode.SESSION_TAKEN_OVER), V5).substring(0, 2));
    assertEquals(
        Disconnect.of(ReasonCode.SESSION_TAKEN_OVER),
        Decoding.decode(
            Decoding.decoder(Role.CLIENT, V5),
            Decoding.encode(Disconnect.of(ReasonCode.SESSION_TAKEN_OVER), V5)));
  }

  @Test
  void authDoesNotExistBeforeV5() {
    Auth auth = new Auth(ReasonCode.CONTINUE_AUTHENTICATION, "m", null, null, List.of());

    assertThrows(IllegalArgumentException.class, () -> Decoding.encode(auth, V3_1_1));
  }

  /** The encoder asks for one type after the other: none may be forgotten. */
  @Test
  void everyTypeOfPacketIsWritten() {
    List<Packet> samples =
        List.of(
            Connect.of(V5, "c"),
            Connack.refused(ReasonCode.BANNED),
            publish(Qos.AT_MOST_ONCE, MessageProperties.NONE),
            Puback.of(1),
            Pubrec.of(1),
            Pubrel.of(1),
            Pubcomp.of(1),
            new Subscribe(1, 0, List.of(), List.of(Subscribe.Entry.of("a", Qos.AT_MOST_ONCE))),
            new Suback(1, List.of(ReasonCode.SUCCESS), null, List.of()),
            new Unsubscribe(1, List.of(), List.of("a")),
            new Unsuback(1, List.of(ReasonCode.SUCCESS), null, List.of()),
            Pingreq.INSTANCE,
            Pingresp.INSTANCE,
            Disconnect.of(ReasonCode.SUCCESS),
            new Auth(ReasonCode.SUCCESS, "m", null, null, List.of()));

    assertEquals(
        Set.of(Packet.class.getPermittedSubclasses()),
        samples.stream().map(Packet::getClass).collect(Collectors.toSet()));
    for (Packet sample : samples) {
      assertEquals(sample.type(), Decoding.encode(sample, V5).getUnsignedByte(0) >> 4);
    }
  }

  /** A string that does not fit is the caller's mistake, not a damaged packet on the wire. */
  @Test
  void aStringThatDoesNotFitIsRefused() {
    Disconnect disconnect = Disconnect.of(ReasonCode.UNSPECIFIED_ERROR, "x".repeat(65_536));

    assertThrows(RuntimeException.class, () -> Decoding.encode(disconnect, V5));
  }

  @Test
  @Statement(
      v5 = {
        "MQTT-3.2.2-19", "MQTT-3.2.2-20", "MQTT-3.4.2-2", "MQTT-3.4.2-3", "MQTT-3.5.2-2",
        "MQTT-3.5.2-3", "MQTT-3.6.2-2", "MQTT-3.6.2-3", "MQTT-3.7.2-2", "MQTT-3.7.2-3",
        "MQTT-3.9.2-1", "MQTT-3.9.2-2", "MQTT-3.11.2-1", "MQTT-3.11.2-2", "MQTT-3.14.2-3",
        "MQTT-3.14.2-4", "MQTT-3.15.2-2", "MQTT-3.15.2-3"
      })
  void diagnosticsAreLeftOutWhereTheyDoNotFit() {
    String why = "why".repeat(20);
    ReasonCode reason = ReasonCode.QUOTA_EXCEEDED;
    List<ReasonCode> reasons = List.of(reason);
    Connack.Properties properties =
        new Connack.Properties(
            -1, -1, -1, true, -1, null, -1, why, USERS, true, true, true, -1, null, null, null,
            null);
    for (Packet packet :
        List.of(
            new Connack(false, reason, properties),
            new Puback(1, reason, why, USERS),
            new Pubrec(1, reason, why, USERS),
            new Pubrel(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, why, USERS),
            new Pubcomp(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, why, USERS),
            new Suback(1, reasons, why, USERS),
            new Unsuback(1, List.of(ReasonCode.NOT_AUTHORIZED), why, USERS),
            new Disconnect(reason, -1, why, null, USERS),
            new Auth(ReasonCode.CONTINUE_AUTHENTICATION, "m", null, why, USERS))) {
      ByteBuf out = Unpooled.buffer();

      assertEquals(true, PacketEncoder.encodeWithin(packet, V5, 12, out), packet.toString());
      assertEquals(Decoding.encode(Diagnostics.without(packet), V5), out, packet.toString());
      assertEquals(packet.type(), out.getUnsignedByte(0) >> 4);
      ByteBuf whole = Unpooled.buffer();
      assertEquals(true, PacketEncoder.encodeWithin(packet, V5, 100, whole));
      assertEquals(Decoding.encode(packet, V5), whole);
    }
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-24", "MQTT-3.1.2-25"})
  void aPacketThatDoesNotFitIsNotWritten() {
    ByteBuf out = Unpooled.buffer().writeByte(7);
    Publish publish = publish(Qos.AT_LEAST_ONCE, MessageProperties.NONE);

    assertEquals(false, PacketEncoder.encodeWithin(publish, V5, 11, out));
    assertEquals(1, out.readableBytes());
    assertEquals(true, PacketEncoder.encodeWithin(publish, V5, 12, out));
  }

  /** One frame serves receivers that differ in flags, packet identifier and expiry. */
  @Test
  void aFrameIsPatchedForEachReceiver() {
    MessageProperties expiring = new MessageProperties(-1, 100, null, null, null, List.of());
    PublishFrame frame =
        PublishFrame.of(V5, "a/b", Payload.wrap(new byte[] {9}), expiring, List.of(), true);
    ByteBuf out = Unpooled.buffer();

    frame.writeTo(out, Qos.AT_LEAST_ONCE, false, false, 1, 99);
    frame.writeTo(out, Qos.EXACTLY_ONCE, true, true, 0xFFFF, 98);

    assertEquals(
        "320e0003612f6200010502000000630900".substring(0, 32) + "3d0e0003612f62ffff05020000006209",
        ByteBufUtil.hexDump(out));
    assertThrows(IllegalStateException.class, () -> frame.writeTo(out, false, 1));
  }

  /** The array behind a frame is never given away: writing twice gives the same bytes. */
  @Test
  void aFrameIsNotChangedByWriting() {
    PublishFrame frame =
        PublishFrame.of(V3_1_1, "t", Payload.EMPTY, MessageProperties.NONE, List.of(), false);
    ByteBuf first = Unpooled.buffer();
    ByteBuf second = Unpooled.buffer();

    frame.writeTo(first, true, -1);
    frame.writeTo(second, false, -1);

    assertArrayEquals(new byte[] {0x31, 3, 0, 1, 't'}, ByteBufUtil.getBytes(first));
    assertArrayEquals(new byte[] {0x30, 3, 0, 1, 't'}, ByteBufUtil.getBytes(second));
    assertEquals(5, frame.length());
  }
}
