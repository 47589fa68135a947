package io.troupe.broker.retained;

import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.topic.TopicName;
import org.jspecify.annotations.Nullable;

/**
 * Walks topics in {@link TopicOrder} along a filter: tells for each topic whether it matches, and
 * if not, where the next one that may match stands, so that what lies between is never looked at.
 * It holds no place in the order and uses no recursion, however deep topics are.
 */
final class FilterScan {
  /** The first text after all topics that begin with {@code $}. */
  private static final String AFTER_DOLLAR = "%";

  private final String filter;
  private final String[] levels;
  private final String start;
  private @Nullable String seek;

  FilterScan(String filter) {
    TopicFilter parsed = TopicFilter.of(filter);
    this.filter = filter;
    levels = filter.split("/", -1);
    start = TopicName.prefix(filter, parsed.prefixLevels());
  }

  /** No topic before this one matches. */
  String start() {
    return start;
  }

  /** Whether the topic matches (4.7, MQTT-4.7.2-1); if not, {@link #seek} tells where to go on. */
  boolean matches(String topic) {
    int at = 0;
    for (int i = 0; i < levels.length; i++) {
      String level = levels[i];
      boolean wildcard = level.equals("#") || level.equals("+");
      if (wildcard && i == 0 && topic.startsWith("$")) {
        return goOnAt(AFTER_DOLLAR);
      }
      if (level.equals("#")) {
        return true;
      }
      if (at > topic.length()) {
        return goOnAt(wildcard ? topic + '/' : topic + '/' + level);
      }
      int slash = topic.indexOf('/', at);
      int end = slash < 0 ? topic.length() : slash;
      if (!wildcard) {
        int order = compareLevel(topic, at, end, level);
        if (order < 0) {
          return goOnAt(topic.substring(0, at) + level);
        }
        if (order > 0) {
          return goOnAt(at == 0 ? null : TopicOrder.afterSubtree(topic.substring(0, at - 1)));
        }
      }
      at = end + 1;
    }
    if (at > topic.length()) {
      return true;
    }
    return goOnAt(TopicOrder.afterSubtree(topic.substring(0, at - 1)));
  }

  /** After a topic that did not match: no topic before this text matches; null: none at all. */
  @Nullable String seek() {
    return seek;
  }

  private boolean goOnAt(@Nullable String text) {
    seek = text;
    return false;
  }

  private static int compareLevel(String topic, int from, int to, String level) {
    int length = Math.min(to - from, level.length());
    for (int i = 0; i < length; i++) {
      int difference = topic.charAt(from + i) - level.charAt(i);
      if (difference != 0) {
        return difference;
      }
    }
    return to - from - level.length();
  }

  @Override
  public String toString() {
    return filter;
  }
}
