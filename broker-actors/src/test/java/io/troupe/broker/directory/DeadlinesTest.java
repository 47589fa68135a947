package io.troupe.broker.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
  private final Deadlines deadlines = new Deadlines();

  @Test
  void theEarliestIsDueFirst() {
    deadlines.set("b", 20);
    deadlines.set("a", 10);
    deadlines.set("c", 30);

    List<String> due = deadlines.due(25, 10, 1_000);

    assertEquals(List.of("a", "b"), due);
    assertEquals(30, deadlines.next());
  }

  @Test
  void whatWasDueIsDueAgainAtTheRepetition() {
    deadlines.set("a", 10);
    deadlines.due(10, 10, 50);

    assertEquals(List.of(), deadlines.due(49, 10, 100));
    assertEquals(List.of("a"), deadlines.due(50, 10, 100));
  }

  @Test
  void noMoreThanAskedForAreDueAtOnce() {
    for (int i = 0; i < 10; i++) {
      deadlines.set("c" + i, i);
    }

    assertEquals(List.of("c0", "c1", "c2"), deadlines.due(100, 3, 1_000));
    assertEquals(List.of("c3", "c4", "c5"), deadlines.due(100, 3, 1_000));
  }

  @Test
  void neverTakesTheDeadlineAway() {
    deadlines.set("a", 10);

    deadlines.set("a", Long.MAX_VALUE);

    assertEquals(0, deadlines.size());
    assertEquals(Long.MAX_VALUE, deadlines.next());
  }

  @Provide
  Arbitrary<List<Tuple2<String, Long>>> changes() {
    return Combinators.combine(
            Arbitraries.of("a", "b", "c", "d"),
            Arbitraries.oneOf(Arbitraries.longs().between(0, 20), Arbitraries.just(Long.MAX_VALUE)))
        .as(Tuple::of)
        .list()
        .ofMaxSize(30);
  }

  @Property
  void everyClientHasItsLatestDeadlineOnly(@ForAll("changes") List<Tuple2<String, Long>> changes) {
    Deadlines some = new Deadlines();
    Map<String, Long> model = new HashMap<>();

    for (Tuple2<String, Long> change : changes) {
      some.set(change.get1(), change.get2());
      model.put(change.get1(), change.get2());
    }
    model.values().removeIf(at -> at == Long.MAX_VALUE);

    List<String> expected = new ArrayList<>(model.keySet());
    expected.sort(
        Comparator.comparingLong((String clientId) -> model.get(clientId))
            .thenComparing(Comparator.naturalOrder()));
    assertEquals(model.size(), some.size());
    assertEquals(expected, some.due(20, 100, Long.MAX_VALUE));
    assertEquals(0, some.size());
  }
}
