package io.troupe.broker.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DropLogTest {
  private final Map<DropReason, Long> totals = new EnumMap<>(DropReason.class);
  private final List<String> lines = new ArrayList<>();
  private final DropLog log = new DropLog(() -> totals, lines::add);

  @Test
  void saysHowManySinceTheLastTimeAndWhichSetting() {
    totals.put(DropReason.QUEUE_FULL, 1_200L);
    log.log();
    totals.put(DropReason.QUEUE_FULL, 1_205L);
    log.log();
    log.log();

    assertEquals(2, lines.size());
    assertTrue(lines.get(0).startsWith("1,200 queued messages were dropped"), lines.get(0));
    assertTrue(lines.get(0).contains("troupe.queue"), lines.get(0));
    assertTrue(lines.get(1).startsWith("5 queued messages were dropped"), lines.get(1));
  }

  @Test
  void everyLimitHasItsWordsAndNothingElseIsLogged() {
    for (DropReason reason : DropReason.values()) {
      totals.put(reason, 1L);
    }

    log.log();

    List<String> limits = new ArrayList<>();
    for (DropReason reason : DropReason.values()) {
      if (reason.isLimit()) {
        limits.add("[" + reason.label() + "]");
      }
    }
    assertEquals(limits, lines.stream().map(line -> line.substring(line.indexOf('['))).toList());
  }
}
