package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * CONNECT that breaks the format: 3.1.1 closes without CONNACK, 5.0 may send one with a fitting
 * reason code first.
 */
class ConnectMalformedTest extends CanaryTest {

  private void assertRejected(Version version, byte[] connect, Integer... codes) {
    var client = open(version, "x").send(connect);
    if (version.is5()) {
      var connack = client.next().connack();
      assertTrue(
          List.of(codes).contains(connack.code()), "0x" + Integer.toHexString(connack.code()));
      assertEquals(0, connack.flags());
    }
    client.expectClosed();
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.2-3", "MQTT-3.1.4-1", "MQTT-3.2.2-6"},
      v5 = {"MQTT-3.1.2-3", "MQTT-3.1.4-1", "MQTT-3.2.2-7", "MQTT-4.13.1-1", "MQTT-4.13.2-1"})
  void theReservedFlagMustBeZero(Version version) {
    assertRejected(version, fresh(version).flags(0x03).toArray(), 0x81);
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-2.2.2-1", "MQTT-2.2.2-2"},
      v5 = "MQTT-2.1.3-1")
  void theFixedHeaderFlagsMustBeZero(Version version) {
    for (int flags = 1; flags < 16; flags *= 2) {
      assertClosed(open(version, "x").send(fresh(version).body().packet(0x10 | flags)));
    }
  }

