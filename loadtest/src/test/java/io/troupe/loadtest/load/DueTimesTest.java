package io.troupe.loadtest.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DueTimesTest {
  @Test
  void timesComeOutInTheOrderTheyWentIn() {
    DueTimes times = new DueTimes(1000);
    Deque<Long> model = new ArrayDeque<>();
    Random random = new Random(1);

    for (long i = 0; i < 20_000; i++) {
      if (random.nextInt(5) < 3 && model.size() < 1000) {
        times.add(i);
        model.add(i);
      } else if (!model.isEmpty()) {
        assertEquals(model.remove(), times.remove());
      }
      assertEquals(model.size(), times.size());
    }
  }

  @Test
  void aFullQueueTakesNothingMore() {
    DueTimes times = new DueTimes(2);
    times.add(1);
    times.add(2);

    assertFalse(times.add(3));
    assertEquals(2, times.size());
  }
}
