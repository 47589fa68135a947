package io.troupe.protocol.codec;

import static io.troupe.protocol.codec.Decoding.V3_1_1;
import static io.troupe.protocol.codec.Decoding.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PUBLISH (3.3) in all versions. */
class PublishDecodingTest {
  private static Bytes withProperties(Bytes properties) {
    return Bytes.of().string("t").properties(properties).bytes(1);
  }

  /** A body that is right in the version. */
  private static Bytes body(ProtocolVersion version, String topic) {
    Bytes body = Bytes.of().string(topic);
    return version.isV5() ? body.bytes(0) : body;
  }

  private static void refuses(Bytes body, ReasonCode reason, String statement) {
    Decoding.refusesFromClient(V5, 0x30, body, reason, statement);
  }

  @ParameterizedTest(name = "flags {0}")
  @CsvSource({
    "0, AT_MOST_ONCE, false, false",
    "1, AT_MOST_ONCE, true, false",
    "2, AT_LEAST_ONCE, false, false",
    "3, AT_LEAST_ONCE, true, false",
    "4, EXACTLY_ONCE, false, false",
    "10, AT_LEAST_ONCE, false, true",
    "13, EXACTLY_ONCE, true, true",
  })
  void flagsAreRead(int flags, Qos qos, boolean retain, boolean dup) {
    for (ProtocolVersion version : ProtocolVersion.values()) {
      Bytes body = Bytes.of().string("a/b");
      if (qos != Qos.AT_MOST_ONCE) {
        body.twoBytes(65535);
      }
      if (version.isV5()) {
        body.bytes(0);
      }
      body.bytes(1, 2, 3);

      assertEquals(
          new Publish(
              "a/b",
              Payload.wrap(new byte[] {1, 2, 3}),
              qos,
              retain,
              dup,
              qos == Qos.AT_MOST_ONCE ? 0 : 65535,
              0,
              MessageProperties.NONE,
              List.of()),
          Decoding.fromClient(version, 0x30 | flags, body));
    }
  }

  @ParameterizedTest
  @EnumSource
  void thePayloadMayBeEmpty(ProtocolVersion version) {
    Publish publish = (Publish) Decoding.fromClient(version, 0x30, body(version, "t"));

    assertEquals(Payload.EMPTY, publish.payload());
  }

  /** Order and values are kept, so that they can be passed on unaltered. */
  @Test
  void everyPropertyOfAMessageIsRead() {
    Bytes properties =
        Bytes.of(0x26)
            .string("k")
            .string("1")
            .bytes(0x01, 1)
            .bytes(0x02)
            .fourBytes(0xFFFFFFFFL)
            .bytes(0x03)
            .string("text/plain")
            .bytes(0x08)
            .string("answer/here")
            .bytes(0x09)
            .octets(0, 1, 2)
            .bytes(0x23)
            .twoBytes(65535)
            .bytes(0x26)
            .string("k")
            .string("2");

    Publish publish = (Publish) Decoding.fromClient(V5, 0x30, withProperties(properties));

    assertEquals(65535, publish.topicAlias());
    assertEquals(
        new MessageProperties(
            1,
            0xFFFFFFFFL,
            "text/plain",
            "answer/here",
            Payload.wrap(new byte[] {0, 1, 2}),
            List.of(new UserProperty("k", "1"), new UserProperty("k", "2"))),
        publish.properties());
  }

  /** 3.3.2.3.8: several subscriptions may match. */
  @Test
  void aServerSendsManySubscriptionIdentifiers() {
    Bytes properties = Bytes.of(0x0B, 1, 0x0B, 0xFF, 0xFF, 0xFF, 0x7F);

    Publish publish = (Publish) Decoding.fromServer(V5, 0x30, withProperties(properties));

    assertEquals(List.of(1, 268_435_455), publish.subscriptionIds());
  }

  @Statement(v5 = "MQTT-3.3.4-6")
  @Test
  void aClientSendsNoSubscriptionIdentifier() {
    refuses(withProperties(Bytes.of(0x0B, 1)), ReasonCode.PROTOCOL_ERROR, "MQTT-3.3.4-6");
  }

