package io.troupe.loadtest.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.loadtest.history.Violation.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Runs against Debian's Mosquitto where it is installed: it keeps some promises, not all. */
class CheckRunTest {
  private static final Path MOSQUITTO = Path.of("/usr/sbin/mosquitto");

  @TempDir private Path directory;

  @Test
  @EnabledIf("hasMosquitto")
  void mosquittoKeepsItsPromisesWhileOnlyConnectionsAreCut() throws Exception {
    CheckResult result = run(List.of(Fault.CUT, Fault.SLOW));

    Map<Kind, Integer> counts = new HashMap<>(result.verdict().counts());
    // One copy per overlapping subscription is allowed (3.3.4), of Receive Maximum it sends more.
    counts.keySet().removeAll(Set.of(Kind.DUPLICATED, Kind.WINDOW_EXCEEDED));
    assertEquals(Map.of(), counts, () -> result.verdict().examples().toString());
    assertTrue(result.verdict().takenOver() > 100);
    assertTrue(result.verdict().delivered() > result.verdict().takenOver());
  }

  @Test
  @EnabledIf("hasMosquitto")
  void mosquittoIsFoundToLoseSessionsWhenKilled() throws Exception {
    CheckResult result = run(List.of(Fault.KILL));

    assertTrue(result.verdict().count(Kind.SESSION_LOST) > 0);
    assertTrue(result.verdict().count(Kind.LOST) > 0);
  }

  @Test
  void aFaultThatNeedsAnOwnBrokerIsRefusedForARunningOne() {
    BrokerControl running =
        BrokerControl.running(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));

    assertThrows(
        IllegalArgumentException.class,
        () -> CheckRun.run(CheckPlan.brief(1, List.of(Fault.KILL)), running));
  }

  private CheckResult run(List<Fault> faults) throws Exception {
    Path config = directory.resolve("mosquitto.conf");
    Path data = Files.createDirectory(directory.resolve("data"));
    String command =
        "printf 'listener {port} 127.0.0.1\\nallow_anonymous true\\npersistence true\\n"
            + "persistence_location {data}/\\nmax_queued_messages 0\\nuser root\\n' > "
            + config
            + " && exec "
            + MOSQUITTO
            + " -c "
            + config;
    try (BrokerProcess broker = new BrokerProcess(command, data, directory.resolve("log"), null)) {
      broker.start();
      return CheckRun.run(CheckPlan.brief(7, faults), broker);
    }
  }

  static boolean hasMosquitto() {
    return Files.isExecutable(MOSQUITTO);
  }
}
