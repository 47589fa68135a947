package io.troupe.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Will;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CONNECT of 3.1 and 3.1.1 (3.1); statement numbers are those of 3.1.1. */
class ConnectV3DecodingTest {
  private static Bytes header(ProtocolVersion version, int flags) {
    return Bytes.of().string(version.protocolName()).bytes(version.level(), flags).twoBytes(10);
  }

  private static Bytes header(int flags) {
    return header(ProtocolVersion.V3_1_1, flags);
  }

  private static void malformed(Bytes body, String statement) {
    Decoding.refusesConnect(body, ReasonCode.MALFORMED_PACKET, statement);
  }

  @ParameterizedTest
  @EnumSource(names = {"V3_1", "V3_1_1"})
  void everyFieldIsRead(ProtocolVersion version) {
    Connect connect =
        Decoding.connect(
            header(version, 0xEC)
                .string("client")
                .string("gone")
                .octets(1, 2)
                .string("user")
                .octets(3));

    assertEquals(version, connect.version());
    assertEquals("client", connect.clientId());
    assertEquals(10, connect.keepAliveSeconds());
    assertEquals("user", connect.username());
    assertEquals(Payload.wrap(new byte[] {3}), connect.password());
    assertEquals(
        new Will(
            "gone",
            Payload.wrap(new byte[] {1, 2}),
            Qos.AT_LEAST_ONCE,
            true,
            0,
            MessageProperties.NONE),
        connect.will());
  }

  /** A clean session ends with its connection, another never expires. */
  @ParameterizedTest
  @CsvSource({"2, 0", "0, 4294967295"})
  void cleanSessionSaysWhetherTheSessionStays(int flags, long expirySeconds) {
    Connect connect = Decoding.connect(header(flags).string("c"));

    assertEquals(flags == 2, connect.cleanStart());
    assertEquals(expirySeconds, connect.sessionExpirySeconds());
    assertNull(connect.will());
  }

  @Statement(v311 = {"MQTT-3.1.3-6", "MQTT-3.1.3-7"})
  @Test
  void anEmptyClientIdentifierNeedsACleanSession() {
    assertEquals("", Decoding.connect(header(2).string("")).clientId());
  }

  /** The answer is return code 2. */
  @Statement(v311 = "MQTT-3.1.3-8")
  @Test
  void anEmptyClientIdentifierOfASessionThatStaysIsRefused() {
    Decoding.refusesConnect(
        header(0).string(""), ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "MQTT-3.1.3-8");
  }

  @Test
  void anEmptyClientIdentifierIsRefusedIn31() {
    Decoding.refusesConnect(
        header(ProtocolVersion.V3_1, 2).string(""),
        ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
        "MQTT-3.1.3-8");
  }

  /** 3.1 limits it to 23 characters; we are lenient, as other servers are. */
  @Test
  void aLongClientIdentifierIsTakenIn31() {
    String id = "i".repeat(100);

    assertEquals(id, Decoding.connect(header(ProtocolVersion.V3_1, 2).string(id)).clientId());
  }

  /** Each level has its name. */
  @Statement(v311 = "MQTT-3.1.2-1")
  @ParameterizedTest
  @CsvSource({"MQIsdp, 4", "MQIsdp, 5", "MQTT, 3"})
  void theLevelBelongsToTheName(String name, int level) {
    Decoding.refusesConnect(
        Bytes.of().string(name).bytes(level, 2).twoBytes(10).string("c"),
        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
        "MQTT-3.1.2-2");
  }

  /** And the version in which to say so is known. */
  @Statement(v311 = "MQTT-3.1.2-2")
  @ParameterizedTest
  @CsvSource({"0, V3_1_1", "2, V3_1_1", "6, V5", "127, V5", "131, V3_1_1", "132, V3_1_1"})
  void otherLevelsAreRefusedInAFormTheClientReads(int level, ProtocolVersion answered) {
    PacketDecoder decoder = PacketDecoder.forServer(DecoderSettings.DEFAULT);

    Decoding.refuses(
        decoder,
        Bytes.packet(0x10, Bytes.of().string("MQTT").bytes(level, 2).twoBytes(10).string("c")),
        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
        "MQTT-3.1.2-2");

    assertEquals(answered, decoder.version());
  }

  @Test
  void aForeignProtocolNameLeavesTheVersionUnknown() {
    PacketDecoder decoder = PacketDecoder.forServer(DecoderSettings.DEFAULT);

    Decoding.refuses(
        decoder,
        Bytes.packet(0x10, Bytes.of().string("AMQP").bytes(4, 2).twoBytes(10).string("c")),
        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
        "MQTT-3.1.2-1");

    assertNull(decoder.version());
  }

  @Statement(v311 = "MQTT-3.1.2-3")
  @Test
  void theReservedFlagIsZero() {
    malformed(header(3).string("c"), "MQTT-3.1.2-3");
  }

  @Statement(v311 = "MQTT-3.1.2-13")
  @Test
  void willQosNeedsAWill() {
    malformed(header(0x0A).string("c"), "MQTT-3.1.2-13");
  }

  @Statement(v311 = "MQTT-3.1.2-14")
  @Test
  void willQosIsNotThree() {
    malformed(header(0x1E).string("c").string("t").octets(), "MQTT-3.1.2-14");
  }

  @Statement(v311 = "MQTT-3.1.2-15")
  @Test
  void willRetainNeedsAWill() {
    malformed(header(0x22).string("c"), "MQTT-3.1.2-15");
  }

  @Statement(v311 = "MQTT-3.1.2-22")
  @Test
  void aPasswordNeedsAUserName() {
    malformed(header(0x42).string("c").octets(1), "MQTT-3.1.2-22");
  }

  @Statement(v311 = {"MQTT-3.1.2-9", "MQTT-3.1.2-19", "MQTT-3.1.2-21", "MQTT-3.1.3-3"})
  @ParameterizedTest
  @ValueSource(ints = {0x06, 0x82, 0xC2})
  void fieldsFollowTheirFlags(int flags) {
    malformed(header(flags).string("c"), "2.1.4");
    malformed(header(flags), "2.1.4");
  }

  @Statement(v311 = {"MQTT-3.1.2-18", "MQTT-3.1.2-20"})
  @Test
  void fieldsWithoutTheirFlagAreTooMuch() {
    malformed(header(2).string("c").string("user"), "2.1.4");
  }

  @Statement(v311 = {"MQTT-3.1.3-4", "MQTT-3.1.3-10", "MQTT-3.1.3-11", "MQTT-1.5.3-1"})
  @Test
  void stringsAreUtf8() {
    malformed(header(2).octets(0xED, 0xBF, 0xBF), "MQTT-1.5.3-1");
    malformed(header(6).string("c").octets(0xC1, 0xBF).octets(), "MQTT-1.5.3-1");
    malformed(header(0x82).string("c").octets(0xF8), "MQTT-1.5.3-1");
  }

  @Statement(v311 = "MQTT-1.5.3-2")
  @Test
  void stringsContainNoNull() {
    malformed(header(2).octets('a', 0, 'b'), "MQTT-1.5.3-2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "#", "a/+/b"})
  void theWillTopicIsATopicName(String topic) {
    Decoding.refusesConnect(
        header(6).string("c").string(topic).octets(),
        ReasonCode.TOPIC_NAME_INVALID,
        topic.isEmpty() ? "MQTT-4.7.3-1" : "MQTT-3.3.2-2");
  }
}
