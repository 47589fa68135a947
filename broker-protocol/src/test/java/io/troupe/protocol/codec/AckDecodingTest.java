package io.troupe.protocol.codec;

import static io.troupe.protocol.codec.Decoding.V3_1_1;
import static io.troupe.protocol.codec.Decoding.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PUBACK, PUBREC, PUBREL, PUBCOMP (3.4 to 3.7) in all versions. */
class AckDecodingTest {
  private static Packet packet(int first, ReasonCode reason, String text, UserProperty... users) {
    List<UserProperty> properties = List.of(users);
    return switch (first) {
      case 0x40 -> new Puback(258, reason, text, properties);
      case 0x50 -> new Pubrec(258, reason, text, properties);
      case 0x62 -> new Pubrel(258, reason, text, properties);
      default -> new Pubcomp(258, reason, text, properties);
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {0x40, 0x50, 0x62, 0x70})
  void theShortFormMeansSuccess(int first) {
    Packet success = packet(first, ReasonCode.SUCCESS, null);

    assertEquals(success, Decoding.fromClient(V3_1_1, first, Bytes.of(1, 2)));
    assertEquals(success, Decoding.fromClient(V5, first, Bytes.of(1, 2)));
    assertEquals(success, Decoding.fromServer(V3_1_1, first, Bytes.of(1, 2)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x62, 0x70})
  void theReasonMayStandWithoutPropertyLength(int first) {
    assertEquals(
        packet(first, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, null),
        Decoding.fromClient(V5, first, Bytes.of(1, 2, 0x92)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x40, 0x50, 0x62, 0x70})
  void reasonAndPropertiesAreRead(int first) {
    Bytes properties = Bytes.of(0x1F).string("why").bytes(0x26).string("a").string("b");

    assertEquals(
        packet(first, ReasonCode.SUCCESS, "why", new UserProperty("a", "b")),
        Decoding.fromClient(V5, first, Bytes.of(1, 2, 0).properties(properties)));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"64, MQTT-3.4.2-1", "80, MQTT-3.5.2-1", "98, MQTT-3.6.2-1", "112, MQTT-3.7.2-1"})
  @Statement(v5 = {"MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.6.2-1", "MQTT-3.7.2-1"})
  void onlyTheirReasonCodesAreTaken(int first, String statement) {
    Set<Integer> legal =
        first < 0x60 ? Set.of(0, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99) : Set.of(0, 0x92);
    for (int code = 0; code < 256; code++) {
      Bytes body = Bytes.of(1, 2, code, 0);
      if (legal.contains(code)) {
        Decoding.fromClient(V5, first, body);
      } else {
        Decoding.refusesFromClient(V5, first, body, ReasonCode.PROTOCOL_ERROR, statement);
      }
    }
  }

  /** 3.4.2.1: only a server says that nobody has subscribed. */
  @Test
  void noMatchingSubscribersComesFromServers() {
    assertEquals(
        packet(0x40, ReasonCode.NO_MATCHING_SUBSCRIBERS, null),
        Decoding.fromServer(V5, 0x40, Bytes.of(1, 2, 0x10)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x40, 0x50, 0x62, 0x70})
  void thePacketIdentifierIsThereAndNotZero(int first) {
    Decoding.refusesFromClient(
        V5, first, Bytes.of(0, 0), ReasonCode.PROTOCOL_ERROR, "MQTT-2.2.1-3");
    Decoding.refusesFromClient(
        V3_1_1, first, Bytes.of(0, 0), ReasonCode.PROTOCOL_ERROR, "MQTT-2.3.1-1");
    Decoding.refusesFromClient(V5, first, Bytes.of(1), ReasonCode.MALFORMED_PACKET, "2.1.4");
    Decoding.refusesFromClient(V5, first, Bytes.of(), ReasonCode.MALFORMED_PACKET, "2.1.4");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x40, 0x50, 0x62, 0x70})
  void nothingFollows(int first) {
    Decoding.refusesFromClient(
        V3_1_1, first, Bytes.of(1, 2, 0), ReasonCode.MALFORMED_PACKET, "2.1.4");
    Decoding.refusesFromClient(
        V5, first, Bytes.of(1, 2, 0, 0, 0), ReasonCode.MALFORMED_PACKET, "2.1.4");
  }

  @Test
  void propertiesOfOtherPacketsAreRefused() {
    for (int id = 0; id < 0x2C; id++) {
      if (id != 0x1F && id != 0x26) {
        Decoding.refusesFromClient(
            V5,
            0x40,
            Bytes.of(1, 2, 0).properties(Bytes.of(id).fourBytes(1)),
            ReasonCode.MALFORMED_PACKET,
            "2.2.2.2");
      }
    }
  }

  @Test
  void theReasonStringDoesNotRepeat() {
    Decoding.refusesFromClient(
        V5,
        0x40,
        Bytes.of(1, 2, 0).properties(Bytes.of(0x1F).string("").bytes(0x1F).string("")),
        ReasonCode.PROTOCOL_ERROR,
        "2.2.2.2");
  }
}
