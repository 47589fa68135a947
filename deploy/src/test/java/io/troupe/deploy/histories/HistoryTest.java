package io.troupe.deploy.histories;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.deploy.TroupeProcess;
import io.troupe.loadtest.check.BrokerControl;
import io.troupe.loadtest.check.BrokerProcess;
import io.troupe.loadtest.check.CheckPlan;
import io.troupe.loadtest.check.CheckResult;
import io.troupe.loadtest.check.CheckRun;
import io.troupe.loadtest.check.Fault;
import io.troupe.loadtest.history.Violation.Kind;
import io.troupe.protocol.conformance.Promise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the history checker says of this broker, and of one that breaks its promises. */
class HistoryTest {
  @TempDir Path folder;

  @Test
  @Promise({"I1", "I2", "I3", "I4", "I5", "I8", "I10"})
  void nothingIsLostOrRepeatedWhileTheBrokerIsKilledAndConnectionsAreCut() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    String command =
        "JAVA_OPTS=-Xmx512m exec '"
            + TroupeProcess.home().resolve("bin/troupe")
            + "' start --dev --data '{data}' --port {port} --ws-port 0 --http-port 0";
    CheckResult result;
    try (BrokerProcess broker = new BrokerProcess(command, data, folder.resolve("log"), null)) {
      broker.start();
      result = CheckRun.run(plan(8, 2, 5, 60, List.of(Fault.KILL, Fault.CUT)), broker);
    }

    assertEquals(Map.of(), result.verdict().counts(), () -> result.verdict().examples().toString());
    assertTrue(result.verdict().takenOver() > 100, "messages flowed");
    assertTrue(!result.faults().isEmpty(), "faults happened");
  }

  @Test
  void eachPromiseThatAProxyBreaksIsFound() throws Exception {
    CheckResult result;
    try (TroupeProcess broker = TroupeProcess.startDev(folder);
        LyingProxy proxy = new LyingProxy(broker.port("tcp"))) {
      result = CheckRun.run(plan(2, 0, 4, 6, List.of()), BrokerControl.running(proxy.address()));
    }

    Map<Kind, Boolean> found = new EnumMap<>(Kind.class);
    for (Kind kind : LyingProxy.BREAKS) {
      found.put(kind, result.verdict().count(kind) > 0);
    }
    assertTrue(!found.containsValue(false), () -> found + " " + result.verdict().examples());
  }

  private static CheckPlan plan(
      int subscribers, int shareMembers, int seconds, int settleSeconds, List<Fault> faults) {
    return new CheckPlan(
        1,
        2,
        subscribers,
        shareMembers,
        0,
        200,
        20,
        Duration.ofSeconds(seconds),
        faults,
        Duration.ofSeconds(2),
        Duration.ofSeconds(settleSeconds),
        null,
        false);
  }
}
