package io.troupe.loadtest.check;

import io.troupe.loadtest.history.Verdict;
import io.troupe.loadtest.history.Violation;
import io.troupe.loadtest.history.Violation.Kind;
import io.troupe.loadtest.report.Json;
import io.troupe.loadtest.report.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/** The results of many runs, in groups, for people and programs. */
public final class CheckReport {
  /** What the table counts together; each kind of violation is in one column. */
  record Column(String name, Set<Kind> kinds) {
    long in(CheckResult result) {
      return kinds.stream().mapToLong(result.verdict()::count).sum();
    }
  }

  static final List<Column> COLUMNS =
      List.of(
          new Column("lost", Set.of(Kind.LOST)),
          new Column("dup", Set.of(Kind.DUPLICATED)),
          new Column("order", Set.of(Kind.REORDERED)),
          new Column(
              "phantom", Set.of(Kind.PHANTOM, Kind.UNSUBSCRIBED, Kind.EXPIRED, Kind.DAMAGED)),
          new Column("flags", Set.of(Kind.WRONG_FLAGS, Kind.WINDOW_EXCEEDED)),
          new Column("session", Set.of(Kind.SESSION_LOST, Kind.NOT_TAKEN_OVER)),
          new Column("retained", Set.of(Kind.RETAINED_STALE)),
          new Column(
              "will",
              Set.of(Kind.WILL_MISSING, Kind.WILL_DUPLICATED, Kind.WILL_UNDUE, Kind.WILL_LATE)),
          new Column("broker", Set.of(Kind.BROKER_FAILED)),
          new Column("service", Set.of(Kind.OUT_OF_SERVICE)));

  private final String groupedBy;
  private final Map<String, List<CheckResult>> groups = new LinkedHashMap<>();

  /**
   * @param groupedBy what a group's name is; a line of the table per group
   */
  public CheckReport(String groupedBy) {
    this.groupedBy = groupedBy;
  }

  public void add(String group, CheckResult result) {
    groups.computeIfAbsent(group, g -> new ArrayList<>()).add(result);
  }

  public boolean isEmpty() {
    return groups.isEmpty();
  }

  public boolean isClean() {
    return all().stream().allMatch(r -> r.verdict().isClean());
  }

  /** A line per group and one for all, then what was violated, in words. */
  public String toText() {
    List<String> heads = new ArrayList<>(List.of(groupedBy, "runs", "faults"));
    heads.addAll(List.of("offered", "taken over", "delivered"));
    COLUMNS.forEach(column -> heads.add(column.name()));
    heads.addAll(List.of("wait s", "out s", "found s", "will s", "seconds"));
    TextTable table = new TextTable(heads.toArray(String[]::new));
    groups.forEach((group, results) -> table.row(row(group, results)));
    if (groups.size() > 1) {
      table.row(row("all", all()));
    }
    StringBuilder out = new StringBuilder(table.toString());
    groups.forEach((group, results) -> results.forEach(r -> words(out, group, r)));
    return out.append(isClean() ? "no violations" : "VIOLATIONS FOUND").append('\n').toString();
  }

  private static Object[] row(String group, List<CheckResult> results) {
    List<Object> row = new ArrayList<>();
    row.add(group);
    row.add(results.size());
    row.add(sum(results, r -> r.faults().values().stream().mapToLong(n -> n).sum()));
    row.add(sum(results, r -> r.verdict().offered()));
    row.add(sum(results, r -> r.verdict().takenOver()));
    row.add(sum(results, r -> r.verdict().delivered()));
    COLUMNS.forEach(column -> row.add(sum(results, column::in)));
    row.add(longest(results, Verdict::longestWaitNanos));
    row.add(longest(results, Verdict::longestOutNanos));
    row.add(longest(results, Verdict::longestNoticeNanos));
    row.add(longest(results, Verdict::longestWillNanos));
    double seconds = results.stream().mapToDouble(CheckResult::seconds).sum();
    row.add(String.format(Locale.ROOT, "%.0f", seconds));
    return row.toArray();
  }

  private static String longest(List<CheckResult> results, ToLongFunction<Verdict> nanos) {
    long most = results.stream().map(CheckResult::verdict).mapToLong(nanos).max().orElse(0);
    return String.format(Locale.ROOT, "%.1f", most / 1e9);
  }

  private static long sum(List<CheckResult> results, ToLongFunction<CheckResult> value) {
    return results.stream().mapToLong(value).sum();
  }

  private static void words(StringBuilder out, String group, CheckResult result) {
    String run = group + ", seed " + result.seed() + ": ";
    result.notes().forEach(note -> out.append(run).append("note: ").append(note).append('\n'));
    for (Violation violation : result.verdict().examples()) {
      out.append(run).append(violation).append('\n');
    }
  }

  private List<CheckResult> all() {
    return groups.values().stream().flatMap(List::stream).toList();
  }

  public String toJson() {
    List<Object> list = new ArrayList<>();
    groups.forEach((group, results) -> results.forEach(r -> list.add(toMap(group, r))));
    return Json.of(Map.of("clean", isClean(), "runs", list));
  }

  private static Map<String, Object> toMap(String group, CheckResult result) {
    Verdict v = result.verdict();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("group", group);
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
    map.put("longestWaitSeconds", v.longestWaitNanos() / 1e9);
    map.put("longestOutSeconds", v.longestOutNanos() / 1e9);
    map.put("longestNoticeSeconds", v.longestNoticeNanos() / 1e9);
    map.put("longestWillSeconds", v.longestWillNanos() / 1e9);
    map.put("seconds", result.seconds());
    return map;
  }
}
