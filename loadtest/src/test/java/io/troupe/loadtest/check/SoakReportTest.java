package io.troupe.loadtest.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.loadtest.history.History;
import io.troupe.loadtest.history.Violation.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether what a broker occupies stayed flat. */
class SoakReportTest {
  private static final long MEGABYTE = 1 << 20;

  private final SoakReport report = new SoakReport();

  @Test
  void whatSwingsAfterWarmingUpIsFlat() {
    for (int i = 0; i < 12; i++) {
      add(i == 0 ? 10 : 100 + i % 3 * 20, 50);
    }

    assertTrue(report.isFlat(), report.toText());
    assertTrue(report.toText().contains("heap MB: 120.0 to 120.0, flat"), report.toText());
    assertTrue(report.toText().endsWith("\nflat\nno violations\n"), report.toText());
  }

  @Test
  void whatGrowsByMoreThanATenthIsNotFlat() {
    for (int i = 0; i < 12; i++) {
      add(100 + 3 * i, 50);
    }

    assertFalse(report.isFlat(), report.toText());
    assertTrue(report.toText().contains("NOT FLAT"), report.toText());
  }

  @Test
  void threadsThatAddUpAreNotFlat() {
    for (int i = 0; i < 12; i++) {
      add(100, 50 + i);
    }

    assertFalse(report.isFlat(), report.toText());
  }

  @Test
  void aFewRoundsSayNothing() {
    for (int i = 0; i < 6; i++) {
      add(100, 50);
    }

    assertFalse(report.isFlat());
    assertTrue(report.toText().contains("too short to tell"), report.toText());
  }

  @Test
  void aViolationShowsInItsRound() {
    History history = new History(1);
    history.violated(Kind.LOST, "one");
    CheckResult result = new CheckResult(3, history.judge(), Map.of(), 1, List.of());
    report.add(1, new Footprint(-1, 0, 0, 0, 0), result);

    assertFalse(report.isClean());
    assertTrue(report.toText().contains("seed 3: "), report.toText());
    assertTrue(report.lastLine().endsWith("{LOST=1}"), report.lastLine());
  }

  @Test
  void thisProcessHasAFootprint(@TempDir Path data) throws IOException {
    Files.write(data.resolve("file"), new byte[100_000]);

    Footprint own = Footprint.of(ProcessHandle.current().pid(), data);

    assertTrue(own.residentBytes() > MEGABYTE, own.toString());
    assertTrue(own.threads() > 1, own.toString());
    assertTrue(own.descriptors() > 3, own.toString());
    assertTrue(own.diskBytes() >= 100_000, own.toString());
    assertEquals(-1, Footprint.of(Long.MAX_VALUE, null).diskBytes());
  }

  private void add(long heapMegabytes, int threads) {
    Footprint footprint =
        new Footprint(heapMegabytes * MEGABYTE, 300 * MEGABYTE, threads, 80, 64 * MEGABYTE);
    CheckResult result = new CheckResult(1, new History(1).judge(), Map.of(), 1, List.of());
    report.add(1, footprint, result);
  }
}
