package io.troupe.loadtest.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.loadtest.check.BrokerProcess;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.report.LoadHtml;
import io.troupe.loadtest.report.LoadReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small runs against Debian's Mosquitto where it is installed. */
@EnabledIf("hasMosquitto")
class LoadRunTest {
  private static final Path MOSQUITTO = Path.of("/usr/sbin/mosquitto");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fan-in -p 10 -s 5 -q 0 --rate 500 --per-write 3",
        "fan-in -p 10 -s 5 -q 1 --rate 500 --mqtt 3.1.1 --shared",
        "fan-out -p 5 -s 10 -q 1 --rate 500 --sources 3 --rest 200",
        "pairs -p 10 -q 2 --rate 500 --mqtt 3.1",
        "pairs -p 10 -q 1 --rate 500 --per-write 4 --threads 2 --persistent",
        "mixed -p 10 -s 20 -q 1 --rate 500",
        "pairs -p 10 -q 1 --window 5 --check-content 1 --payload 2000"
      })
  void everyMessageArrivesOnceAndInOrder(String options) throws Exception {
    LoadResult result = run(options + " --warm-up 0.2 --duration 1");

    LoadResult.Totals totals = result.totals();
    assertTrue(totals.delivered() > 100, totals.toString());
    assertEquals(totals.expected(), totals.delivered());
    assertEquals(0, totals.gaps() + totals.misordered() + totals.damaged());
    assertTrue(result.phases().get(0).isTimed());
    assertEquals(List.of(), result.notes());
    assertTrue(result.isSound());
  }

  @Test
  void queuedMessagesAreEnqueuedAndDrained() throws Exception {
    LoadResult result = run("persistent -p 10 -n 2000 --per-write 10");

    assertEquals(List.of("enqueue", "drain"), result.phases().stream().map(Phase::name).toList());
    assertEquals(2000, result.phases().get(0).count());
    assertEquals(2000, result.phases().get(1).count());
  }

  @Test
  void oneOfManyAbsentSessionsGetsAllThatWasQueued() throws Exception {
    LoadResult result = run("offline -p 2 -s 20 -n 500 --warm-up 1");

    assertEquals(List.of("enqueue", "drain"), result.phases().stream().map(Phase::name).toList());
    assertEquals(500, result.phases().get(0).count());
    // What was queued while warming up comes too.
    assertEquals(2000, result.phases().get(1).count());
    assertTrue(result.isSound());
  }

  @Test
  void allComeBackAfterTheirMessagesWereQueuedAndTheBrokerRestarted() throws Exception {
    Path restarted = directory.resolve("restarted");
    LoadResult result = run("recovery -p 2 -s 20 -n 500 --restart :>" + restarted);

    assertEquals(
        List.of("connect", "enqueue", "restart", "resume"),
        result.phases().stream().map(Phase::name).toList());
    assertEquals(500, result.phases().get(1).count());
    assertTrue(Files.exists(restarted));
    assertEquals(20, result.phases().get(3).count());
    assertTrue(result.isSound());
  }

  @Test
  void aStormConnectsAllAndIdleConnectionsStay() throws Exception {
    LoadResult storm = run("storm -s 10 --persistent --connects-at-once 3");
    LoadResult idle = run("idle -s 10 --duration 0.5");

    assertEquals(List.of("connect", "resume"), storm.phases().stream().map(Phase::name).toList());
    assertEquals(10, storm.phases().get(0).count());
    assertEquals(10, storm.phases().get(1).count());
    assertEquals(10, idle.phases().get(1).count());
  }

  @Test
  void theGrowthOfTheDataFolderIsMeasured() throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    try (BrokerProcess broker = broker(data)) {
      broker.start();
      Target target = new Target(broker.address(), null, broker.pid(), data);
      boolean[] written = {false};
      LoadResult result =
          LoadRun.run(
              LoadPlan.of("pairs", "-p", "1", "--warm-up", "0", "--duration", "1"),
              target,
              second -> written[0] = written[0] || write(data.resolve("segment")));

      assertTrue(written[0]);
      assertEquals(5000, result.phases().get(0).diskGrowthBytes());
      assertTrue(result.phases().get(0).brokerPeakBytes() > 0);
    }
  }

  private static boolean write(Path file) {
    try {
      Files.write(file, new byte[5000]);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LoadResult run(String options) throws Exception {
    try (BrokerProcess broker = broker(directory)) {
      broker.start();
      Target target = new Target(broker.address(), null, broker.pid(), null);
      LoadResult result = LoadRun.run(LoadPlan.of(options.split(" ", -1)), target, second -> {});
      assertTrue(LoadReport.json(result).startsWith("{\"title\":"));
      assertTrue(LoadHtml.page(result).contains("<svg"));
      assertTrue(LoadReport.text(result).contains(result.phases().get(0).name()));
      return result;
    }
  }

  private BrokerProcess broker(Path data) {
    Path config = directory.resolve("mosquitto.conf");
    String command =
        "printf 'listener {port} 127.0.0.1\\nallow_anonymous true\\nmax_queued_messages 0\\n' > "
            + config
            + " && exec "
            + MOSQUITTO
            + " -c "
            + config;
    return new BrokerProcess(command, data, directory.resolve("log"), null);
  }

  static boolean hasMosquitto() {
    return Files.isExecutable(MOSQUITTO);
  }
}
