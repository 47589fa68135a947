package io.troupe.protocol.codec;

import static io.troupe.protocol.codec.Decoding.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Auth;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.UserProperty;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** DISCONNECT (3.14) and AUTH (3.15). */
class DisconnectDecodingTest {
  private static final int DISCONNECT = 0xE0;
  private static final int AUTH = 0xF0;

  @ParameterizedTest
  @EnumSource
  void anEmptyOneIsNormal(ProtocolVersion version) {
    assertEquals(
        Disconnect.of(ReasonCode.SUCCESS), Decoding.fromClient(version, DISCONNECT, Bytes.of()));
  }

  @ParameterizedTest
  @EnumSource(names = {"V3_1", "V3_1_1"})
  void nothingStandsInItBefore50(ProtocolVersion version) {
    Decoding.refusesFromClient(
        version, DISCONNECT, Bytes.of(0), ReasonCode.MALFORMED_PACKET, "2.1.4");
  }

  @Test
  void theReasonMayStandAlone() {
    assertEquals(
        Disconnect.of(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE),
        Decoding.fromClient(V5, DISCONNECT, Bytes.of(4)));
  }

  @Test
  void everyPropertyIsRead() {
    Bytes ofClient =
        Bytes.of(0x11).fourBytes(9).bytes(0x1F).string("r").bytes(0x26).string("a").string("b");
    Bytes ofServer = Bytes.of(0x1C).string("other").bytes(0x1F).string("r");

    assertEquals(
        new Disconnect(ReasonCode.SUCCESS, 9, "r", null, List.of(new UserProperty("a", "b"))),
        Decoding.fromClient(V5, DISCONNECT, Bytes.of(0).properties(ofClient)));
    assertEquals(
        new Disconnect(ReasonCode.SERVER_MOVED, -1, "r", "other", List.of()),
        Decoding.fromServer(V5, DISCONNECT, Bytes.of(0x9D).properties(ofServer)));
  }

  @Test
  @Statement(v5 = "MQTT-3.14.2-1")
  void onlyTheSendersReasonCodesAreTaken() {
    Set<Integer> legal =
        Set.of(0, 4, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99);
    for (int code = 0; code < 256; code++) {
      if (legal.contains(code)) {
        Decoding.fromClient(V5, DISCONNECT, Bytes.of(code, 0));
      } else {
        Decoding.refusesFromClient(
            V5, DISCONNECT, Bytes.of(code, 0), ReasonCode.PROTOCOL_ERROR, "MQTT-3.14.2-1");
      }
    }
  }

  @Test
  @Statement(v5 = "MQTT-3.14.2-2")
  void aServerSendsNoSessionExpiryInterval() {
    Decoding.refusesFromServer(
        V5,
        DISCONNECT,
        Bytes.of(0x8B).properties(Bytes.of(0x11).fourBytes(1)),
        ReasonCode.PROTOCOL_ERROR,
        "MQTT-3.14.2-2");
  }

  @Test
  void aClientSendsNoServerReference() {
    Decoding.refusesFromClient(
        V5,
        DISCONNECT,
        Bytes.of(0).properties(Bytes.of(0x1C).string("s")),
        ReasonCode.PROTOCOL_ERROR,
        "3.14.2.2.5");
  }

  @Test
  void propertiesOfOtherPacketsAreRefused() {
    for (int id = 0; id < 0x2C; id++) {
      Bytes properties = Bytes.of(id).fourBytes(1);
      if (!Set.of(0x11, 0x1C, 0x1F, 0x26).contains(id)) {
        Decoding.refusesFromClient(
            V5,
            DISCONNECT,
            Bytes.of(0).properties(properties),
            ReasonCode.MALFORMED_PACKET,
            "2.2.2.2");
      }
      if (!Set.of(0x15, 0x16, 0x1F, 0x26).contains(id)) {
        Decoding.refusesFromClient(
            V5,
            AUTH,
            Bytes.of(0x18).properties(properties),
            ReasonCode.MALFORMED_PACKET,
            "2.2.2.2");
      }
    }
  }

  @Test
  void nothingFollowsTheProperties() {
    Decoding.refusesFromClient(
        V5, DISCONNECT, Bytes.of(0, 0, 0), ReasonCode.MALFORMED_PACKET, "2.1.4");
    Decoding.refusesFromClient(
        V5,
        AUTH,
        Bytes.of(0x18).properties(Bytes.of(0x15).string("m")).bytes(0),
        ReasonCode.MALFORMED_PACKET,
        "2.1.4");
  }

  @Test
  void authIsRead() {
    Bytes properties =
        Bytes.of(0x15)
            .string("SCRAM")
            .bytes(0x16)
            .octets(1)
            .bytes(0x1F)
            .string("r")
            .bytes(0x26)
            .string("a")
            .string("b");

    assertEquals(
        new Auth(
            ReasonCode.CONTINUE_AUTHENTICATION,
            "SCRAM",
            Payload.wrap(new byte[] {1}),
            "r",
            List.of(new UserProperty("a", "b"))),
        Decoding.fromClient(V5, AUTH, Bytes.of(0x18).properties(properties)));
  }

  @Test
  void anEmptyAuthIsTheServersSuccess() {
    assertEquals(
        new Auth(ReasonCode.SUCCESS, null, null, null, List.of()),
        Decoding.fromServer(V5, AUTH, Bytes.of()));
    Decoding.refusesFromClient(V5, AUTH, Bytes.of(), ReasonCode.PROTOCOL_ERROR, "MQTT-3.15.2-1");
  }

  @Test
  @Statement(v5 = "MQTT-3.15.2-1")
  void onlyTheSendersReasonCodesAreTakenInAuth() {
    Bytes method = Bytes.of(0x15).string("m");
    for (int code = 0; code < 256; code++) {
      Bytes body = Bytes.of(code).properties(method);
      if (code == 0x18 || code == 0x19) {
        Decoding.fromClient(V5, AUTH, body);
      } else {
        Decoding.refusesFromClient(V5, AUTH, body, ReasonCode.PROTOCOL_ERROR, "MQTT-3.15.2-1");
      }
    }
  }

  @Test
  void authNamesItsMethod() {
    Decoding.refusesFromClient(
        V5, AUTH, Bytes.of(0x18, 0), ReasonCode.PROTOCOL_ERROR, "3.15.2.2.2");
    Decoding.refusesFromClient(V5, AUTH, Bytes.of(0x18), ReasonCode.MALFORMED_PACKET, "2.1.4");
  }
}
