package io.troupe.loadtest.check;

import io.troupe.loadtest.history.Verdict;
import io.troupe.loadtest.history.Violation;
import io.troupe.loadtest.report.Json;
import io.troupe.loadtest.report.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results of all seeds, for people and programs. */
public final class CheckReport {
  private final List<CheckResult> results = new ArrayList<>();

  public void add(CheckResult result) {
    results.add(result);
  }

  public boolean isClean() {
    return results.stream().allMatch(r -> r.verdict().isClean());
  }

  /** A line per seed, then what was violated, in words. */
  public String toText() {
    TextTable table =
        new TextTable(
            "seed",
            "offered",
            "taken over",
            "delivered",
            "faults",
            "lost",
            "dup",
            "order",
            "phantom",
            "damaged",
            "flags",
            "session",
            "retained",
            "will",
            "broker",
            "seconds");
    for (CheckResult result : results) {
      Verdict v = result.verdict();
      table.row(
          result.seed(),
          v.offered(),
          v.takenOver(),
          v.delivered(),
          result.faults().values().stream().mapToInt(Integer::intValue).sum(),
          v.count(Violation.Kind.LOST),
          v.count(Violation.Kind.DUPLICATED),
          v.count(Violation.Kind.REORDERED),
          v.count(Violation.Kind.PHANTOM),
          v.count(Violation.Kind.DAMAGED),
          v.count(Violation.Kind.WRONG_FLAGS),
          v.count(Violation.Kind.SESSION_LOST),
          v.count(Violation.Kind.RETAINED_STALE),
          v.count(Violation.Kind.WILL_MISSING)
              + v.count(Violation.Kind.WILL_DUPLICATED)
              + v.count(Violation.Kind.WILL_UNDUE),
          v.count(Violation.Kind.BROKER_FAILED),
          String.format(Locale.ROOT, "%.1f", result.seconds()));
    }
    StringBuilder out = new StringBuilder(table.toString());
    for (CheckResult result : results) {
      result
          .notes()
          .forEach(
              n ->
                  out.append("seed ")
                      .append(result.seed())
                      .append(": note: ")
                      .append(n)
                      .append('\n'));
      for (Violation violation : result.verdict().examples()) {
        out.append("seed ").append(result.seed()).append(": ").append(violation).append('\n');
      }
    }
    return out.append(isClean() ? "no violations" : "VIOLATIONS FOUND").append('\n').toString();
  }

  public String toJson() {
    List<Object> list = new ArrayList<>();
    for (CheckResult result : results) {
      Verdict v = result.verdict();
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("seed", result.seed());
      map.put("clean", v.isClean());
      map.put("offered", v.offered());
      map.put("takenOver", v.takenOver());
      map.put("refused", v.refused());
      map.put("delivered", v.delivered());
      map.put("missingAtQos0", v.missingAtQos0());
      map.put("faults", result.faults());
      map.put("violations", v.counts());
      map.put("examples", v.examples());
      map.put("notes", result.notes());
      map.put("seconds", result.seconds());
      list.add(map);
    }
    return Json.of(Map.of("clean", isClean(), "runs", list));
  }
}
