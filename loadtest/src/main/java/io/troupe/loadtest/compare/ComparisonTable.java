package io.troupe.loadtest.compare;

import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.report.Json;
import io.troupe.loadtest.report.TextTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One table of all peers and contests, with the ratio of CPU per message to Mosquitto's. */
public final class ComparisonTable {
  private final List<Row> rows = new ArrayList<>();

  /** A line of the table: a measured phase, or why there is none. */
  private record Row(
      Peer peer, Contest contest, @Nullable Phase phase, double deliveredPart, String note) {
    String key() {
      return contest.label() + (phase == null ? "" : "/" + phase.name());
    }
  }

  void add(Peer peer, Contest contest, LoadResult result) {
    LoadResult.Totals totals = result.totals();
    double part =
        totals.expected() == 0 ? 1 : Math.min(1, (double) totals.delivered() / totals.expected());
    for (Phase phase : result.phases()) {
      rows.add(new Row(peer, contest, phase, part, String.join("; ", result.notes())));
    }
  }

  void note(Peer peer, Contest contest, String note) {
    rows.add(new Row(peer, contest, null, 0, note));
  }

  /** Progress of one phase. */
  static String line(Peer peer, Contest contest, Phase phase) {
    return String.format(
        Locale.ROOT,
        "%-10s %-18s %-8s %9.0f/s  %7.2f CPU s/M  own %6.2f  p50 %8.2f ms  p99 %8.2f ms",
        peer.label(),
        contest.label(),
        phase.name(),
        phase.perSecond(),
        phase.brokerCpuPerMillion(),
        phase.ownCpuPerMillion(),
        phase.latencyMillis(50),
        phase.latencyMillis(99));
  }

  public String toText() {
    TextTable table =
        new TextTable(
            "scenario",
            "broker",
            "rate/s",
            "arrived",
            "CPU s/M",
            "x Mosquitto",
            "peak MB",
            "p50 ms",
            "p99 ms",
            "own CPU s/M");
    for (Row row : sorted()) {
      Phase phase = row.phase;
      if (phase == null) {
        table.row(row.key(), row.peer.label(), row.note, "", "", "", "", "", "", "");
        continue;
      }
      table.row(
          row.key(),
          row.peer.label(),
          String.format(Locale.ROOT, "%.0f", phase.perSecond()),
          String.format(Locale.ROOT, "%.1f %%", 100 * row.deliveredPart),
          number(phase.brokerCpuPerMillion()),
          ratio(row).map(ComparisonTable::number).orElse("-"),
          memory(row, phase),
          phase.isTimed() ? number(phase.latencyMillis(50)) : "-",
          phase.isTimed() ? number(phase.latencyMillis(99)) : "-",
          number(phase.ownCpuPerMillion()));
    }
    StringBuilder out = new StringBuilder(table.toString());
    for (Row row : sorted()) {
      if (row.phase != null && !row.note.isEmpty()) {
        out.append(row.key()).append(' ').append(row.peer.label()).append(": ");
        out.append(row.note).append('\n');
      }
    }
    return out.toString();
  }

  public String toJson() {
    List<Object> list = new ArrayList<>();
    for (Row row : sorted()) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("scenario", row.key());
      map.put("broker", row.peer.label());
      map.put("note", row.note);
      Phase phase = row.phase;
      if (phase != null) {
        map.put("perSecond", phase.perSecond());
        map.put("arrivedPart", row.deliveredPart);
        map.put("cpuSecondsPerMillion", phase.brokerCpuPerMillion());
        map.put("ratioToMosquitto", ratio(row).orElse(null));
        map.put("peakBytes", phase.brokerPeakBytes());
        map.put("p50Millis", phase.latencyMillis(50));
        map.put("p99Millis", phase.latencyMillis(99));
        map.put("ownCpuSecondsPerMillion", phase.ownCpuPerMillion());
      }
      list.add(map);
    }
    return Json.of(list);
  }

  /** Peak memory; for idle connections what each added. */
  private static String memory(Row row, Phase phase) {
    String peak = Long.toString(phase.brokerPeakBytes() >> 20);
    return row.contest == Contest.IDLE && phase.name().equals("connect") && phase.count() > 0
        ? peak + " (" + phase.brokerGrowthBytes() / phase.count() + " B each)"
        : peak;
  }

  private Optional<Double> ratio(Row row) {
    Phase phase = row.phase;
    if (phase == null) {
      return Optional.empty();
    }
    return rows.stream()
        .filter(r -> r.peer == Peer.MOSQUITTO && r.key().equals(row.key()))
        .map(Row::phase)
        .filter(p -> p != null && p.brokerCpuPerMillion() > 0)
        .findFirst()
        .map(p -> phase.brokerCpuPerMillion() / p.brokerCpuPerMillion());
  }

  private List<Row> sorted() {
    List<Row> sorted = new ArrayList<>(rows);
    sorted.sort(
        Comparator.comparing((Row r) -> r.contest)
            .thenComparing(r -> r.phase == null ? "" : r.phase.name(), phaseOrder())
            .thenComparing(r -> r.peer));
    return sorted;
  }

  /** "enqueue" before "drain", "connect" before the rest. */
  private static Comparator<String> phaseOrder() {
    List<String> order = List.of("", "deliver", "enqueue", "drain", "connect", "resume", "hold");
    return Comparator.comparingInt(order::indexOf);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.2f", value);
  }
}
