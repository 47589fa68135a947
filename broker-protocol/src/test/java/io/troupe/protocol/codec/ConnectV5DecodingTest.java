package io.troupe.protocol.codec;

import static io.troupe.protocol.codec.Decoding.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.UserProperty;
import io.troupe.protocol.packet.Will;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CONNECT of 5.0 (3.1). */
class ConnectV5DecodingTest {
  private static Bytes header(int flags) {
    return Bytes.of().string("MQTT").bytes(5, flags).twoBytes(60);
  }

  private static Bytes withProperties(Bytes properties) {
    return header(2).properties(properties).string("c");
  }

  private static Bytes withWill(int flags, Bytes willProperties, String topic, byte... payload) {
    return header(flags | 4)
        .properties(Bytes.of())
        .string("c")
        .properties(willProperties)
        .string(topic)
        .binary(payload);
  }

  private static void malformed(Bytes body, String statement) {
    Decoding.refusesConnect(body, ReasonCode.MALFORMED_PACKET, statement);
  }

  private static void protocolError(Bytes body, String statement) {
    Decoding.refusesConnect(body, ReasonCode.PROTOCOL_ERROR, statement);
  }

  @Test
  void theSmallestConnectHasTheDefaultsOfAbsentProperties() {
    Connect connect = Decoding.connect(withProperties(Bytes.of()));

    assertEquals(Connect.of(V5, "c"), connect);
  }

  /** The payload's fields in their order. */
  @Statement(v5 = "MQTT-3.1.3-1")
  @Test
  void everyFieldAndPropertyIsRead() {
    Bytes properties =
        Bytes.of(0x11)
            .fourBytes(0xFFFFFFFFL)
            .bytes(0x21)
            .twoBytes(7)
            .bytes(0x27)
            .fourBytes(0x80000000L)
            .bytes(0x22)
            .twoBytes(9)
            .bytes(0x19, 1, 0x17, 0)
            .bytes(0x26)
            .string("a")
            .string("b")
            .bytes(0x15)
            .string("SCRAM")
            .bytes(0x16)
            .octets(1, 2)
            .bytes(0x26)
            .string("a")
            .string("");
    Bytes will =
        Bytes.of(0x18)
            .fourBytes(5)
            .bytes(0x01, 1)
            .bytes(0x02)
            .fourBytes(6)
            .bytes(0x03)
            .string("text")
            .bytes(0x08)
            .string("answer")
            .bytes(0x09)
            .octets(3)
            .bytes(0x26)
            .string("w")
            .string("x");

    Connect connect =
        Decoding.connect(
            Bytes.of()
                .string("MQTT")
                .bytes(5, 0xF6)
                .twoBytes(65535)
                .properties(properties)
                .string("client")
                .properties(will)
                .string("gone")
                .octets('b', 'y', 'e')
                .string("user")
                .octets(0, 255));

    assertEquals(
        new Connect(
            V5,
            "client",
            true,
            65535,
            "user",
            Payload.wrap(new byte[] {0, (byte) 255}),
            new Will(
                "gone",
                Payload.utf8("bye"),
                Qos.EXACTLY_ONCE,
                true,
                5,
                new MessageProperties(
                    1,
                    6,
                    "text",
                    "answer",
                    Payload.wrap(new byte[] {3}),
                    List.of(new UserProperty("w", "x")))),
            0xFFFFFFFFL,
            7,
            0x80000000L,
            9,
            true,
            false,
            "SCRAM",
            Payload.wrap(new byte[] {1, 2}),
            List.of(new UserProperty("a", "b"), new UserProperty("a", ""))),
        connect);
  }

  /** The server may take a client identifier of no bytes. */
  @Statement(v5 = "MQTT-3.1.3-6")
  @Test
  void theClientIdentifierMayBeEmpty() {
    assertEquals("", Decoding.connect(header(0).properties(Bytes.of()).string("")).clientId());
  }

  /** And many more than 23 characters. */
  @Statement(v5 = "MQTT-3.1.3-5")
  @Test
  void theClientIdentifierMayBeLong() {
    String id = "i".repeat(5000);

    assertEquals(id, Decoding.connect(header(0).properties(Bytes.of()).string(id)).clientId());
  }