  @Test
  void subscriptionIdentifierIsNotZero() {
    Decoding.refusesFromServer(
        V5, 0x30, withProperties(Bytes.of(0x0B, 0)), ReasonCode.PROTOCOL_ERROR, "3.8.2.1.2");
  }

  @Statement(v5 = "MQTT-3.3.1-4", v311 = "MQTT-3.3.1-4")
  @ParameterizedTest
  @EnumSource
  void qosIsNotThree(ProtocolVersion version) {
    Decoding.refusesFromClient(
        version, 0x36, body(version, "t"), ReasonCode.MALFORMED_PACKET, "MQTT-3.3.1-4");
  }

  @Statement(v5 = "MQTT-3.3.1-2", v311 = "MQTT-3.3.1-2")
  @ParameterizedTest
  @EnumSource
  void dupIsNotSetAtQos0(ProtocolVersion version) {
    Decoding.refusesFromClient(
        version, 0x38, body(version, "t"), ReasonCode.MALFORMED_PACKET, "MQTT-3.3.1-2");
  }

  @Statement(v5 = "MQTT-2.2.1-3", v311 = "MQTT-2.3.1-1")
  @ParameterizedTest
  @CsvSource({"V3_1, MQTT-2.3.1-1", "V3_1_1, MQTT-2.3.1-1", "V5, MQTT-2.2.1-3"})
  void packetIdentifierIsNotZero(ProtocolVersion version, String statement) {
    Decoding.refusesFromClient(
        version,
        0x32,
        Bytes.of().string("t").twoBytes(0).bytes(0),
        ReasonCode.PROTOCOL_ERROR,
        statement);
  }

  @Statement(v5 = "MQTT-3.3.2-2", v311 = "MQTT-3.3.2-2")
  @ParameterizedTest
  @ValueSource(strings = {"#", "+", "a/#", "a/+/b", "a+", "a#b"})
  void theTopicNameHasNoWildcard(String topic) {
    for (ProtocolVersion version : ProtocolVersion.values()) {
      Decoding.refusesFromClient(
          version, 0x30, body(version, topic), ReasonCode.TOPIC_NAME_INVALID, "MQTT-3.3.2-2");
    }
  }

  @Statement(v5 = "MQTT-4.7.3-1", v311 = "MQTT-4.7.3-1")
  @Test
  void theTopicNameIsNotEmptyIn311() {
    Decoding.refusesFromClient(
        V3_1_1, 0x30, body(V3_1_1, ""), ReasonCode.MALFORMED_PACKET, "MQTT-4.7.3-1");
  }

  /** 3.3.2.1. */
  @Test
  void anEmptyTopicNameNeedsATopicAlias() {
    refuses(body(V5, ""), ReasonCode.PROTOCOL_ERROR, "3.3.2.1");

    Publish publish =
        (Publish)
            Decoding.fromClient(
                V5, 0x30, Bytes.of().string("").properties(Bytes.of(0x23).twoBytes(1)));

    assertEquals("", publish.topic());
    assertEquals(1, publish.topicAlias());
  }

