package io.troupe.loadtest.check;

import io.troupe.loadtest.report.Json;
import io.troupe.loadtest.report.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What a broker occupied after each round of a soak, and whether that stayed flat: whether the
 * median of the last third is at most a tenth, or a small amount, above that of the first third
 * (I25). The first fifth, at least one round, is for warming up and does not count.
 */
public final class SoakReport {
  /** Fewer say nothing. */
  private static final int ROUNDS_MIN = 7;

  private static final double GROWTH_MAX = 0.10;
  private static final long MEGABYTE = 1 << 20;

  /** What is looked at, in what unit, and what growth says nothing. */
  private record Quantity(
      String name, long unit, long tolerance, ToLongFunction<Footprint> value) {}

  private static final List<Quantity> QUANTITIES =
      List.of(
          new Quantity("heap MB", MEGABYTE, 4 * MEGABYTE, Footprint::heapBytes),
          new Quantity("resident MB", MEGABYTE, 16 * MEGABYTE, Footprint::residentBytes),
          new Quantity("threads", 1, 4, Footprint::threads),
          new Quantity("descriptors", 1, 8, Footprint::descriptors),
          new Quantity("disk MB", MEGABYTE, 16 * MEGABYTE, Footprint::diskBytes));

  private record Round(double minutes, Footprint footprint, CheckResult result) {}

  private final List<Round> rounds = new ArrayList<>();

  /**
   * @param minutes since the start
   * @param footprint at rest after the round
   */
  public void add(double minutes, Footprint footprint, CheckResult result) {
    rounds.add(new Round(minutes, footprint, result));
  }

  public boolean isClean() {
    return rounds.stream().allMatch(r -> r.result.verdict().isClean());
  }

  /** Whether enough rounds were made to judge, and nothing grew. */
  public boolean isFlat() {
    return rounds.size() >= ROUNDS_MIN && QUANTITIES.stream().allMatch(this::isFlat);
  }

  /** A line per round, one per quantity, and the verdict. */
  public String toText() {
    List<String> heads = new ArrayList<>(List.of("minutes"));
    QUANTITIES.forEach(q -> heads.add(q.name));
    heads.addAll(List.of("offered", "delivered", "faults", "violations"));
    TextTable table = new TextTable(heads.toArray(String[]::new));
    rounds.forEach(round -> table.row(row(round)));
    StringBuilder out = new StringBuilder(table.toString());
    if (rounds.size() < ROUNDS_MIN) {
      out.append("fewer than ").append(ROUNDS_MIN).append(" rounds: too short to tell\n");
    } else {
      QUANTITIES.forEach(q -> out.append(trend(q)).append('\n'));
      out.append(isFlat() ? "flat" : "NOT FLAT").append('\n');
    }
    for (Round round : rounds) {
      CheckResult result = round.result;
      result
          .verdict()
          .examples()
          .forEach(v -> out.append("seed " + result.seed() + ": ").append(v).append('\n'));
    }
    return out.append(isClean() ? "no violations" : "VIOLATIONS FOUND").append('\n').toString();
  }

  /** The line of the round added last. */
  public String lastLine() {
    Round last = rounds.get(rounds.size() - 1);
    StringBuilder line = new StringBuilder(decimal(last.minutes) + " min:");
    for (Quantity q : QUANTITIES) {
      line.append(' ')
          .append(q.name)
          .append(' ')
          .append(in(q, q.value.applyAsLong(last.footprint)));
    }
    Map<?, ?> counts = last.result.verdict().counts();
    return line.append(counts.isEmpty() ? ", clean" : ", " + counts).toString();
  }

  public String toJson() {
    List<Object> list = new ArrayList<>();
    for (Round round : rounds) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("minutes", round.minutes);
      map.put("heapBytes", round.footprint.heapBytes());
      map.put("residentBytes", round.footprint.residentBytes());
      map.put("threads", round.footprint.threads());
      map.put("descriptors", round.footprint.descriptors());
      map.put("diskBytes", round.footprint.diskBytes());
      map.put("seed", round.result.seed());
      map.put("offered", round.result.verdict().offered());
      map.put("delivered", round.result.verdict().delivered());
      map.put("faults", round.result.faults());
      map.put("violations", round.result.verdict().counts());
      list.add(map);
    }
    return Json.of(Map.of("clean", isClean(), "flat", isFlat(), "rounds", list));
  }

  private static Object[] row(Round round) {
    List<Object> row = new ArrayList<>();
    row.add(decimal(round.minutes));
    QUANTITIES.forEach(q -> row.add(in(q, q.value.applyAsLong(round.footprint))));
    CheckResult result = round.result;
    row.add(result.verdict().offered());
    row.add(result.verdict().delivered());
    row.add(result.faults().values().stream().mapToInt(Integer::intValue).sum());
    row.add(result.verdict().counts().values().stream().mapToInt(Integer::intValue).sum());
    return row.toArray();
  }

  private String trend(Quantity q) {
    long before = early(q);
    long after = late(q);
    if (before < 0 || after < 0) {
      return q.name + ": not known";
    }
    return q.name
        + ": "
        + in(q, before)
        + " to "
        + in(q, after)
        + (isFlat(q) ? ", flat" : ", NOT FLAT");
  }

  private boolean isFlat(Quantity q) {
    long before = early(q);
    return late(q) <= before + Math.max((long) (before * GROWTH_MAX), q.tolerance);
  }

  private long early(Quantity q) {
    int from = warmUp();
    return median(q, from, from + third());
  }

  private long late(Quantity q) {
    return median(q, rounds.size() - third(), rounds.size());
  }

  private int warmUp() {
    return Math.max(1, rounds.size() / 5);
  }

  private int third() {
    return Math.max(1, (rounds.size() - warmUp()) / 3);
  }

  private long median(Quantity q, int from, int to) {
    long[] sorted =
        rounds.subList(from, to).stream()
            .mapToLong(r -> q.value.applyAsLong(r.footprint))
            .sorted()
            .toArray();
    return sorted[sorted.length / 2];
  }

  private static String in(Quantity q, long value) {
    if (value < 0) {
      return "-";
    }
    return q.unit == 1 ? Long.toString(value) : decimal((double) value / q.unit);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
