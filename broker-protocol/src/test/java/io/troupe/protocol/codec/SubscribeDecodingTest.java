package io.troupe.protocol.codec;

import static io.troupe.protocol.codec.Decoding.V3_1_1;
import static io.troupe.protocol.codec.Decoding.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Subscribe;
import io.troupe.protocol.packet.Unsubscribe;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SUBSCRIBE (3.8) and UNSUBSCRIBE (3.10) in all versions. */
class SubscribeDecodingTest {
  private static final int SUBSCRIBE = 0x82;
  private static final int UNSUBSCRIBE = 0xA2;

  private static Bytes entry(int options) {
    return Bytes.of(1, 2, 0).string("a/b").bytes(options);
  }

  private static void refuses(Bytes body, ReasonCode reason, String statement) {
    Decoding.refusesFromClient(V5, SUBSCRIBE, body, reason, statement);
  }

  @Test
  void filtersAndOptionsAreReadInOrder() {
    Bytes body =
        Bytes.of(1, 2)
            .properties(
                Bytes.of(0x0B, 0x80, 1, 0x26)
                    .string("k")
                    .string("v")
                    .bytes(0x26)
                    .string("k")
                    .string("w"))
            .string("a/+")
            .bytes(0x2E)
            .string("$share/g/#")
            .bytes(0x11)
            .string("no filter/#/at all")
            .bytes(0);

    assertEquals(
        new Subscribe(
            258,
            128,
            List.of(new UserProperty("k", "v"), new UserProperty("k", "w")),
            List.of(
                new Subscribe.Entry("a/+", Qos.EXACTLY_ONCE, true, true, 2),
                new Subscribe.Entry("$share/g/#", Qos.AT_LEAST_ONCE, false, false, 1),
                new Subscribe.Entry("no filter/#/at all", Qos.AT_MOST_ONCE, false, false, 0))),
        Decoding.fromClient(V5, SUBSCRIBE, body));
  }

  @ParameterizedTest
  @EnumSource(names = {"V3_1", "V3_1_1"})
  void filtersAndQosAreReadInOrderBefore50(ProtocolVersion version) {
    assertEquals(
        new Subscribe(
            258,
            0,
            List.of(),
            List.of(
                Subscribe.Entry.of("a", Qos.EXACTLY_ONCE),
                Subscribe.Entry.of("", Qos.AT_LEAST_ONCE))),
        Decoding.fromClient(
            version, SUBSCRIBE, Bytes.of(1, 2).string("a").bytes(2).string("").bytes(1)));
  }

