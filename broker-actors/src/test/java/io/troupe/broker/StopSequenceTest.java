package io.troupe.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.config.DrainConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopSequenceTest {
  private static DrainConfig drain(int rate, Duration within) {
    return new DrainConfig(Duration.ZERO, rate, within, null);
  }

  @Test
  void clientsLeaveAtTheRate() {
    DrainConfig drain = drain(100, Duration.ofSeconds(60));

    assertEquals(0, drain.due(1000, Duration.ZERO));
    assertEquals(50, drain.due(1000, Duration.ofMillis(500)));
    assertEquals(1000, drain.due(1000, Duration.ofSeconds(10)));
    assertEquals(1000, drain.due(1000, Duration.ofSeconds(100)));
  }

  @Test
  void aRateThatTakesTooLongIsExceeded() {
    DrainConfig drain = drain(1, Duration.ofSeconds(10));

    assertEquals(500, drain.due(1000, Duration.ofSeconds(5)));
    assertEquals(1000, drain.due(1000, Duration.ofSeconds(10)));
  }

  @Test
  void eachClientIsDisconnectedOnceAndNoneTooEarly() {
    DrainConfig drain = drain(200, Duration.ofSeconds(60));
    List<Integer> gone = new ArrayList<>();
    long start = System.nanoTime();

    StopSequence.atPace(
        drain,
        40,
        number -> {
          gone.add(number);
          long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
          assertTrue(number < 0.2 * millis + 1, number + " after " + millis + " ms");
        });

    assertEquals(java.util.stream.IntStream.range(0, 40).boxed().toList(), gone);
  }
}
