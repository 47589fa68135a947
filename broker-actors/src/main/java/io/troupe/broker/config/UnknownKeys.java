package io.troupe.broker.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds keys that nothing reads, and what was probably meant. */
final class UnknownKeys {
  private static final String ROOT = "troupe";

  private final Set<String> known;
  private final ConfigProblems problems;

  UnknownKeys(Set<String> known, ConfigProblems problems) {
    this.known = known;
    this.problems = problems;
  }

  /**
   * @param settings what the user set, without the defaults
   * @param topLevel sections beside {@code troupe} that belong to libraries
   */
  void check(Config settings, Set<String> topLevel) {
    for (Map.Entry<String, ConfigValue> entry : settings.root().entrySet()) {
      String name = entry.getKey();
      if (name.equals(ROOT)) {
        if (entry.getValue() instanceof ConfigObject section) {
          check(section, ROOT);
        }
      } else if (!topLevel.contains(name)) {
        report(entry.getValue(), name);
      }
    }
  }

  private void check(ConfigObject section, String path) {
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      String child = path + "." + ConfigUtil.joinPath(entry.getKey());
      if (known.contains(child)) {
        continue;
      }
      boolean isSection = known.stream().anyMatch(k -> k.startsWith(child + "."));
      if (isSection && entry.getValue() instanceof ConfigObject inner) {
        check(inner, child);
      } else if (!isSection) {
        report(entry.getValue(), child);
      }
    }
  }

  private void report(ConfigValue value, String path) {
    String meant =
        nearest(path)
            .map(key -> "; did you mean " + key + "?")
            .orElse("; see troupe's configuration reference");
    problems.add(value.origin(), path, "unknown key" + meant);
  }

  /** The known key or section nearest in spelling, or the only one with the same last name. */
  private Optional<String> nearest(String path) {
    Set<String> candidates = new TreeSet<>();
    for (String key : known) {
      for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
        candidates.add(key.substring(0, dot));
      }
      candidates.add(key);
    }
    Optional<String> nearest =
        candidates.stream().min(Comparator.comparingInt(key -> distance(path, key)));
    if (nearest.isPresent() && distance(path, nearest.get()) <= Math.max(2, path.length() / 8)) {
      return nearest;
    }
    String last = path.substring(path.lastIndexOf('.') + 1);
    return candidates.stream()
        .filter(key -> key.endsWith("." + last) || key.equals(last))
        .min(Comparator.comparingInt(key -> distance(path, key)));
  }

  /** Levenshtein's distance: the fewest letters inserted, deleted or replaced. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
