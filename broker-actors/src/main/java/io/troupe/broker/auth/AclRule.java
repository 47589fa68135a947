package io.troupe.broker.auth;

import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.topic.TopicName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One line of a rule file: allow or deny, an action, a topic filter that may hold {@code %c}
 * (client id) and {@code %u} (user name).
 */
record AclRule(boolean allow, boolean publish, boolean subscribe, String filter, boolean template) {

  /** Empty if the filter is no topic filter, or a shared one. */
  static Optional<AclRule> of(boolean allow, boolean publish, boolean subscribe, String filter) {
    boolean template = filter.contains("%c") || filter.contains("%u");
    String sample = filter.replace("%c", "c").replace("%u", "u");
    return TopicFilter.parse(sample)
        .filter(parsed -> !parsed.isShared())
        .map(parsed -> new AclRule(allow, publish, subscribe, filter, template));
  }

  boolean matchesTopic(Identity identity, String topic) {
    String own = filterFor(identity);
    return own != null && TopicName.matches(topic, own);
  }

  /** Whether every topic that the other filter can match is matched by this rule. */
  boolean covers(Identity identity, TopicFilter other) {
    String own = filterFor(identity);
    return own != null && covers(own, other.filter());
  }

  /** Null if the identity's names do not fit safely: then the rule is as if it were not there. */
  private @Nullable String filterFor(Identity identity) {
    if (!template) {
      return filter;
    }
    String result = filter;
    if (result.contains("%u")) {
      String username = identity.username();
      if (username == null || !isPlainLevel(username)) {
        return null;
      }
      // Marked with NUL, which no name here contains, so that a "%c" in a user name stays text.
      result = result.replace("%u", "\0u");
    }
    if (result.contains("%c")) {
      if (!isPlainLevel(identity.clientId())) {
        return null;
      }
      result = result.replace("%c", "\0c");
    }
    String username = identity.username();
    result = result.replace("\0c", identity.clientId());
    return username == null ? result : result.replace("\0u", username);
  }

  /** A name with wildcards or separators would change which topics the rule speaks of. */
  private static boolean isPlainLevel(String name) {
    return !name.isEmpty()
        && name.chars().noneMatch(c -> c == '+' || c == '#' || c == '/' || c == '\0');
  }

  /** Level by level; errs towards false. */
  static boolean covers(String rule, String filter) {
    String[] ruleLevels = rule.split("/", -1);
    String[] levels = filter.split("/", -1);
    boolean wildFirst = ruleLevels[0].equals("#") || ruleLevels[0].equals("+");
    if (wildFirst && levels[0].startsWith("$")) {
      return false;
    }
    for (int i = 0; i < ruleLevels.length; i++) {
      if (ruleLevels[i].equals("#")) {
        return true;
      }
      if (i == levels.length) {
        return false;
      }
      boolean single = ruleLevels[i].equals("+") && !levels[i].equals("#");
      if (!single && !ruleLevels[i].equals(levels[i])) {
        return false;
      }
    }
    return ruleLevels.length == levels.length;
  }
}
