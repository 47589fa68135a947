package io.troupe.broker.config;

import com.typesafe.config.ConfigOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gathers mistakes while the configuration is read, so that all are reported together. */
final class ConfigProblems {
  private record Entry(String file, int line, ConfigProblem problem) {}

  private final List<Entry> entries = new ArrayList<>();
  private final List<ConfigProblem> warnings = new ArrayList<>();

  /** Keys whose value was none of its kind: what else is wrong with them is not told. */
  private final Set<String> unreadable = new HashSet<>();

  void add(@Nullable ConfigOrigin origin, String key, String message) {
    if (unreadable.contains(key)) {
      return;
    }
    int line = origin == null ? -1 : origin.lineNumber();
    String where = where(origin);
    entries.add(new Entry(file(origin), line, new ConfigProblem(where, key, message)));
  }

  /** A value that is none of its kind, for which a stand-in is used until the end. */
  void addUnreadable(@Nullable ConfigOrigin origin, String key, String message) {
    add(origin, key, message);
    unreadable.add(key);
  }

  /** Something that prevents nothing but should be known. */
  void warn(@Nullable ConfigOrigin origin, String key, String message) {
    warnings.add(new ConfigProblem(where(origin), key, message));
  }

  List<ConfigProblem> warnings() {
    return List.copyOf(warnings);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** All mistakes, by file and line; those of variables and options come last. */
  List<ConfigProblem> sorted() {
    Set<ConfigProblem> problems = new LinkedHashSet<>();
    entries.stream()
        .sorted(
            Comparator.comparing((Entry e) -> e.file.isEmpty())
                .thenComparing(Entry::file)
                .thenComparingInt(Entry::line))
        .forEach(e -> problems.add(e.problem));
    return List.copyOf(problems);
  }

  private static String file(@Nullable ConfigOrigin origin) {
    String file = origin == null ? null : origin.filename();
    return file == null || file.endsWith("/reference.conf") ? "" : file;
  }

  private static String where(@Nullable ConfigOrigin origin) {
    if (origin == null) {
      return "configuration";
    }
    if (origin.url() != null && origin.url().getPath().endsWith("/reference.conf")) {
      return "default";
    }
    String file = file(origin);
    if (file.isEmpty()) {
      return origin.description();
    }
    Path path = Path.of(file);
    Path here = Path.of("").toAbsolutePath();
    String shown = path.startsWith(here) ? here.relativize(path).toString() : file;
    return origin.lineNumber() > 0 ? shown + ":" + origin.lineNumber() : shown;
  }
}
