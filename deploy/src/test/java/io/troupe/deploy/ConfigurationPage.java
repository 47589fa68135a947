package io.troupe.deploy;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns the {@code troupe} section of {@code reference.conf} into a page: one heading per section,
 * one table per run of keys, the comments above them as text.
 */
final class ConfigurationPage {
  private static final String HEAD =
      """
      # Configuration

      Generated from `reference.conf`; a test fails when it is stale.

      Settings come from four layers, the later wins: the defaults below, your file (`troupe start --config
      FILE`), environment variables, options of the command line. A file needs only what differs:

      ```
      troupe {
        mqtt.maximum-packet-size = 256 KiB
        listeners.tcp.port = 1884
      }
      ```

      A variable is named `TROUPE_` and the key below `troupe` in capitals, with `__` for the dot and `_` for
      the dash: `TROUPE_LISTENERS__TCP__PORT=1884`; a list is written with commas. Sizes take units (64 KiB,
      1 MiB), durations too (500ms, 10s, 2m, 7d). Relative paths count from the folder of the file that sets
      them, else from the working directory. Unknown keys and variables are errors: `troupe check-config FILE`
      lists all mistakes with file and line. Changes need a restart.
      """;

  private final List<String> lines;
  private final List<String> path = new ArrayList<>();
  private final List<String> comment = new ArrayList<>();
  private final StringBuilder out = new StringBuilder(HEAD);
  private boolean inTable;

  ConfigurationPage(List<String> lines) {
    this.lines = lines;
  }

  String markdown() {
    int start = lines.indexOf("troupe {");
    path.add("troupe");
    for (int i = start + 1; !path.isEmpty(); i++) {
      line(lines.get(i).strip());
    }
    return out.toString();
  }

  private void line(String line) {
    if (line.startsWith("#")) {
      comment.add(line.substring(1).stripTrailing());
    } else if (line.endsWith("{")) {
      path.add(line.substring(0, line.length() - 1).strip());
      heading();
    } else if (line.equals("}")) {
      path.remove(path.size() - 1);
      inTable = false;
    } else if (!line.isEmpty()) {
      key(line);
    } else {
      comment.clear();
    }
  }

  private void heading() {
    inTable = false;
    out.append("\n##").append(path.size() > 2 ? "#" : "").append(" `");
    out.append(String.join(".", path)).append("`\n");
    if (!comment.isEmpty()) {
      boolean table = comment.stream().anyMatch(c -> c.startsWith("   "));
      out.append(table ? "\n```text\n" : "\n");
      comment.forEach(c -> out.append(c.startsWith(" ") ? c.substring(1) : c).append('\n'));
      out.append(table ? "```\n" : "");
    }
    comment.clear();
  }

  private void key(String line) {
    int equals = line.indexOf('=');
    String key = String.join(".", path) + "." + line.substring(0, equals).strip();
    String value = line.substring(equals + 1).strip();
    if (!inTable) {
      out.append("\n| Key | Default | Meaning |\n|---|---|---|\n");
      inTable = true;
    }
    String told = String.join(" ", comment.stream().map(String::strip).toList());
    String meaning = told.isEmpty() ? "see above" : told;
    out.append("| `").append(key).append("` | `").append(value).append("` | ");
    out.append(meaning.replace("|", "\\|")).append(" |\n");
    comment.clear();
  }
}
