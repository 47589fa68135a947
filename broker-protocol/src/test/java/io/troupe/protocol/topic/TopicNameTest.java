package io.troupe.protocol.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topic names (4.7). */
class TopicNameTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "/", "//", " ", "a b/c", "$SYS/x", "Accounts payable", "ä/€", "a/"})
  @Statement(v5 = "MQTT-4.7.3-1", v311 = "MQTT-4.7.3-1")
  void anyTextOfAtLeastOneCharacterIsAName(String topic) {
    assertTrue(TopicName.isValid(topic));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "+", "#", "a/+", "a+b", "a/#", "a\0b", "\0"})
  @Statement(
      v5 = {"MQTT-4.7.1-1", "MQTT-4.7.3-1", "MQTT-4.7.3-2"},
      v311 = {"MQTT-4.7.1-1", "MQTT-4.7.3-1", "MQTT-4.7.3-2"})
  void emptyTextWildcardsAndNullAreNotInNames(String topic) {
    assertFalse(TopicName.isValid(topic));
  }

  @ParameterizedTest
  @CsvSource({"a, 1", "/, 2", "a/b, 2", "/a, 2", "a/, 2", "a//b, 3", "///, 4"})
  void separatorsMakeLevels(String topic, int levels) {
    assertEquals(levels, TopicName.levels(topic));
  }

  @ParameterizedTest
  @CsvSource({
    "a/b/c, 0, ''", "a/b/c, 1, a", "a/b/c, 2, a/b", "a/b/c, 3, a/b/c", "a/b/c, 9, a/b/c",
    "/a, 1, ''", "/a, 2, /a", "//, 1, ''", "//, 2, /", "//, 3, //"
  })
  void aPrefixIsTheFirstLevels(String topic, int levels, String prefix) {
    assertEquals(prefix, TopicName.prefix(topic, levels));
  }

  /** The examples of the specification, 4.7.1 to 4.7.3. */
  @ParameterizedTest(name = "{0} / {1}: {2}")
  @CsvSource({
    "sport/tennis/player1/#, sport/tennis/player1, true",
    "sport/tennis/player1/#, sport/tennis/player1/ranking, true",
    "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon, true",
    "sport/tennis/player1/#, sport/tennis/player12, false",
    "sport/#, sport, true",
    "#, sport/tennis, true",
    "#, /, true",
    "sport/tennis/+, sport/tennis/player1, true",
    "sport/tennis/+, sport/tennis/player2, true",
    "sport/tennis/+, sport/tennis/player1/ranking, false",
    "sport/+, sport, false",
    "sport/+, sport/, true",
    "+/+, /finance, true",
    "/+, /finance, true",
    "+, /finance, false",
    "+, finance, true",
    "+/tennis/#, sport/tennis, true",
    "sport/+/player1, sport/tennis/player1, true",
    "#, $SYS/monitor, false",
    "+/monitor/Clients, $SYS/monitor/Clients, false",
    "$SYS/#, $SYS/, true",
    "$SYS/#, $SYS, true",
    "$SYS/monitor/+, $SYS/monitor/Clients, true",
    "ACCOUNTS, Accounts, false",
    "/finance, finance, false",
    "a/b, a/b/c, false",
    "a/b/c, a/b, false",
    "a//c, a//c, true",
    "a/+/c, a//c, true",
    "+/#, a, true",
    "+/#, a/b, true",
    "a/+/#, a, false"
  })
  @Statement(
      v5 = {"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.2-1", "MQTT-4.7.3-4"},
      v311 = {"MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.2-1", "MQTT-4.7.3-4"})
  void matchesAsTheSpecificationSays(String filter, String topic, boolean matches) {
    assertEquals(matches, TopicName.matches(topic, filter));
    assertEquals(matches, TopicFilter.of(filter).matches(topic));
  }

  /** No recursion: the deepest name and filter that fit in a packet. */
  @Test
  @Promise("F6")
  void tenThousandsOfLevelsDoNoHarm() {
    String slashes = "/".repeat(65_535);
    String plusses = "+/".repeat(32_767) + "+";

    assertEquals(65_536, TopicName.levels(slashes));
    assertFalse(TopicName.matches(slashes, plusses));
    assertTrue(TopicName.matches("/".repeat(32_767), plusses));
    assertEquals(slashes, TopicName.prefix(slashes, 65_536));
  }
}
