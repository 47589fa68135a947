package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.store.QueueLog.Bounds;
import io.troupe.broker.store.QueueLog.DedupKey;
import io.troupe.broker.store.QueueLog.Entry;
import io.troupe.protocol.packet.Payload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random histories: the log agrees with maps in memory, also after being opened again. */
class QueueLogModelTest {
  private static final int QUEUES = 3;

  /** One step; what each number means depends on the kind. */
  record Step(Kind kind, int queue, int amount, int other) {}

  enum Kind {
    APPEND,
    DELETE,
    DELETE_RANGE,
    DELETE_QUEUE,
    READ,
    BOUNDS,
    DEDUP,
    FORGET,
    FLUSH,
    COMPACT,
    REOPEN
  }

  private static final class Model {
    private final Map<Long, NavigableMap<Long, Entry>> queues = new HashMap<>();
    private final Map<Long, Entry> lasts = new HashMap<>();
    private final Map<String, Set<Long>> open = new HashMap<>();

    NavigableMap<Long, Entry> queue(long id) {
      return queues.computeIfAbsent(id, i -> new TreeMap<>());
    }

    Bounds bounds(long id) {
      Entry last = lasts.get(id);
      if (last == null) {
        return Bounds.NEVER_USED;
      }
      if (queue(id).isEmpty()) {
        return new Bounds(
            last.offset() + 1, last.offset(), last.cumulativeBytes(), last.cumulativeBytes());
      }
      Entry first = queue(id).firstEntry().getValue();
      return new Bounds(
          first.offset(), last.offset(), first.cumulativeBytes(), last.cumulativeBytes());
    }
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            net.jqwik.api.Tuple.of(8, Kind.APPEND),
            net.jqwik.api.Tuple.of(5, Kind.DELETE),
            net.jqwik.api.Tuple.of(3, Kind.DELETE_RANGE),
            net.jqwik.api.Tuple.of(1, Kind.DELETE_QUEUE),
            net.jqwik.api.Tuple.of(4, Kind.READ),
            net.jqwik.api.Tuple.of(4, Kind.BOUNDS),
            net.jqwik.api.Tuple.of(2, Kind.DEDUP),
            net.jqwik.api.Tuple.of(1, Kind.FORGET),
            net.jqwik.api.Tuple.of(1, Kind.FLUSH),
            net.jqwik.api.Tuple.of(1, Kind.COMPACT),
            net.jqwik.api.Tuple.of(1, Kind.REOPEN));
    Arbitrary<Step> step =
        Combinators.combine(
                kinds,
                Arbitraries.integers().between(0, QUEUES - 1),
                Arbitraries.integers().between(0, 150),
                Arbitraries.integers().between(1, 300))
            .as(Step::new);
    return step.list().ofMinSize(1).ofMaxSize(60);
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void agreesWithTheModel(@ForAll("histories") List<Step> history) throws Exception {
    Path folder = Files.createTempDirectory("queue-log-model");
    Model model = new Model();
    EmbeddedStore store = StoreTesting.open(folder);
    try {
      for (Step step : history) {
        if (step.kind() == Kind.REOPEN) {
          store.close();
          store = StoreTesting.open(folder);
        } else {
          perform(step, store, model);
        }
      }
      for (int queue = 0; queue < QUEUES; queue++) {
        perform(new Step(Kind.BOUNDS, queue, 0, 0), store, model);
        perform(new Step(Kind.READ, queue, 0, 300), store, model);
      }
    } finally {
      store.close();
      delete(folder);
    }
  }

  private static void perform(Step step, EmbeddedStore store, Model model) throws Exception {
    QueueLog log = store.queueLog();
    long id = QueueLog.queueId(step.queue(), step.queue());
    NavigableMap<Long, Entry> queue = model.queue(id);
    String publisher = "p" + step.amount() % 3;
    switch (step.kind()) {
      case APPEND -> append(step, log, model, id);
      case DELETE -> {
        long to = queue.isEmpty() ? step.amount() : queue.firstKey() + step.amount() - 1;
        await(log.deleteTo(id, to));
        queue.headMap(to, true).clear();
      }
      case DELETE_RANGE -> {
        if (queue.size() > 1) {
          long from = queue.firstKey() + step.amount() / 2;
          long to = Math.min(queue.lastKey() - 1, from + step.other());
          await(log.deleteRange(id, from, to));
          if (from <= to) {
            queue.subMap(from, true, to, true).clear();
          }
        }
      }
      case DELETE_QUEUE -> {
        await(log.deleteQueue(id));
        queue.clear();
        model.lasts.remove(id);
      }
      case READ -> {
        long from = (queue.isEmpty() ? 1 : queue.firstKey()) + step.amount() - 5;
        List<Entry> expected = queue.tailMap(from).values().stream().limit(step.other()).toList();
        assertEquals(expected, await(log.read(id, from, step.other(), Long.MAX_VALUE)));
      }
      case BOUNDS -> assertEquals(model.bounds(id), await(log.bounds(id)));
      case DEDUP -> {
        DedupKey key = new DedupKey(step.queue(), publisher, step.other());
        await(log.append(List.of(), List.of(key), List.of()));
        model
            .open
            .computeIfAbsent(step.queue() + publisher, k -> new HashSet<>())
            .add(key.sequence());
      }
      case FORGET -> {
        Set<Long> open = model.open.getOrDefault(step.queue() + publisher, new HashSet<>());
        assertEquals(open, await(log.openSequences(step.queue(), publisher)));
        List<DedupKey> keys =
            open.stream().map(number -> new DedupKey(step.queue(), publisher, number)).toList();
        await(log.append(List.of(), List.of(), keys));
        open.clear();
      }
      case FLUSH -> store.database().flush();
      case COMPACT -> store.database().compact(Family.QUEUES);
      default -> throw new AssertionError(step);
    }
  }

  private static void append(Step step, QueueLog log, Model model, long id) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < step.amount(); i++) {
      Entry last = model.lasts.get(id);
      long offset = last == null ? 1 : last.offset() + 1;
      byte[] bytes = StoreTesting.bytes(id, offset, step.other());
      long cumulative = (last == null ? 0 : last.cumulativeBytes()) + bytes.length;
      Entry entry = new Entry(id, offset, Payload.wrap(bytes), cumulative);
      entries.add(entry);
      model.queue(id).put(offset, entry);
      model.lasts.put(id, entry);
    }
    await(log.append(entries, List.of(), List.of()));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