  @Test
  @Statement(v5 = "MQTT-3.8.3-2", v311 = "MQTT-3.8.3-3")
  void thereIsAtLeastOneFilter() {
    refuses(Bytes.of(1, 2, 0), ReasonCode.PROTOCOL_ERROR, "MQTT-3.8.3-2");
    Decoding.refusesFromClient(
        V3_1_1, SUBSCRIBE, Bytes.of(1, 2), ReasonCode.PROTOCOL_ERROR, "MQTT-3.8.3-3");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x40, 0x80, 0xC0, 0xC1})
  @Statement(v5 = "MQTT-3.8.3-5")
  void reservedOptionsAreZero(int options) {
    refuses(entry(options), ReasonCode.MALFORMED_PACKET, "MQTT-3.8.3-5");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 8, 0x10, 0x80, 0xFF})
  @Statement(v311 = "MQTT-3.8.3-4")
  void theRequestedQosIsZeroOneOrTwo(int qos) {
    Decoding.refusesFromClient(
        V3_1_1,
        SUBSCRIBE,
        Bytes.of(1, 2).string("a").bytes(qos),
        ReasonCode.MALFORMED_PACKET,
        "MQTT-3.8.3-4");
  }

  @Test
  void maximumQosIsNotThree() {
    refuses(entry(3), ReasonCode.PROTOCOL_ERROR, "3.8.3.1");
  }

  @Test
  void retainHandlingIsNotThree() {
    refuses(entry(0x30), ReasonCode.PROTOCOL_ERROR, "3.8.3.1");
  }

  @Test
  @Statement(v5 = "MQTT-3.8.3-4")
  void aSharedSubscriptionIsNotNoLocal() {
    refuses(
        Bytes.of(1, 2, 0).string("$share/g/t").bytes(4), ReasonCode.PROTOCOL_ERROR, "MQTT-3.8.3-4");
  }

  @Test
  void theSubscriptionIdentifierIsNotZeroAndDoesNotRepeat() {
    refuses(
        Bytes.of(1, 2).properties(Bytes.of(0x0B, 0)).string("a").bytes(0),
        ReasonCode.PROTOCOL_ERROR,
        "3.8.2.1.2");
    refuses(
        Bytes.of(1, 2).properties(Bytes.of(0x0B, 1, 0x0B, 1)).string("a").bytes(0),
        ReasonCode.PROTOCOL_ERROR,
        "2.2.2.2");
    refuses(
        Bytes.of(1, 2).properties(Bytes.of(0x0B, 0x81, 0)).string("a").bytes(0),
        ReasonCode.MALFORMED_PACKET,
        "MQTT-1.5.5-1");
    refuses(
        Bytes.of(1, 2).properties(Bytes.of(0x0B, 0xFF, 0xFF, 0xFF, 0xFF, 1)).string("a").bytes(0),
        ReasonCode.MALFORMED_PACKET,
        "1.5.5");
  }

  @Test
  @Statement(
      v5 = {"MQTT-3.8.3-1", "MQTT-3.10.3-1"},
      v311 = {"MQTT-3.8.3-1", "MQTT-3.10.3-1"})
  void filtersAreUtf8() {
    refuses(Bytes.of(1, 2, 0).octets(0xFF).bytes(0), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.4-1");
    Decoding.refusesFromClient(
        V3_1_1,
        SUBSCRIBE,
        Bytes.of(1, 2).octets(0xFF).bytes(0),
        ReasonCode.MALFORMED_PACKET,
        "MQTT-1.5.3-1");
    Decoding.refusesFromClient(
        V5,
        UNSUBSCRIBE,
        Bytes.of(1, 2, 0).octets(0xFF),
        ReasonCode.MALFORMED_PACKET,
        "MQTT-1.5.4-1");
    Decoding.refusesFromClient(
        V3_1_1,
        UNSUBSCRIBE,
        Bytes.of(1, 2).octets(0xFF),
        ReasonCode.MALFORMED_PACKET,
        "MQTT-1.5.3-1");
  }

  @ParameterizedTest
  @ValueSource(ints = {SUBSCRIBE, UNSUBSCRIBE})
  @Statement(v5 = "MQTT-2.2.1-3", v311 = "MQTT-2.3.1-1")
  void thePacketIdentifierIsNotZero(int first) {
    Decoding.refusesFromClient(
        V5,
        first,
        Bytes.of(0, 0, 0).string("a").bytes(0),
        ReasonCode.PROTOCOL_ERROR,
        "MQTT-2.2.1-3");
    Decoding.refusesFromClient(
        V3_1_1,
        first,
        Bytes.of(0, 0).string("a").bytes(0),
        ReasonCode.PROTOCOL_ERROR,
        "MQTT-2.3.1-1");
  }

  @Test
  void fieldsDoNotExceedThePacket() {
    refuses(Bytes.of(1, 2, 0).string("a"), ReasonCode.MALFORMED_PACKET, "2.1.4");
    refuses(Bytes.of(1, 2, 0, 0, 9, 'a'), ReasonCode.MALFORMED_PACKET, "2.1.4");
    refuses(Bytes.of(1, 2, 7), ReasonCode.MALFORMED_PACKET, "2.2.2.1");
    refuses(Bytes.of(1), ReasonCode.MALFORMED_PACKET, "2.1.4");
  }

  @Test
  void unsubscribeIsRead() {
    assertEquals(
        new Unsubscribe(258, List.of(new UserProperty("k", "v")), List.of("a", "#")),
        Decoding.fromClient(
            V5,
            UNSUBSCRIBE,
            Bytes.of(1, 2)
                .properties(Bytes.of(0x26).string("k").string("v"))
                .string("a")
                .string("#")));
    assertEquals(
        new Unsubscribe(258, List.of(), List.of("a")),
        Decoding.fromClient(V3_1_1, UNSUBSCRIBE, Bytes.of(1, 2).string("a")));
  }

  @Test
  @Statement(v5 = "MQTT-3.10.3-2", v311 = "MQTT-3.10.3-2")
  void unsubscribeHasAtLeastOneFilter() {
    Decoding.refusesFromClient(
        V5, UNSUBSCRIBE, Bytes.of(1, 2, 0), ReasonCode.PROTOCOL_ERROR, "MQTT-3.10.3-2");
    Decoding.refusesFromClient(
        V3_1_1, UNSUBSCRIBE, Bytes.of(1, 2), ReasonCode.PROTOCOL_ERROR, "MQTT-3.10.3-2");
  }

  @Test
  void propertiesOfOtherPacketsAreRefused() {
    for (int id = 0; id < 0x2C; id++) {
      Bytes properties = Bytes.of(id).fourBytes(1);
      if (id != 0x0B && id != 0x26) {
        refuses(
            Bytes.of(1, 2).properties(properties).string("a").bytes(0),
            ReasonCode.MALFORMED_PACKET,
            "2.2.2.2");
      }
      if (id != 0x26) {
        Decoding.refusesFromClient(
            V5,
            UNSUBSCRIBE,
            Bytes.of(1, 2).properties(properties).string("a"),
            ReasonCode.MALFORMED_PACKET,
            "2.2.2.2");
      }
    }
  }
}
