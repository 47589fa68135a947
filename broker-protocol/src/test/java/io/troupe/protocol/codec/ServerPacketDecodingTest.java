package io.troupe.protocol.codec;

import static io.troupe.protocol.codec.Decoding.V3_1_1;
import static io.troupe.protocol.codec.Decoding.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CONNACK (3.2), SUBACK (3.9) and UNSUBACK (3.11), as our own clients read them. */
class ServerPacketDecodingTest {
  private static final int CONNACK = 0x20;
  private static final int SUBACK = 0x90;
  private static final int UNSUBACK = 0xB0;

  @ParameterizedTest
  @CsvSource({
    "0, SUCCESS", "1, UNSUPPORTED_PROTOCOL_VERSION", "2, CLIENT_IDENTIFIER_NOT_VALID",
    "3, SERVER_UNAVAILABLE", "4, BAD_USER_NAME_OR_PASSWORD", "5, NOT_AUTHORIZED"
  })
  void returnCodesOf3xBecomeReasons(int code, ReasonCode reason) {
    assertEquals(
        new Connack(false, reason, null), Decoding.fromServer(V3_1_1, CONNACK, Bytes.of(0, code)));
  }

  @Test
  void otherReturnCodesAreRefused() {
    Decoding.refusesFromServer(
        V3_1_1, CONNACK, Bytes.of(0, 6), ReasonCode.MALFORMED_PACKET, "3.2.2.3");
  }

  @Test
  void aConnackWithoutPropertiesHasTheDefaults() {
    assertEquals(
        new Connack(true, ReasonCode.SUCCESS, Connack.Properties.NONE),
        Decoding.fromServer(V5, CONNACK, Bytes.of(1, 0, 0)));
  }

  @Test
  void everyPropertyOfConnackIsRead() {
    Bytes properties =
        Bytes.of(0x11)
            .fourBytes(1)
            .bytes(0x21)
            .twoBytes(2)
            .bytes(0x24, 1, 0x25, 0)
            .bytes(0x27)
            .fourBytes(3)
            .bytes(0x12)
            .string("id")
            .bytes(0x22)
            .twoBytes(4)
            .bytes(0x1F)
            .string("why")
            .bytes(0x26)
            .string("a")
            .string("b")
            .bytes(0x28, 0, 0x29, 0, 0x2A, 0)
            .bytes(0x13)
            .twoBytes(5)
            .bytes(0x1A)
            .string("info")
            .bytes(0x1C)
            .string("other")
            .bytes(0x15)
            .string("m")
            .bytes(0x16)
            .octets(6);

    assertEquals(
        new Connack(
            false,
            ReasonCode.SUCCESS,
            new Connack.Properties(
                1,
                2,
                1,
                false,
                3,
                "id",
                4,
                "why",
                List.of(new UserProperty("a", "b")),
                false,
                false,
                false,
                5,
                "info",
                "other",
                "m",
                Payload.wrap(new byte[] {6}))),
        Decoding.fromServer(V5, CONNACK, Bytes.of(0, 0).properties(properties)));
  }

  @Test
  @Statement(v5 = "MQTT-3.2.2-1")
  void theOtherFlagsOfConnackAreZero() {
    Decoding.refusesFromServer(
        V5, CONNACK, Bytes.of(2, 0, 0), ReasonCode.MALFORMED_PACKET, "MQTT-3.2.2-1");
  }

  @Test
  @Statement(v5 = "MQTT-3.2.2-6", v311 = "MQTT-3.2.2-4")
  void aRefusalHasNoSession() {
    Decoding.refusesFromServer(
        V5, CONNACK, Bytes.of(1, 0x87, 0), ReasonCode.PROTOCOL_ERROR, "MQTT-3.2.2-6");
    Decoding.refusesFromServer(
        V3_1_1, CONNACK, Bytes.of(1, 5), ReasonCode.PROTOCOL_ERROR, "MQTT-3.2.2-4");
  }

  @Test
  @Statement(v5 = "MQTT-3.2.2-8")
  void onlyItsReasonCodesAreTaken() {
    Decoding.refusesFromServer(
        V5, CONNACK, Bytes.of(0, 0x8E, 0), ReasonCode.PROTOCOL_ERROR, "MQTT-3.2.2-8");
  }

  @Test
  void propertiesOfConnackAreInRange() {
    for (Bytes wrong :
        List.of(
            Bytes.of(0x24, 2),
            Bytes.of(0x25, 2),
            Bytes.of(0x28, 2),
            Bytes.of(0x29, 2),
            Bytes.of(0x2A, 2),
            Bytes.of(0x21, 0, 0),
            Bytes.of(0x27).fourBytes(0))) {
      Decoding.refusesFromServer(
          V5, CONNACK, Bytes.of(0, 0).properties(wrong), ReasonCode.PROTOCOL_ERROR, "2.2.2.2");
    }
  }

  @Test
  void subackIsRead() {
    assertEquals(
        new Suback(
            258,
            List.of(ReasonCode.GRANTED_QOS_2, ReasonCode.NOT_AUTHORIZED),
            "why",
            List.of(new UserProperty("a", "b"))),
        Decoding.fromServer(
            V5,
            SUBACK,
            Bytes.of(1, 2)
                .properties(Bytes.of(0x1F).string("why").bytes(0x26).string("a").string("b"))
                .bytes(2, 0x87)));
    assertEquals(
        new Suback(258, List.of(ReasonCode.SUCCESS, ReasonCode.UNSPECIFIED_ERROR), null, List.of()),
        Decoding.fromServer(V3_1_1, SUBACK, Bytes.of(1, 2, 0, 0x80)));
  }

  @Test
  @Statement(v5 = "MQTT-3.9.3-2", v311 = "MQTT-3.9.3-2")
  void onlySubacksReasonCodesAreTaken() {
    Decoding.refusesFromServer(
        V5, SUBACK, Bytes.of(1, 2, 0, 3), ReasonCode.PROTOCOL_ERROR, "MQTT-3.9.3-2");
    Decoding.refusesFromServer(
        V3_1_1, SUBACK, Bytes.of(1, 2, 0x87), ReasonCode.PROTOCOL_ERROR, "MQTT-3.9.3-2");
    Decoding.refusesFromServer(
        V5, SUBACK, Bytes.of(1, 2, 0), ReasonCode.PROTOCOL_ERROR, "MQTT-3.9.3-2");
  }

  @Test
  @Statement(v5 = "MQTT-3.11.3-2")
  void unsubackIsRead() {
    assertEquals(
        new Unsuback(
            258, List.of(ReasonCode.SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED), null, List.of()),
        Decoding.fromServer(V5, UNSUBACK, Bytes.of(1, 2, 0, 0, 0x11)));
    assertEquals(
        new Unsuback(258, List.of(), null, List.of()),
        Decoding.fromServer(V3_1_1, UNSUBACK, Bytes.of(1, 2)));
    Decoding.refusesFromServer(
        V5, UNSUBACK, Bytes.of(1, 2, 0, 1), ReasonCode.PROTOCOL_ERROR, "MQTT-3.11.3-2");
    Decoding.refusesFromServer(
        V3_1_1, UNSUBACK, Bytes.of(1, 2, 0), ReasonCode.MALFORMED_PACKET, "2.1.4");
  }
}
