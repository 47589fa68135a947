package io.troupe.broker.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LoadAverageTest {

  @Test
  void aSteadyRateIsReachedBySlowAndFastAverages() {
    LoadAverage average = new LoadAverage(1_000);

    for (int i = 1; i <= 6 * 120; i++) {
      average.update(1_000 + 100L * i, 10_000);
    }

    assertEquals(600, average.oneMinute(), 0.1);
    assertEquals(600, average.fiveMinutes(), 0.1);
    assertEquals(600, average.fifteenMinutes(), 1);
  }

  @Test
  void afterABurstTheFastAverageFadesFirst() {
    LoadAverage average = new LoadAverage(0);
    average.update(1_000, 10_000);

    for (int i = 0; i < 18; i++) {
      average.update(1_000, 10_000);
    }

    assertTrue(average.oneMinute() < average.fiveMinutes());
    assertTrue(average.fiveMinutes() > average.fifteenMinutes());
  }

  @Test
  void theAverageDoesNotDependOnHowOftenItIsUpdated() {
    LoadAverage often = new LoadAverage(0);
    LoadAverage seldom = new LoadAverage(0);

    for (int i = 1; i <= 60; i++) {
      often.update(10L * i, 1_000);
    }
    for (int i = 1; i <= 2; i++) {
      seldom.update(300L * i, 30_000);
    }

    assertEquals(often.oneMinute(), seldom.oneMinute(), 0.01);
    assertEquals(often.fifteenMinutes(), seldom.fifteenMinutes(), 0.01);
  }
}
