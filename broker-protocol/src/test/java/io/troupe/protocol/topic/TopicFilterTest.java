package io.troupe.protocol.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topic filters (4.7) and shared subscriptions (4.8.2). */
class TopicFilterTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "/",
        "#",
        "+",
        "+/+",
        "+/#",
        "/#",
        "a/+/b/#",
        "$SYS/#",
        "a/$share/g/t",
        "$shared/g/t",
        "$SHARE/g/t",
        " ",
        "a//b"
      })
  @Statement(
      v5 = {"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1"},
      v311 = {"MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.3-1"})
  void takesEveryFilter(String text) {
    TopicFilter filter = TopicFilter.parse(text).orElseThrow();

    assertEquals(text, filter.text());
    assertEquals(text, filter.filter());
    assertEquals("", filter.shareName());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a+", "+a", "a/+b", "++", "a#", "#a", "a/#/b", "#/", "##", "a\0", "a/b#"})
  @Statement(
      v5 = {"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1", "MQTT-4.7.3-2"},
      v311 = {"MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.3-1", "MQTT-4.7.3-2"})
  void refusesMisplacedWildcardsAndEmptyText(String text) {
    assertEquals(Optional.empty(), TopicFilter.parse(text));
    assertThrows(IllegalArgumentException.class, () -> TopicFilter.of(text));
  }

  @ParameterizedTest
  @CsvSource({
    "$share/g/t, g, t",
    "$share/g/#, g, '#'",
    "$share/g//, g, /",
    "$share/a b/+/x, a b, +/x",
    "$share/g/$SYS/x, g, $SYS/x"
  })
  void takesASharedSubscriptionApart(String text, String shareName, String filter) {
    TopicFilter parsed = TopicFilter.of(text);

    assertTrue(parsed.isShared());
    assertEquals(shareName, parsed.shareName());
    assertEquals(filter, parsed.filter());
    assertEquals(text, parsed.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$share",
        "$share/",
        "$share//t",
        "$share/g",
        "$share/g/",
        "$share/+/t",
        "$share/g#/t",
        "$share/#/t",
        "$share/g/a#",
        "$share/g/#/a"
      })
  @Statement(v5 = {"MQTT-4.8.2-1", "MQTT-4.8.2-2"})
  void refusesASharedSubscriptionWithoutNameOrFilter(String text) {
    assertEquals(Optional.empty(), TopicFilter.parse(text));
  }

  /** 65,535 bytes, not characters. */
  @Test
  void overlappingFiltersAreThoseThatATopicMatchesBoth() {
    List<List<String>> overlap =
        List.of(
            List.of("a", "a"),
            List.of("a/#", "a"),
            List.of("a/+", "+/b"),
            List.of("#", "x/y/z"),
            List.of("a/b/#", "a/+/c/d"));
    List<List<String>> apart =
        List.of(
            List.of("a", "b"),
            List.of("a/+", "a"),
            List.of("a/b", "a/b/c"),
            List.of("+/b", "a/c"),
            List.of("a/b/#", "a/c/#"));
    for (List<String> pair : overlap) {
      assertTrue(TopicFilter.of(pair.get(0)).overlaps(TopicFilter.of(pair.get(1))), pair::toString);
      assertTrue(TopicFilter.of(pair.get(1)).overlaps(TopicFilter.of(pair.get(0))), pair::toString);
    }
    for (List<String> pair : apart) {
      assertFalse(
          TopicFilter.of(pair.get(0)).overlaps(TopicFilter.of(pair.get(1))), pair::toString);
      assertFalse(
          TopicFilter.of(pair.get(1)).overlaps(TopicFilter.of(pair.get(0))), pair::toString);
    }
  }

  @Test
  @Statement(v5 = "MQTT-4.7.3-3", v311 = "MQTT-4.7.3-3")
  void isAtMost65535BytesLong() {
    assertTrue(TopicFilter.parse("a".repeat(65_535)).isPresent());
    assertEquals(Optional.empty(), TopicFilter.parse("a".repeat(65_536)));
    assertEquals(Optional.empty(), TopicFilter.parse("ä".repeat(32_768)));
    assertEquals(Optional.empty(), TopicFilter.parse("€".repeat(21_846)));
    assertTrue(TopicFilter.parse("€".repeat(21_845)).isPresent());
  }

  @ParameterizedTest
  @CsvSource({
    "a/b/c, 3, a/b/c",
    "a/b/#, 2, a/b",
    "a/+/c, 1, a",
    "#, 0, ''",
    "+/x, 0, ''",
    "/+, 1, ''",
    "/a, 2, /a",
    "/#, 1, ''",
    "//+, 2, /",
    "$share/g/a/#, 1, a"
  })
  void theLiteralPrefixEndsBeforeTheFirstWildcard(String text, int levels, String prefix) {
    TopicFilter filter = TopicFilter.of(text);

    assertEquals(levels, filter.prefixLevels());
    assertEquals(prefix, filter.prefix());
  }

  @Test
  void isEqualByWhatTheClientWrote() {
    assertEquals(TopicFilter.of("a/+"), TopicFilter.of("a/+"));
    assertEquals(TopicFilter.of("a/+").hashCode(), TopicFilter.of("a/+").hashCode());
    assertNotEquals(TopicFilter.of("a"), TopicFilter.of("$share/g/a"));
  }
}