  /** 3.1.2.9: 5.0 allows a password without a user name. */
  @Test
  void aPasswordMayStandWithoutUserName() {
    Connect connect = Decoding.connect(header(0x40).properties(Bytes.of()).string("c").octets(1));

    assertNull(connect.username());
    assertEquals(Payload.wrap(new byte[] {1}), connect.password());
  }

  @Statement(v5 = "MQTT-3.1.2-1")
  @ParameterizedTest
  @ValueSource(strings = {"", "MQT", "mqtt", "MQTT ", "HTTP"})
  void anotherProtocolNameIsRefused(String name) {
    Decoding.refusesConnect(
        Bytes.of().string(name).bytes(5, 2).twoBytes(60).bytes(0).string("c"),
        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
        "MQTT-3.1.2-1");
  }

  @Statement(v5 = "MQTT-3.1.2-3")
  @Test
  void theReservedFlagIsZero() {
    malformed(header(3).properties(Bytes.of()).string("c"), "MQTT-3.1.2-3");
  }

  @Statement(v5 = "MQTT-3.1.2-12")
  @Test
  void willQosIsNotThree() {
    malformed(withWill(0x18, Bytes.of(), "t"), "MQTT-3.1.2-12");
  }

  @Statement(v5 = "MQTT-3.1.2-11")
  @ParameterizedTest
  @ValueSource(ints = {0x08, 0x10})
  void willQosNeedsAWill(int flags) {
    malformed(header(flags).properties(Bytes.of()).string("c"), "MQTT-3.1.2-11");
  }

  @Statement(v5 = "MQTT-3.1.2-13")
  @Test
  void willRetainNeedsAWill() {
    malformed(header(0x20).properties(Bytes.of()).string("c"), "MQTT-3.1.2-13");
  }

  /** The fields that the Will Flag promises are there. */
  @Statement(v5 = "MQTT-3.1.2-9")
  @Test
  void theWillMustFollowItsFlag() {
    malformed(header(4).properties(Bytes.of()).string("c"), "2.1.4");
  }

  @Statement(v5 = "MQTT-3.1.2-17")
  @Test
  void theUserNameMustFollowItsFlag() {
    malformed(header(0x80).properties(Bytes.of()).string("c"), "2.1.4");
  }

  @Statement(v5 = "MQTT-3.1.2-19")
  @Test
  void thePasswordMustFollowItsFlag() {
    malformed(header(0x40).properties(Bytes.of()).string("c"), "2.1.4");
  }

  /** And not stand without it. */
  @Statement(v5 = {"MQTT-3.1.2-16", "MQTT-3.1.2-18"})
  @Test
  void fieldsWithoutTheirFlagAreTooMuch() {
    malformed(header(0).properties(Bytes.of()).string("c").string("user"), "2.1.4");
  }

  @Statement(v5 = "MQTT-3.1.3-3")
  @Test
  void theClientIdentifierMustBeThere() {
    malformed(header(0).properties(Bytes.of()), "2.1.4");
  }

  @Statement(v5 = "MQTT-3.1.3-4")
  @Test
  void theClientIdentifierIsUtf8() {
    malformed(header(0).properties(Bytes.of()).octets(0xC0, 0x80), "MQTT-1.5.4-1");
  }

  @Statement(v5 = "MQTT-3.1.3-12")
  @Test
  void theUserNameIsUtf8() {
    malformed(
        header(0x80).properties(Bytes.of()).string("c").octets(0xED, 0xA0, 0x80), "MQTT-1.5.4-1");
  }

