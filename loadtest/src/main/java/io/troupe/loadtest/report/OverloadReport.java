package io.troupe.loadtest.report;

import io.troupe.loadtest.overload.OverloadResult;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** The outcome of abuses as text. */
public final class OverloadReport {
  private OverloadReport() {}

  /** One scenario, as soon as it has ended. */
  public static String line(OverloadResult result) {
    return String.format(
        Locale.ROOT, "%-16s %s: %s", result.scenario(), verdict(result), result.done());
  }

  /** All of them. */
  public static String table(List<OverloadResult> results) {
    TextTable table =
        new TextTable(
            "scenario",
            "idle p50/p99 ms",
            "abused p50/p99 ms",
            "memory +MB",
            "health max ms",
            "dropped, refused",
            "did",
            "verdict");
    for (OverloadResult r : results) {
      table.row(
          r.scenario(),
          r.idleP99Nanos() == 0 ? "-" : millis(r.idleP50Nanos()) + "/" + millis(r.idleP99Nanos()),
          r.idleP99Nanos() == 0
              ? "-"
              : millis(r.abusedP50Nanos()) + "/" + millis(r.abusedP99Nanos()),
          r.memoryGrowthBytes() >> 20,
          millis(r.healthMaxNanos()),
          counted(r),
          r.done(),
          verdict(r));
    }
    return table.toString();
  }

  private static String counted(OverloadResult result) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(result.counted())
        .forEach(
            (reason, count) ->
                text.append(text.length() == 0 ? "" : ", ").append(reason + " " + count));
    return text.length() == 0 ? "-" : text.toString();
  }

  private static String verdict(OverloadResult result) {
    return result.faults().isEmpty() ? "sound" : "NOT SOUND: " + String.join(", ", result.faults());
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
  }
}
