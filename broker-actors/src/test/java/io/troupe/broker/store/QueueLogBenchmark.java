package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The embedded store: messages of 320 bytes appended to a durable queue and fsynced, 100 in a call,
 * up to eight calls under way.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class QueueLogBenchmark {
  private static final int PER_CALL = 100;
  private static final int UNDER_WAY = 8;

  private final byte[] message = StoreTesting.bytes(1, 1, 320);
  private final Deque<CompletionStage<Void>> underWay = new ArrayDeque<>();
  private Path folder;
  private EmbeddedStore store;
  private long last;

  @Setup
  public void open() throws IOException {
    folder = Files.createTempDirectory(Path.of("target"), "queue-log");
    store = StoreTesting.open(folder);
  }

  @Benchmark
  @OperationsPerInvocation(PER_CALL)
  public void append() {
    List<QueueLog.Entry> entries = new ArrayList<>(PER_CALL);
    for (int i = 0; i < PER_CALL; i++) {
      entries.add(StoreTesting.entry(QueueLog.queueId(1, 1), ++last, message));
    }
    underWay.add(store.queueLog().append(entries, List.of(), List.of()));
    if (underWay.size() == UNDER_WAY) {
      await(underWay.remove());
    }
  }

  @TearDown
  public void close() throws IOException {
    underWay.forEach(StoreTesting::await);
    store.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
