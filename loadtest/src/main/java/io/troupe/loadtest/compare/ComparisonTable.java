package io.troupe.loadtest.compare;

import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.report.HtmlPage;
import io.troupe.loadtest.report.Json;
import io.troupe.loadtest.report.SvgBars;
import io.troupe.loadtest.report.TextTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * All peers and contests in one table: the median where a contest was repeated, with the ratio of
 * CPU per message to Mosquitto's.
 */
public final class ComparisonTable {
  private static final List<String> PHASES =
      List.of("deliver", "enqueue", "drain", "connect", "resume", "hold");

  private final Map<Key, List<Figures>> measured = new LinkedHashMap<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private final List<String> terms;

  /** A line of the table. */
  private record Key(Contest contest, String phase, Peer peer) {
    String scenario() {
      return contest + "/" + phase;
    }
  }

  /**
   * @param terms machine and configuration of each broker, in words
   */
  public ComparisonTable(List<String> terms) {
    this.terms = List.copyOf(terms);
  }

  void add(Peer peer, Contest contest, LoadResult result) {
    for (Phase phase : result.phases()) {
      measured
          .computeIfAbsent(new Key(contest, phase.name(), peer), k -> new ArrayList<>())
          .add(Figures.of(result, phase));
    }
    result.notes().forEach(n -> note(peer, contest, n));
  }

  void note(Peer peer, Contest contest, String note) {
    notes.add(contest + " " + peer + ": " + note);
  }

  /** Progress of one phase. */
  static String line(Peer peer, Contest contest, Phase phase) {
    return String.format(
        Locale.ROOT,
        "%-10s %-18s %-8s %9.0f/s  %7.2f CPU s/M  own %6.2f  p50 %8.2f ms  p99 %8.2f ms",
        peer,
        contest,
        phase.name(),
        phase.perSecond(),
        phase.brokerCpuPerMillion(),
        phase.ownCpuPerMillion(),
        phase.latencyMillis(50),
        phase.latencyMillis(99));
  }

  /** Scenarios that were measured and what did not work, in words. */
  public String toText() {
    TextTable table =
        new TextTable(
            "scenario",
            "broker",
            "rate/s",
            "arrived",
            "CPU s/M",
            "x Mosquitto",
            "own CPU s/M",
            "peak MB",
            "memory B each",
            "disk B each",
            "p50 ms",
            "p99 ms",
            "runs");
    for (Key key : sorted()) {
      Figures f = figures(key);
      boolean queued = key.phase.equals("enqueue");
      table.row(
          key.scenario(),
          key.peer,
          String.format(Locale.ROOT, "%.0f", f.perSecond()),
          String.format(Locale.ROOT, "%.1f %%", 100 * f.arrivedPart()),
          number(f.cpuPerMillion()),
          ratio(key).map(ComparisonTable::number).orElse("-"),
          number(f.ownCpuPerMillion()),
          (long) f.peakBytes() >> 20,
          key.contest == Contest.IDLE ? (long) f.growthBytesEach() : "-",
          queued ? number(f.diskBytesEach()) : "-",
          f.p50Millis() == 0 ? "-" : number(f.p50Millis()),
          f.p99Millis() == 0 ? "-" : number(f.p99Millis()),
          runs(key));
    }
    StringBuilder out = new StringBuilder(table.toString()).append(System.lineSeparator());
    notes.forEach(n -> out.append("note: ").append(n).append(System.lineSeparator()));
    terms.forEach(t -> out.append(t).append(System.lineSeparator()));
    return out.toString();
  }

  public String toJson() {
    List<Object> rows = new ArrayList<>();
    for (Key key : sorted()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("scenario", key.contest);
      row.put("phase", key.phase);
      row.put("broker", key.peer);
      row.put("command", key.contest.command());
      row.put("runs", runs(key));
      row.putAll(figures(key).toMap());
      row.put("ratioToMosquitto", ratio(key).orElse(null));
      rows.add(row);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rows", rows);
    map.put("notes", notes);
    map.put("terms", terms);
    return Json.of(map);
  }

  public String toHtml() {
    HtmlPage page = new HtmlPage("MQTT brokers compared by troupe-load");
    page.text(toText());
    drawing(page, "Broker's CPU seconds per million: less is better", Figures::cpuPerMillion);
    drawing(page, "Rate per second: more is better", Figures::perSecond);
    drawing(page, "Highest resident memory, MB", f -> f.peakBytes() / 1048576);
    drawing(page, "p99, milliseconds", Figures::p99Millis);
    drawing(page, "Generator's CPU seconds per million", Figures::ownCpuPerMillion);
    return page.toString();
  }

  private void drawing(HtmlPage page, String title, ToDoubleFunction<Figures> value) {
    SvgBars bars = new SvgBars();
    for (Key key : sorted()) {
      double shown = value.applyAsDouble(figures(key));
      if (shown > 0) {
        bars.bar(key.scenario(), key.peer.toString(), shown);
      }
    }
    page.drawing(title, bars.draw());
  }

  private Figures figures(Key key) {
    return Figures.median(measured.getOrDefault(key, List.of()));
  }

  private int runs(Key key) {
    return measured.getOrDefault(key, List.of()).size();
  }

  private Optional<Double> ratio(Key key) {
    List<Figures> base = measured.get(new Key(key.contest, key.phase, Peer.MOSQUITTO));
    double of = base == null ? 0 : Figures.median(base).cpuPerMillion();
    return of == 0 ? Optional.empty() : Optional.of(figures(key).cpuPerMillion() / of);
  }

  private List<Key> sorted() {
    List<Key> sorted = new ArrayList<>(measured.keySet());
    sorted.sort(
        Comparator.comparing(Key::contest)
            .thenComparing(k -> PHASES.indexOf(k.phase))
            .thenComparing(Key::peer));
    return sorted;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
  }
}