  @Statement(v5 = "MQTT-3.1.3-11")
  @Test
  void theWillTopicIsUtf8() {
    malformed(
        header(4).properties(Bytes.of()).string("c").properties(Bytes.of()).octets(0xFF).octets(),
        "MQTT-1.5.4-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"#", "a/+", "+"})
  void theWillTopicHasNoWildcard(String topic) {
    Decoding.refusesConnect(
        withWill(0, Bytes.of(), topic), ReasonCode.TOPIC_NAME_INVALID, "MQTT-3.3.2-2");
  }

  @Statement(v5 = "MQTT-4.7.3-1")
  @Test
  void theWillTopicIsNotEmpty() {
    Decoding.refusesConnect(
        withWill(0, Bytes.of(), ""), ReasonCode.TOPIC_NAME_INVALID, "MQTT-4.7.3-1");
  }

  /** 3.1.3.2.3. */
  @Test
  void theWillPayloadIsUtf8IfItSaysSo() {
    Decoding.refusesConnect(
        withWill(0, Bytes.of(1, 1), "t", (byte) 0x80),
        ReasonCode.PAYLOAD_FORMAT_INVALID,
        "3.3.2.3.2");
  }

  @Statement(v5 = "MQTT-3.3.2-14")
  @Test
  void theResponseTopicOfTheWillHasNoWildcard() {
    protocolError(withWill(0, Bytes.of(8).string("a/#"), "t"), "MQTT-3.3.2-14");
  }

  @ParameterizedTest(name = "property {0} in the will")
  @ValueSource(ints = {0x11, 0x17, 0x19, 0x21, 0x22, 0x23, 0x27, 0x0B})
  void propertiesOfOtherPacketsAreRefusedInTheWill(int id) {
    malformed(withWill(0, Bytes.of(id).fourBytes(1), "t"), "2.2.2.2");
  }

  @ParameterizedTest(name = "property {0}")
  @ValueSource(
      ints = {
        0, 1, 2, 3, 8, 9, 0x0B, 0x12, 0x13, 0x18, 0x1A, 0x1C, 0x1F, 0x23, 0x24, 0x25, 0x28, 0x29,
        0x2A, 0x2B, 0x7F
      })
  void propertiesOfOtherPacketsAreRefused(int id) {
    malformed(withProperties(Bytes.of(id).fourBytes(1)), "2.2.2.2");
  }

  /** 3.1.2.11: each at most once. */
  @Test
  void propertiesDoNotRepeat() {
    protocolError(withProperties(Bytes.of(0x11).fourBytes(1).bytes(0x11).fourBytes(1)), "2.2.2.2");
    protocolError(withProperties(Bytes.of(0x21).twoBytes(1).bytes(0x21).twoBytes(1)), "2.2.2.2");
    protocolError(withProperties(Bytes.of(0x27).fourBytes(1).bytes(0x27).fourBytes(1)), "2.2.2.2");
    protocolError(withProperties(Bytes.of(0x22).twoBytes(1).bytes(0x22).twoBytes(1)), "2.2.2.2");
    protocolError(withProperties(Bytes.of(0x19, 1, 0x19, 1)), "2.2.2.2");
    protocolError(withProperties(Bytes.of(0x17, 1, 0x17, 1)), "2.2.2.2");
    protocolError(withProperties(Bytes.of(0x15).string("a").bytes(0x15).string("a")), "2.2.2.2");
    protocolError(
        withProperties(Bytes.of(0x15).string("a").bytes(0x16).octets().bytes(0x16).octets()),
        "2.2.2.2");
  }

  @Test
  void receiveMaximumIsNotZero() {
    protocolError(withProperties(Bytes.of(0x21).twoBytes(0)), "2.2.2.2");
  }

  @Test
  void maximumPacketSizeIsNotZero() {
    protocolError(withProperties(Bytes.of(0x27).fourBytes(0)), "2.2.2.2");
  }

  @Test
  void requestsForInformationAreZeroOrOne() {
    protocolError(withProperties(Bytes.of(0x19, 2)), "2.2.2.2");
    protocolError(withProperties(Bytes.of(0x17, 2)), "2.2.2.2");
  }

  /** 3.1.2.11.10. */
  @Test
  void authenticationDataNeedsAMethod() {
    protocolError(withProperties(Bytes.of(0x16).octets(1)), "3.1.2.11.10");
  }

  /** The length of no properties is still there. */
  @Statement(v5 = "MQTT-2.2.2-1")
  @Test
  void thePropertyLengthMustBeThere() {
    malformed(Bytes.of().string("MQTT").bytes(5, 2).twoBytes(60), "2.1.4");
  }

  @Test
  void thePropertyLengthDoesNotExceedThePacket() {
    malformed(header(2).bytes(20).string("c"), "2.2.2.1");
  }

  @Test
  void aPropertyDoesNotExceedItsLength() {
    malformed(header(2).bytes(3, 0x11).fourBytes(1).string("c"), "2.1.4");
  }
}