  @Statement(
      v5 = {"MQTT-3.3.2-1", "MQTT-1.5.4-1", "MQTT-1.5.4-2"},
      v311 = "MQTT-3.3.2-1")
  @Test
  void theTopicNameIsUtf8WithoutNull() {
    refuses(Bytes.of().octets('a', 0x80).bytes(0), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.4-1");
    refuses(Bytes.of().octets('a', 0).bytes(0), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.4-2");
    Decoding.refusesFromClient(
        V3_1_1, 0x30, Bytes.of().octets('a', 0), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.3-2");
  }

  @Statement(v5 = "MQTT-3.3.2-8")
  @Test
  void topicAliasIsNotZero() {
    refuses(
        withProperties(Bytes.of(0x23).twoBytes(0)), ReasonCode.TOPIC_ALIAS_INVALID, "MQTT-3.3.2-8");
  }

  @Statement(v5 = "MQTT-3.3.2-14")
  @Test
  void theResponseTopicHasNoWildcard() {
    refuses(withProperties(Bytes.of(8).string("a/#")), ReasonCode.PROTOCOL_ERROR, "MQTT-3.3.2-14");
  }

  @Statement(v5 = {"MQTT-3.3.2-13", "MQTT-3.3.2-19", "MQTT-1.5.7-1"})
  @Test
  void stringsInPropertiesAreUtf8() {
    refuses(withProperties(Bytes.of(8).octets(0xC0)), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.4-1");
    refuses(withProperties(Bytes.of(3).octets(0xC0)), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.4-1");
    refuses(
        withProperties(Bytes.of(0x26).octets(0xC0).string("")),
        ReasonCode.MALFORMED_PACKET,
        "MQTT-1.5.4-1");
    refuses(
        withProperties(Bytes.of(0x26).string("").octets(0xC0)),
        ReasonCode.MALFORMED_PACKET,
        "MQTT-1.5.4-1");
  }

  @Test
  void payloadFormatIndicatorIsZeroOrOne() {
    refuses(withProperties(Bytes.of(1, 2)), ReasonCode.PROTOCOL_ERROR, "2.2.2.2");
  }

  /** 3.3.2.3.2. */
  @Test
  void aPayloadIsUtf8IfItSaysSo() {
    Bytes body = Bytes.of().string("t").properties(Bytes.of(1, 1)).bytes(0xC3);

    refuses(body, ReasonCode.PAYLOAD_FORMAT_INVALID, "3.3.2.3.2");
  }

  @Test
  void thePayloadIsNotLookedAtIfSoConfigured() {
    PacketDecoder decoder = PacketDecoder.forServer(new DecoderSettings(8192, 65536, false));
    Decoding.decode(decoder, Decoding.encode(Connect.of(V5, "c"), V5));

    Publish publish =
        (Publish)
            Decoding.decode(
                decoder,
                Bytes.packet(0x30, Bytes.of().string("t").properties(Bytes.of(1, 1)).bytes(0xC3)));

    assertEquals(Payload.wrap(new byte[] {(byte) 0xC3}), publish.payload());
  }

  @ParameterizedTest(name = "property {0} twice")
  @ValueSource(
      strings = {"01 01", "02 00 00 00 01", "03 00 00", "08 00 01 61", "09 00 00", "23 00 01"})
  void propertiesDoNotRepeat(String property) {
    Bytes twice = Bytes.of();
    for (String octet : (property + " " + property).split(" ")) {
      twice.bytes(Integer.parseInt(octet, 16));
    }

    refuses(withProperties(twice), ReasonCode.PROTOCOL_ERROR, "2.2.2.2");
  }

  @ParameterizedTest(name = "property {0}")
  @ValueSource(
      ints = {
        0x11, 0x12, 0x13, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1C, 0x1F, 0x21, 0x22, 0x24, 0x25,
        0x27, 0x28, 0x29, 0x2A, 0x2B, 0x00
      })
  void propertiesOfOtherPacketsAreRefused(int id) {
    refuses(withProperties(Bytes.of(id).fourBytes(1)), ReasonCode.MALFORMED_PACKET, "2.2.2.2");
  }

  @Test
  void fieldsDoNotExceedThePacket() {
    refuses(Bytes.of(0, 5, 'a'), ReasonCode.MALFORMED_PACKET, "2.1.4");
    refuses(Bytes.of(0), ReasonCode.MALFORMED_PACKET, "2.1.4");
    refuses(Bytes.of(), ReasonCode.MALFORMED_PACKET, "2.1.4");
    refuses(Bytes.of().string("t").bytes(9, 1), ReasonCode.MALFORMED_PACKET, "2.2.2.1");
    Decoding.refusesFromClient(
        V5, 0x32, Bytes.of().string("t").bytes(1), ReasonCode.MALFORMED_PACKET, "2.1.4");
  }

  /** Neither crashes nor takes long: the whole packet is properties. */
  @Test
  @Promise("F3")
  void aMegabyteOfUserPropertiesIsRead() {
    Bytes properties = Bytes.of();
    for (int i = 0; i < 200_000; i++) {
      properties.bytes(0x26).string("").string("");
    }

    Publish publish = (Publish) Decoding.fromClient(V5, 0x30, withProperties(properties));

    assertEquals(200_000, publish.properties().userProperties().size());
  }
}