  /** Whether a CONNACK with an error came before or not. */
  private static void assertClosed(WireClient client) {
    try {
      var connack = client.next().connack();
      assertTrue(connack.code() == 0x81 || connack.code() == 0x82);
    } catch (AssertionError e) {
      assertEquals("the broker closed the connection", e.getMessage());
      return;
    }
    client.expectClosed();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-14", v5 = "MQTT-3.1.2-12")
  void aWillQosOf3IsMalformed(Version version) {
    var connect = fresh(version).will(publish("t", "x")).flags(0x02 | 0x04 | 0x18);
    assertRejected(version, connect.toArray(), 0x81);
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.2-11", "MQTT-3.1.2-13", "MQTT-3.1.2-15"},
      v5 = {"MQTT-3.1.2-11", "MQTT-3.1.2-13"})
  void willQosOrRetainWithoutAWillAreMalformed(Version version) {
    assertRejected(version, fresh(version).flags(0x02 | 0x08).toArray(), 0x81, 0x82);
    assertRejected(version, fresh(version).flags(0x02 | 0x10).toArray(), 0x81, 0x82);
    assertRejected(version, fresh(version).flags(0x02 | 0x20).toArray(), 0x81, 0x82);
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.2-9", "MQTT-3.1.2-19", "MQTT-3.1.2-21", "MQTT-3.1.3-3"},
      v5 = {"MQTT-3.1.2-9", "MQTT-3.1.2-17", "MQTT-3.1.2-19", "MQTT-3.1.3-3"})
  void aFieldAnnouncedButMissingIsMalformed(Version version) {
    assertRejected(version, fresh(version).flags(0x02 | 0x04).toArray(), 0x81);
    assertRejected(version, fresh(version).flags(0x02 | 0x80).toArray(), 0x81);
    assertRejected(version, fresh(version).username("u").flags(0x02 | 0x80 | 0x40).toArray(), 0x81);
    var noIdentifier = new Bytes().string("MQTT").u8(version.level).u8(2).u16(10);
    assertRejected(version, (version.is5() ? noIdentifier.u8(0) : noIdentifier).packet(0x10), 0x81);
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-3.1.2-11", "MQTT-3.1.2-18", "MQTT-3.1.2-20"},
      v5 = {"MQTT-3.1.2-16", "MQTT-3.1.2-18"})
  void aFieldPresentButNotAnnouncedIsMalformed(Version version) {
    assertRejected(version, fresh(version).username("u").flags(0x02).toArray(), 0x81);
    assertRejected(version, fresh(version).username("u").password("p").flags(0x82).toArray(), 0x81);
    assertRejected(version, fresh(version).will(publish("t", "x")).flags(0x02).toArray(), 0x81);
  }

  @Test
  @Statement(v311 = "MQTT-3.1.2-22")
  void aPasswordNeedsAUserName() {
    assertRejected(Version.V311, fresh(Version.V311).password("p").toArray());
  }

  @Test
  void aPasswordWithoutUserNameIsFineIn5() {
    connect(fresh(Version.V5).password("p")).ping();
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-1.5.3-1", "MQTT-1.5.3-2", "MQTT-3.1.3-4", "MQTT-3.1.3-10", "MQTT-3.1.3-11"},
      v5 = {"MQTT-1.5.4-1", "MQTT-1.5.4-2", "MQTT-3.1.3-4", "MQTT-3.1.3-11", "MQTT-3.1.3-12"})
  @Promise({"F4", "F9"})
  void stringsMustBeWellFormed(Version version) {
    for (byte[] bad : StringTest.ILL_FORMED) {
      byte[] properties = version.is5() ? new byte[1] : new byte[0];
      var start =
          new Bytes().string("MQTT").u8(version.level).u8(0x02).u16(10).raw(properties).toArray();
      var withWill =
          new Bytes().string("MQTT").u8(version.level).u8(0x06).u16(10).raw(properties).toArray();
      var withUser =
          new Bytes().string("MQTT").u8(version.level).u8(0x82).u16(10).raw(properties).toArray();

      assertRejected(version, new Bytes().raw(start).data(bad).packet(0x10), 0x81, 0x85);
      assertRejected(
          version,
          new Bytes().raw(withWill).string("i").raw(properties).data(bad).string("w").packet(0x10),
          0x81,
          0x90);
      assertRejected(version, new Bytes().raw(withUser).string("i").data(bad).packet(0x10), 0x81);
    }
  }

  static Stream<Arguments> badProperties() {
    return Stream.of(
        Arguments.of("unknown property", new Bytes().u8(3).u8(0x7F).u16(1)),
        Arguments.of(
            "property of another packet", new Bytes().u8(3).u8(Properties5.TOPIC_ALIAS).u16(1)),
        Arguments.of("Receive Maximum 0", new Bytes().u8(3).u8(Properties5.RECEIVE_MAXIMUM).u16(0)),
        Arguments.of(
            "Maximum Packet Size 0", new Bytes().u8(5).u8(Properties5.MAXIMUM_PACKET_SIZE).u32(0)),
        Arguments.of(
            "Receive Maximum twice",
            new Bytes()
                .u8(6)
                .u8(Properties5.RECEIVE_MAXIMUM)
                .u16(9)
                .u8(Properties5.RECEIVE_MAXIMUM)
                .u16(9)),
        Arguments.of(
            "Session Expiry Interval twice",
            new Bytes()
                .u8(10)
                .u8(Properties5.SESSION_EXPIRY)
                .u32(1)
                .u8(Properties5.SESSION_EXPIRY)
                .u32(1)),
        Arguments.of(
            "Request Problem Information 2",
            new Bytes().u8(2).u8(Properties5.REQUEST_PROBLEM_INFORMATION).u8(2)),
        Arguments.of(
            "Request Response Information 2",
            new Bytes().u8(2).u8(Properties5.REQUEST_RESPONSE_INFORMATION).u8(2)),
        Arguments.of(
            "authentication data without method",
            new Bytes().u8(4).u8(Properties5.AUTHENTICATION_DATA).string("x")),
        Arguments.of("property length beyond the packet", new Bytes().u8(100)),
        Arguments.of(
            "property cut off by the property length",
            new Bytes().u8(3).u8(Properties5.SESSION_EXPIRY).u32(1)),
        Arguments.of(
            "user property with an ill-formed name",
            new Bytes().u8(7).u8(Properties5.USER_PROPERTY).u16(1).u8(0xC0).u16(1).u8('v')),
        Arguments.of(
            "user property with an ill-formed value",
            new Bytes().u8(7).u8(Properties5.USER_PROPERTY).u16(1).u8('n').u16(1).u8(0)),
        Arguments.of("property length in too many bytes", new Bytes().u8(0x80).u8(0)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badProperties")
  @Statement(v5 = {"MQTT-3.1.4-1", "MQTT-1.5.7-1", "MQTT-1.5.5-1"})
  void propertiesMustBeValid(String name, Bytes properties) {
    byte[] connect =
        new Bytes()
            .string("MQTT")
            .u8(5)
            .u8(2)
            .u16(10)
            .raw(properties)
            .data("i".getBytes(StandardCharsets.UTF_8))
            .packet(0x10);
    assertRejected(Version.V5, connect, 0x81, 0x82);
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-4.7.1-1", "MQTT-4.7.3-1"},
      v5 = {"MQTT-4.7.0-1", "MQTT-4.7.3-1"})
  void aWillTopicIsATopicName(Version version) {
    for (String topic : List.of("", "a/#", "a/+/b", "+")) {
      assertRejected(version, fresh(version).will(publish(topic, "x")).toArray(), 0x81, 0x82, 0x90);
    }
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.4-1", v5 = "MQTT-3.1.4-1")
  void bytesAfterThePayloadAreMalformed(Version version) {
    assertRejected(version, fresh(version).body().u8(0).packet(0x10), 0x81);
  }
}
