package io.troupe.loadtest.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.loadtest.history.History;
import io.troupe.loadtest.history.Violation.Kind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The table of a campaign, and the names of its faults. */
class CheckReportTest {
  private final CheckReport report = new CheckReport("faults");

  @Test
  void everyKindOfViolationIsInOneColumn() {
    List<Kind> inColumns = new ArrayList<>();
    for (CheckReport.Column column : CheckReport.COLUMNS) {
      inColumns.addAll(column.kinds());
    }

    assertEquals(Kind.values().length, inColumns.size());
    assertEquals(EnumSet.allOf(Kind.class), EnumSet.copyOf(inColumns));
  }

  @Test
  void aLineSumsTheRunsOfItsGroup() {
    report.add("kill", result(1, Kind.LOST, Kind.LOST));
    report.add("kill", result(2, Kind.LOST, Kind.DAMAGED));
    report.add("cut", result(1));

    List<String> lines = report.toText().lines().toList();

    assertEquals(List.of("kill", "2", "2", "0", "0", "0", "3", "0", "0", "1"), cells(lines.get(1)));
    assertEquals(List.of("cut", "1", "1", "0", "0", "0", "0", "0", "0", "0"), cells(lines.get(2)));
    assertEquals(List.of("all", "3", "3", "0", "0", "0", "3", "0", "0", "1"), cells(lines.get(3)));
    assertTrue(report.toText().contains("kill, seed 2: "), report.toText());
    assertTrue(report.toJson().contains("\"group\":\"cut\""), report.toJson());
    assertTrue(report.toText().endsWith("VIOLATIONS FOUND\n"), report.toText());
    assertFalse(report.isClean());
  }

  @Test
  void runsWithoutViolationsAreClean() {
    report.add("kill", result(1));

    assertTrue(report.isClean());
    assertTrue(report.toText().endsWith("no violations\n"), report.toText());
  }

  @Test
  void faultsAreNamedAloneJoinedOrAsAMixture() {
    assertEquals(List.of(), FaultMix.parse("none", false).faults());
    assertEquals(List.of(Fault.KILL), FaultMix.parse("kill", false).faults());
    assertEquals(List.of(Fault.CUT, Fault.SLOW), FaultMix.parse("cut+slow", false).faults());
    assertThrows(IllegalArgumentException.class, () -> FaultMix.parse("fire", false));
  }

  @Test
  void aMixtureHasWhatCanHappenToTheBroker() {
    List<Fault> alone = FaultMix.parse("mixed", false).faults();
    List<Fault> cluster = FaultMix.parse("mixed", true).faults();

    assertEquals(EnumSet.range(Fault.KILL, Fault.SLOW), EnumSet.copyOf(alone));
    assertTrue(
        cluster.containsAll(List.of(Fault.KILL, Fault.SPLIT, Fault.STORE)), cluster::toString);
    assertFalse(cluster.contains(Fault.POWER), cluster::toString);
  }

  private static List<String> cells(String line) {
    return List.of(line.split(" +")).subList(0, 10);
  }

  private static CheckResult result(long seed, Kind... violations) {
    History history = new History(seed);
    for (Kind kind : violations) {
      history.violated(kind, "seen");
    }
    return new CheckResult(seed, history.judge(), Map.of(Fault.KILL, 1), 1, List.of());
  }
}
