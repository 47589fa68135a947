package io.troupe.protocol.codec;

import static io.troupe.protocol.codec.Decoding.V3_1_1;
import static io.troupe.protocol.codec.Decoding.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.ReasonCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UTF-8 Encoded Strings (1.5.4), seen through the topic name of a PUBLISH. */
class StringDecodingTest {
  private static Bytes topic(String octets) {
    String[] parts = octets.split(" ");
    int[] bytes = new int[parts.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = Integer.parseInt(parts[i], 16);
    }
    return Bytes.of().octets(bytes);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "80", // a continuation alone
        "C0 80", // U+0000, overlong
        "C1 BF", // overlong
        "E0 9F BF", // overlong
        "F0 8F BF BF", // overlong
        "C3", // cut off
        "E2 82", // cut off
        "F0 9F 98", // cut off
        "61 C3 61", // no continuation
        "E2 28 A1", // no continuation
        "ED A0 80", // U+D800
        "ED BF BF", // U+DFFF
        "ED A0 BD ED B8 80", // a pair of surrogates
        "F4 90 80 80", // U+110000
        "F5 80 80 80",
        "F8 88 80 80 80",
        "FC 84 80 80 80 80",
        "FE",
        "FF"
      })
  @Statement(
      v5 = {"MQTT-1.5.4-1", "MQTT-3.3.2-1"},
      v311 = {"MQTT-1.5.3-1", "MQTT-3.3.2-1"})
  void illFormedUtf8IsRefused(String octets) {
    Decoding.refusesFromClient(
        V5, 0x30, topic(octets).bytes(0), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.4-1");
    Decoding.refusesFromClient(
        V3_1_1, 0x30, topic(octets), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.3-1");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"00", "61 00", "00 C3 A4", "C3 A4 00"})
  @Statement(
      v5 = {"MQTT-1.5.4-2", "MQTT-4.7.3-2"},
      v311 = {"MQTT-1.5.3-2", "MQTT-4.7.3-2"})
  void nullIsRefused(String octets) {
    Decoding.refusesFromClient(
        V5, 0x30, topic(octets).bytes(0), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.4-2");
    Decoding.refusesFromClient(
        V3_1_1, 0x30, topic(octets), ReasonCode.MALFORMED_PACKET, "MQTT-1.5.3-2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\uFEFFa",
        "a\uFEFF",
        "\u0001",
        "\u007F",
        "\u0080",
        "\u07FF",
        "\u0800",
        "\uD7FF",
        "\uE000",
        "\uFFFF",
        "\uFDD0",
        "\uD83D\uDE00",
        "\uDBFF\uDFFF",
        "ä/ö/€"
      })
  @Statement(v5 = "MQTT-1.5.4-3", v311 = "MQTT-1.5.3-3")
  void everythingElseIsKeptAsItIs(String topic) {
    Publish publish = (Publish) Decoding.fromClient(V5, 0x30, Bytes.of().string(topic).bytes(0));

    assertEquals(topic, publish.topic());
  }

  @Test
  @Statement(v5 = "MQTT-4.7.3-3", v311 = "MQTT-4.7.3-3")
  void aStringMayHave65535Bytes() {
    String topic = "x".repeat(65_535);

    Publish publish = (Publish) Decoding.fromClient(V5, 0x30, Bytes.of().string(topic).bytes(0));

    assertEquals(topic, publish.topic());
  }

  /** The JDK's own decoder, told to report instead of replace, is the judge. */
  @Property
  void weAgreeWithTheJdk(@ForAll @Size(max = 12) byte[] bytes) {
    assertEquals(isWellFormedForJdk(bytes), Utf8.isWellFormed(bytes));
  }

  /** Random bytes are rarely nearly right: these are. */
  @Property
  void weAgreeWithTheJdkOnDamagedText(@ForAll String text, @ForAll byte flip, @ForAll int where) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0) {
      bytes[Math.floorMod(where, bytes.length)] ^= flip;
    }
    assertEquals(isWellFormedForJdk(bytes), Utf8.isWellFormed(bytes));
  }

  @Test
  void weAgreeWithTheJdkOnAllSequencesOfThreeBytes() {
    byte[] bytes = new byte[3];
    int wrong = 0;
    for (int i = 0x800000; i <= 0xFFFFFF; i += 61) {
      bytes[0] = (byte) (i >> 16);
      bytes[1] = (byte) (i >> 8);
      bytes[2] = (byte) i;
      wrong += isWellFormedForJdk(bytes) == Utf8.isWellFormed(bytes) ? 0 : 1;
    }
    assertTrue(wrong == 0, wrong + " sequences judged differently");
  }

  private static boolean isWellFormedForJdk(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
