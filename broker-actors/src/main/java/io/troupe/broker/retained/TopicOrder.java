package io.troupe.broker.retained;

import java.util.Comparator;

/**
 * Orders topic names so that a topic and all topics below it stand together: like strings, with
 * {@code /} before every other character.
 */
final class TopicOrder implements Comparator<String> {
  static final TopicOrder INSTANCE = new TopicOrder();

  private TopicOrder() {}

  @Override
  public int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return x == '/' ? -1 : y == '/' ? 1 : x - y;
      }
    }
    return a.length() - b.length();
  }

  /** Stands after the topic and all topics below it, and before every other that follows. */
  static String afterSubtree(String topic) {
    return topic + '\0';
  }
}
