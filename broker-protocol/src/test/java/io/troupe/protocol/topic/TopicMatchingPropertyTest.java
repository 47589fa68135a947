package io.troupe.protocol.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Matching agrees with one written as the specification reads, level by level. */
class TopicMatchingPropertyTest {

  @Provide
  Arbitrary<String> topics() {
    return Arbitraries.of("", "a", "b", "$a")
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .map(levels -> String.join("/", levels))
        .filter(topic -> !topic.isEmpty());
  }

  @Provide
  Arbitrary<String> filters() {
    Arbitrary<List<String>> levels =
        Arbitraries.of("", "a", "b", "$a", "+", "+").list().ofMinSize(1).ofMaxSize(5);
    return Arbitraries.oneOf(
            levels.map(l -> String.join("/", l)),
            levels.map(l -> String.join("/", l) + "/#"),
            Arbitraries.just("#"))
        .filter(filter -> !filter.isEmpty());
  }

  @Property(tries = 20_000)
  void agreesWithTheSpecification(
      @ForAll("topics") String topic, @ForAll("filters") String filter) {
    assertEquals(naive(topic, filter), TopicName.matches(topic, filter));
    assertEquals(naive(topic, filter), TopicFilter.of(filter).matches(topic));
  }

  /** What the partitioning of filters rests on: only filters under the topic's prefixes match. */
  @Property(tries = 20_000)
  void aMatchingFilterLiesUnderAPrefixOfTheTopic(
      @ForAll("topics") String topic, @ForAll("filters") String filter) {
    TopicFilter parsed = TopicFilter.of(filter);
    if (parsed.matches(topic)) {
      assertTrue(parsed.prefixLevels() <= TopicName.levels(topic));
      assertEquals(parsed.prefix(), TopicName.prefix(topic, parsed.prefixLevels()));
    }
  }

  @Property
  void everyTopicMatchesItself(@ForAll("topics") String topic) {
    assertTrue(TopicFilter.of(topic).matches(topic));
  }

  @Property
  void validTextIsParsedAndAnyOtherRefused(@ForAll String text) {
    assertEquals(isFilter(text), TopicFilter.parse(text).isPresent());
  }

  private static boolean isFilter(String text) {
    if (text.isEmpty() || text.indexOf('\0') >= 0 || text.startsWith("$share")) {
      return TopicFilter.parse(text).isPresent(); // judged by TopicFilterTest
    }
    List<String> levels = Arrays.asList(text.split("/", -1));
    for (int i = 0; i < levels.size(); i++) {
      String level = levels.get(i);
      boolean wildcard = level.contains("+") || level.contains("#");
      if (wildcard && level.length() > 1) {
        return false;
      }
      if (level.equals("#") && i < levels.size() - 1) {
        return false;
      }
    }
    return true;
  }

  private static boolean naive(String topic, String filter) {
    String[] t = topic.split("/", -1);
    String[] f = filter.split("/", -1);
    if (topic.startsWith("$") && (f[0].equals("+") || f[0].equals("#"))) {
      return false;
    }
    for (int i = 0; i < f.length; i++) {
      if (f[i].equals("#")) {
        return true;
      }
      if (i >= t.length || !(f[i].equals("+") || f[i].equals(t[i]))) {
        return false;
      }
    }
    return t.length == f.length;
  }
}
