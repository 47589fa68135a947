package io.troupe.loadtest;

import io.troupe.loadtest.load.LoadFailed;
import io.troupe.loadtest.load.LoadPlan;
import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadRun;
import io.troupe.loadtest.load.Target;
import io.troupe.loadtest.overload.BrokerGauge;
import io.troupe.loadtest.report.LoadHtml;
import io.troupe.loadtest.report.LoadReport;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code troupe-load run}: load on a running broker, and what it did with it. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Puts load on a running broker and counts, checks and times what arrives.",
      "Latency is from the time a message was due by the schedule to its arrival: a broker that"
          + " holds the generator up pays for it. Exit code 1 if messages were damaged or"
          + " misordered, or lost above QoS 0, or if clients did not get in."
    })
final class RunCommand extends LoadtestCommand {
  private static final String WHY_MISSING =
      "a broker may drop at QoS 1 and 2 what a session that ends with its connection does not take"
          + " fast enough: --admin tells what it counted, --persistent makes it keep them";

  @Mixin private LoadPlan plan = new LoadPlan();

  @Mixin private BrokerOptions broker = new BrokerOptions();

  @Option(
      names = "--broker-pid",
      paramLabel = "PID",
      description = "Measure CPU and memory of this process and those it started.")
  private long brokerPid;

  @Option(
      names = "--broker-data",
      paramLabel = "FOLDER",
      description = "Measure how much the files in the broker's data folder grow.")
  private @Nullable Path brokerData;

  @Option(
      names = "--admin",
      paramLabel = "URL",
      description = "Of the administration server: what the broker dropped meanwhile is told.")
  private @Nullable URI admin;

  @Option(names = "--html", paramLabel = "FILE", description = "Write the report there as a page.")
  private @Nullable Path html;

  @Override
  public Integer call() throws Exception {
    Target target = target();
    requireWritable(json);
    requireWritable(html);
    BrokerGauge gauge = new BrokerGauge(brokerPid, admin);
    Map<String, Long> before = gauge.counters();
    LoadResult result;
    try {
      result = LoadRun.run(plan, target, second -> say(LoadReport.progress(second)));
    } catch (LoadFailed e) {
      say("failed: " + e.getMessage());
      return 1;
    }
    if (admin != null) {
      result = result.withNote("counted by the broker: " + gauge.countedSince(before));
    } else if (result.missing() > 0) {
      result = result.withNote(WHY_MISSING);
    }
    say("");
    out().print(LoadReport.text(result));
    out().flush();
    if (json != null) {
      Files.writeString(json, LoadReport.json(result));
    }
    if (html != null) {
      Files.writeString(html, LoadHtml.page(result));
    }
    return result.isSound() ? 0 : 1;
  }

  private Target target() {
    try {
      plan.check();
      if (brokerPid != 0 && ProcessHandle.of(brokerPid).isEmpty()) {
        throw new IllegalArgumentException("--broker-pid: there is no process " + brokerPid);
      }
      if (brokerData != null && !Files.isDirectory(brokerData)) {
        throw new IllegalArgumentException("--broker-data: there is no folder " + brokerData);
      }
      return new Target(broker.address(), broker.credentials(), brokerPid, brokerData);
    } catch (IllegalArgumentException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
  }
}
