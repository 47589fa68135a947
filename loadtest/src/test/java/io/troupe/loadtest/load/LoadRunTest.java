package io.troupe.loadtest.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.loadtest.check.BrokerProcess;
import io.troupe.loadtest.load.LoadPlan.Security;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.report.LoadHtml;
import io.troupe.loadtest.report.LoadReport;
import io.troupe.protocol.packet.ProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small runs against Debian's Mosquitto where it is installed. */
@EnabledIf("hasMosquitto")
class LoadRunTest {
  private static final Path MOSQUITTO = Path.of("/usr/sbin/mosquitto");

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "FAN_IN,   0, 3, V5",
    "FAN_IN,   1, 1, V3_1_1",
    "FAN_OUT,  1, 1, V5",
    "PAIRS,    2, 1, V3_1_1",
    "PAIRS,    1, 4, V5",
    "MIXED,    1, 1, V5"
  })
  void everyMessageArrivesOnceAndInOrder(
      Scenario scenario, int qos, int perWrite, ProtocolVersion version) throws Exception {
    LoadResult result = run(plan(scenario, version, qos, 500, perWrite));

    LoadResult.Totals totals = result.totals();
    assertTrue(totals.sent() > 400, totals.toString());
    assertEquals(totals.expected(), totals.delivered());
    assertEquals(0, totals.gaps() + totals.misordered() + totals.damaged());
    assertTrue(result.phases().get(0).latencies().getTotalCount() > 0);
    assertEquals(List.of(), result.notes());
  }

  @Test
  void queuedMessagesAreEnqueuedAndDrained() throws Exception {
    LoadResult result = run(plan(Scenario.PERSISTENT, ProtocolVersion.V5, 1, 0, 10));

    assertEquals(List.of("enqueue", "drain"), result.phases().stream().map(Phase::name).toList());
    assertEquals(2000, result.phases().get(0).count());
    assertEquals(2000, result.phases().get(1).count());
  }

  @Test
  void aStormConnectsAllAndIdleConnectionsStay() throws Exception {
    LoadResult storm = run(plan(Scenario.STORM, ProtocolVersion.V5, 1, 0, 1));
    LoadResult idle = run(plan(Scenario.IDLE, ProtocolVersion.V5, 1, 0, 1));

    assertEquals(10, storm.phases().get(0).count());
    assertEquals(10, idle.phases().get(1).count());
  }

  private LoadPlan plan(
      Scenario scenario, ProtocolVersion version, int qos, int perSecond, int perWrite) {
    return new LoadPlan(
        scenario,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        version,
        Security.PLAIN,
        null,
        10,
        10,
        qos,
        100,
        perSecond,
        perWrite,
        100,
        2000,
        false,
        false,
        50,
        2,
        1,
        1,
        Duration.ofMillis(200),
        Duration.ofSeconds(1),
        0);
  }

  private LoadResult run(LoadPlan plan) throws Exception {
    Path config = directory.resolve("mosquitto.conf");
    String command =
        "printf 'listener {port} 127.0.0.1\\nallow_anonymous true\\nmax_queued_messages 0\\n' > "
            + config
            + " && exec "
            + MOSQUITTO
            + " -c "
            + config;
    try (BrokerProcess broker =
        new BrokerProcess(command, directory, directory.resolve("log"), null)) {
      broker.start();
      LoadResult result = LoadRun.run(plan.against(broker.address(), broker.pid()), second -> {});
      assertTrue(LoadReport.json(result).startsWith("{\"title\":"));
      assertTrue(LoadHtml.page(result).contains("<svg"));
      assertTrue(LoadReport.text(result).contains(result.phases().get(0).name()));
      return result;
    }
  }

  static boolean hasMosquitto() {
    return Files.isExecutable(MOSQUITTO);
  }
}
