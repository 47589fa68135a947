package io.troupe.protocol.topic;

import java.nio.charset.StandardCharsets;

/** Rules and arithmetic of topic names (4.7); names themselves stay strings. */
public final class TopicName {
  private TopicName() {}

  /**
   * Valid in a PUBLISH: not empty, no wildcard, no U+0000, at most 65,535 UTF-8 bytes
   * (MQTT-3.3.2-2, MQTT-4.7.3-1, MQTT-4.7.3-2, MQTT-4.7.3-3).
   */
  public static boolean isValid(String topic) {
    int length = topic.length();
    if (length == 0) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = topic.charAt(i);
      if (c == '+' || c == '#' || c == '\0') {
        return false;
      }
    }
    return fits(topic);
  }

  /** Whether the text has at most 65,535 UTF-8 bytes (MQTT-4.7.3-3). */
  static boolean fits(String text) {
    return text.length() <= 65535 / 3 // no character takes more than three bytes
        || text.getBytes(StandardCharsets.UTF_8).length <= 65535;
  }

  /** The number of levels: separators plus one. */
  public static int levels(String topic) {
    int levels = 1;
    for (int i = topic.indexOf('/'); i >= 0; i = topic.indexOf('/', i + 1)) {
      levels++;
    }
    return levels;
  }

  /**
   * The first {@code levels} levels joined by {@code /}; empty for 0 levels, the whole name if it
   * has no more.
   */
  public static String prefix(String topic, int levels) {
    if (levels == 0) {
      return "";
    }
    int end = -1;
    for (int i = 0; i < levels; i++) {
      end = topic.indexOf('/', end + 1);
      if (end < 0) {
        return topic;
      }
    }
    return topic.substring(0, end);
  }

  /** Whether the name matches a valid filter without share name (4.7.1, MQTT-4.7.2-1). */
  public static boolean matches(String topic, String filter) {
    if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) {
      return false;
    }
    int t = 0;
    int f = 0;
    while (true) {
      int filterEnd = end(filter, f);
      if (filterEnd - f == 1 && filter.charAt(f) == '#') {
        return true;
      }
      if (t > topic.length()) {
        return false;
      }
      int topicEnd = end(topic, t);
      boolean single = filterEnd - f == 1 && filter.charAt(f) == '+';
      if (!single
          && (filterEnd - f != topicEnd - t || !filter.regionMatches(f, topic, t, filterEnd - f))) {
        return false;
      }
      f = filterEnd + 1;
      t = topicEnd + 1;
      if (f > filter.length()) {
        return t > topic.length();
      }
    }
  }

  private static int end(String text, int from) {
    int end = text.indexOf('/', from);
    return end < 0 ? text.length() : end;
  }
}
