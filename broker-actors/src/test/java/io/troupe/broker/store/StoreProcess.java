package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.store.QueueLog.Bounds;
import io.troupe.broker.store.QueueLog.Entry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of its own that appends to several queues and prints what was acknowledged, to be
 * killed; and the check of what it has left.
 */
final class StoreProcess {
  private static final int QUEUES = 8;
  private static final int ENTRIES_PER_APPEND = 3;
  private static final int ENTRY_BYTES = 300;

  /** Exit code of a writer that ends itself without closing anything. */
  static final int HALTED = 3;

  private final Process process;
  private final long[] acknowledged = new long[QUEUES];
  private int failures;

  private StoreProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts a writer.
   *
   * @param halting whether it ends itself after some thousand appends
   * @param before words before its command line
   */
  static StoreProcess start(Path folder, boolean halting, String... before) throws IOException {
    List<String> command = new ArrayList<>(List.of(before));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            StoreProcess.class.getName(),
            folder.toString(),
            String.valueOf(halting)));
    return new StoreProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
  }

  public static void main(String[] arguments) throws InterruptedException {
    EmbeddedStore store = StoreTesting.open(Path.of(arguments[0]));
    boolean halting = Boolean.parseBoolean(arguments[1]);
    List<Thread> threads = new ArrayList<>();
    for (int queue = 0; queue < QUEUES; queue++) {
      long id = queue;
      Thread thread = new Thread(() -> write(store, id, halting), "writer-" + id);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void write(EmbeddedStore store, long id, boolean halting) {
    QueueLog log = store.queueLog();
    long last = await(log.bounds(id)).lastOffset();
    while (!halting || last < 3_000) {
      try {
        await(
            log.append(
                StoreTesting.entries(id, last + 1, last + ENTRIES_PER_APPEND, ENTRY_BYTES),
                List.of(new QueueLog.DedupKey(0, "p" + id, last)),
                List.of()));
        last += ENTRIES_PER_APPEND;
        say(id + " " + last);
        if (last % 300 == 0) {
          log.deleteTo(id, last - 100);
        }
      } catch (StoreUnavailableException e) {
        say("failed");
        StoreTesting.until("recovery", () -> store.health().status() != StoreHealth.Status.FAILED);
        last = await(log.bounds(id)).lastOffset();
      }
    }
    Runtime.getRuntime().halt(HALTED);
  }

  private static void say(String line) {
    synchronized (System.out) {
      System.out.println(line);
    }
  }

  long pid() {
    return process.pid();
  }

  int failures() {
    return failures;
  }

  void kill() {
    process.toHandle().destroyForcibly();
  }

  /** Reads acknowledgements to the end of the output; calls back after this many; the exit code. */
  int follow(int after, Runnable then) throws IOException, InterruptedException {
    int seen = 0;
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.equals("failed")) {
          failures++;
        }
        if (!line.matches("[0-9]+ [0-9]+")) {
          continue;
        }
        String[] words = line.split(" ");
        acknowledged[Integer.parseInt(words[0])] = Long.parseLong(words[1]);
        seen++;
        if (seen == after) {
          then.run();
        }
      }
    }
    return process.waitFor();
  }

  /** Opens what the process has left and compares it with what it acknowledged. */
  void assertAcknowledgedIsThere(Path folder) {
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      QueueLog log = store.queueLog();
      for (int id = 0; id < QUEUES; id++) {
        Bounds bounds = await(log.bounds(id));
        String state = "queue " + id + ": " + bounds + ", acknowledged " + acknowledged[id];
        assertTrue(bounds.lastOffset() >= acknowledged[id], state);
        assertEquals(0, bounds.lastOffset() % ENTRIES_PER_APPEND, "an append is stored as a whole");
        List<Entry> entries = await(log.read(id, 1, Integer.MAX_VALUE, Long.MAX_VALUE));
        assertEquals(
            StoreTesting.entries(id, bounds.firstOffset(), bounds.lastOffset(), ENTRY_BYTES),
            entries);
        assertEquals(
            bounds.lastOffset() / ENTRIES_PER_APPEND, await(log.openSequences(0, "p" + id)).size());
      }
    }
  }
}
