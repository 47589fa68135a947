package io.troupe.broker.config;

import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How each shared subscription chooses among its members.
 *
 * @param rules in the order of the configuration: the first that names the group counts
 * @param otherwise for all other groups
 */
public record SharedStrategies(List<Rule> rules, SharedStrategy otherwise) {
  private static final String KEY = "shared-strategies";
  private static final int RULES_MAX = 1000;

  /**
   * @param group a share name, or share name, {@code /} and filter; {@code *} stands for any
   *     characters, also none
   */
  public record Rule(String group, SharedStrategy strategy) {
    private static Optional<Rule> parse(String text) {
      int equals = text.lastIndexOf('=');
      String name = text.substring(equals + 1).trim();
      String group = text.substring(0, Math.max(0, equals)).trim();
      return Arrays.stream(SharedStrategy.values())
          .filter(each -> ConfigReader.name(each).equals(name) && !group.isEmpty())
          .map(each -> new Rule(group, each))
          .findFirst();
    }

    boolean names(TopicFilter shared) {
      boolean withFilter = group.indexOf('/') >= 0;
      return matches(
          withFilter ? shared.shareName() + '/' + shared.filter() : shared.shareName(), group);
    }

    /** No recursion: after a mismatch the last star takes one character more. */
    private static boolean matches(String text, String pattern) {
      int p = 0;
      int star = -1;
      int starText = 0;
      for (int t = 0; t < text.length(); t++) {
        if (p < pattern.length() && pattern.charAt(p) == '*') {
          star = p++;
          starText = t--;
        } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
          p++;
        } else if (star >= 0) {
          p = star + 1;
          t = starText++;
        } else {
          return false;
        }
      }
      while (p < pattern.length() && pattern.charAt(p) == '*') {
        p++;
      }
      return p == pattern.length();
    }
  }

  public SharedStrategies {
    rules = List.copyOf(rules);
  }

  /** The same for every group. */
  public static SharedStrategies all(SharedStrategy strategy) {
    return new SharedStrategies(List.of(), strategy);
  }

  static SharedStrategies read(ConfigReader in) {
    SharedStrategy otherwise = in.oneOf("shared-strategy", SharedStrategy.class);
    List<String> texts = in.texts(KEY);
    if (texts.size() > RULES_MAX) {
      in.problem(KEY, "expected at most " + RULES_MAX + " groups, found " + texts.size());
    }
    List<Rule> rules = new ArrayList<>();
    for (String text : texts) {
      Optional<Rule> rule = Rule.parse(text);
      rule.ifPresent(rules::add);
      if (rule.isEmpty()) {
        in.problem(
            KEY,
            "expected GROUP=STRATEGY with a strategy as in shared-strategy, such as"
                + " \"billing=hash-client\", found \""
                + text
                + '"');
      }
    }
    return new SharedStrategies(rules, otherwise);
  }

  /** The strategy of a shared subscription. */
  public SharedStrategy of(TopicFilter shared) {
    for (Rule rule : rules) {
      if (rule.names(shared)) {
        return rule.strategy;
      }
    }
    return otherwise;
  }
}
