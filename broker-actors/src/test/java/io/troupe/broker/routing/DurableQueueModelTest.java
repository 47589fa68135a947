package io.troupe.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.config.QueueConfig;
import io.troupe.broker.config.WhenFull;
import io.troupe.broker.store.QueueLog;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DurableQueueModelTest {
  private static final int LIMIT = 7;

  private static QueueConfig config(WhenFull whenFull) {
    QueueConfig.Limits limits = RoutingTesting.limits(LIMIT, whenFull);
    return new QueueConfig(limits, limits, 0, 10, 1000);
  }

  record Step(int subscriber, int append, int settle) {}

  @Provide
  Arbitrary<Step> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, 5))
        .as(Step::new);
  }

  /** The model keeps each cursor by itself and moves it when the limit is passed. */
  @Property(tries = 500)
  void dropsTheOldestAsASubscriberByItselfWould(
      @ForAll @Size(max = 60) List<@From("steps") Step> steps) {
    QueueConfig config = config(WhenFull.DROP_OLDEST);
    DurableQueue queue = new DurableQueue(1);
    queue.loadFresh();
    Map<Integer, Long> cursors = new HashMap<>();
    Map<Integer, Long> model = new HashMap<>();
    long end = 1;
    for (Step step : steps) {
      if (!cursors.containsKey(step.subscriber())) {
        cursors.put(step.subscriber(), end);
        model.put(step.subscriber(), end);
        queue.addCursor(ClientLimits.DEVICE, end);
      }
      long dropped = 0;
      for (int i = 0; i < step.append(); i++) {
        assertEquals(end++, queue.assign(10));
      }
      if (step.append() > 0) {
        queue.stored(0);
        dropped = queue.dropOldest(config);
      }
      long expected = 0;
      for (Map.Entry<Integer, Long> entry : model.entrySet()) {
        long floor = Math.max(entry.getValue(), end - LIMIT);
        expected += floor - entry.getValue();
        entry.setValue(floor);
      }
      assertEquals(expected, dropped);
      long below = Math.min(end, model.get(step.subscriber()) + step.settle());
      queue.moveCursor(ClientLimits.DEVICE, false, cursors.get(step.subscriber()), below);
      cursors.put(step.subscriber(), below);
      model.put(step.subscriber(), below);

      for (Map.Entry<Integer, Long> entry : cursors.entrySet()) {
        assertEquals(
            model.get(entry.getKey()),
            queue.effectiveCursor(ClientLimits.DEVICE, entry.getValue()));
      }
      long lowest = model.values().stream().mapToLong(each -> each).min().orElseThrow();
      assertEquals(lowest > 1 ? lowest - 1 : 0, queue.deletable(1));
    }
  }

  @Test
  void refusesAtTheLimitOfTheSlowestSubscriber() {
    QueueConfig config = config(WhenFull.REFUSE_PUBLISHER);
    DurableQueue queue = new DurableQueue(1);
    queue.loadFresh();
    queue.addCursor(ClientLimits.APPLICATION, 1);
    for (int i = 0; i < LIMIT; i++) {
      assertFalse(queue.refuses(10, config));
      queue.assign(10);
    }

    assertTrue(queue.refuses(10, config));

    queue.stored(0);
    queue.moveCursor(ClientLimits.APPLICATION, false, 1, 2);
    assertFalse(queue.refuses(10, config));
  }

  @Test
  void limitsBytes() {
    QueueConfig.Limits limits =
        new QueueConfig.Limits(
            1_000, 1_000, io.troupe.broker.config.BrokerConfig.NEVER, WhenFull.DROP_OLDEST);
    QueueConfig config = new QueueConfig(limits, limits, 0, 10, 1000);
    DurableQueue queue = new DurableQueue(1);
    queue.loadFresh();
    queue.addCursor(ClientLimits.DEVICE, 1);
    long dropped = 0;
    for (int i = 0; i < 30; i++) {
      queue.assign(100);
      queue.stored(0);
      dropped += queue.dropOldest(config);
    }

    assertEquals(20, dropped);
    assertEquals(21, queue.effectiveCursor(ClientLimits.DEVICE, 1));
  }

  @Test
  void dropsWhatIsTooOld() {
    QueueConfig.Limits limits =
        new QueueConfig.Limits(1_000, 1 << 20, Duration.ofSeconds(10), WhenFull.DROP_OLDEST);
    QueueConfig config = new QueueConfig(limits, limits, 0, 10, 1000);
    DurableQueue queue = new DurableQueue(1);
    queue.loadFresh();
    queue.addCursor(ClientLimits.DEVICE, 1);
    for (int second = 0; second < 20; second++) {
      queue.assign(100);
      queue.stored(second * 1000L);
    }

    long dropped = queue.dropAged(config, 20_000);

    assertTrue(dropped >= 8 && dropped <= 11, "dropped " + dropped);
  }

  @Test
  void afterAFailedAppendOnlyTheStoreKnows() {
    DurableQueue queue = new DurableQueue(1);
    queue.loadFresh();
    queue.assign(10);
    queue.stored(0);
    queue.assign(10);
    queue.unload();

    boolean more = queue.load(new QueueLog.Bounds(1, 2, 10, 20), 0);

    assertTrue(more);
    assertEquals(3, queue.end());
    assertEquals(3, queue.assign(10));
  }
}
