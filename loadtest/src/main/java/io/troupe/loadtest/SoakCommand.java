package io.troupe.loadtest;

import io.troupe.loadtest.check.BrokerControl;
import io.troupe.loadtest.check.BrokerControl.BrokerFailed;
import io.troupe.loadtest.check.BrokerProcess;
import io.troupe.loadtest.check.CheckResult;
import io.troupe.loadtest.check.CheckRun;
import io.troupe.loadtest.check.Fault;
import io.troupe.loadtest.check.Footprint;
import io.troupe.loadtest.check.SoakReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code troupe-load soak}: round after round of the history checker on one broker. */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs the history checker again and again on one broker that keeps its data, each round with"
          + " new clients that remove what they leave, and prints what the broker occupies after"
          + " each: heap after a collection, resident memory, threads, descriptors, disk. Exit code"
          + " 1 if a promise was broken or something grew.",
      "Give a command that starts the broker (--broker-cmd), or name a running one (--host, --port)"
          + " with --broker-pid."
    })
final class SoakCommand extends LoadtestCommand {
  /** Enough for a broker to forget closed connections and ended sessions. */
  private static final int REST_SECONDS = 5;

  @Mixin private CheckOptions options = new CheckOptions();

  @Option(names = "--minutes", defaultValue = "30", description = "How long, default 30.")
  private double minutes;

  @Option(
      names = "--round",
      defaultValue = "40",
      description = "Seconds of publishing in each round, default 40.")
  private int roundSeconds;

  @Option(names = "--seed", defaultValue = "1", description = "Of the first round, default 1.")
  private long seed;

  @Option(
      names = "--faults",
      split = ",",
      defaultValue = "pause,cut,slow",
      description =
          "Any of ${COMPLETION-CANDIDATES}, mixed at random; default: ${DEFAULT-VALUE}, with which"
              + " the broker's process lives on.")
  private List<Fault> faults = new ArrayList<>();

  @Option(
      names = "--broker-pid",
      defaultValue = "0",
      description = "Process of a running broker, on this machine.")
  private long brokerPid;

  @Override
  public Integer call() throws Exception {
    String refusal = options.refusal(faults);
    if (!refusal.isEmpty()) {
      throw refused(refusal);
    }
    if (options.isCluster()) {
      throw refused("a cluster cannot be measured: choose --broker-cmd, or a node's --port");
    }
    if (!options.ownsBroker() && ProcessHandle.of(brokerPid).isEmpty()) {
      throw refused("--broker-cmd, or --broker-pid of a process of this machine, is needed");
    }
    requireWritable(json);
    Path directory = options.workDirectory();
    SoakReport report = new SoakReport();
    try (BrokerControl broker = options.broker("soak", faults, directory)) {
      broker.start();
      soak(broker, options.ownsBroker() ? directory.resolve("data-soak") : null, report);
    } catch (BrokerFailed e) {
      throw refused("the broker did not start: " + e.getMessage() + "; see " + directory);
    }
    if (json != null) {
      Files.writeString(json, report.toJson());
    }
    say("");
    out().print(report.toText());
    if (report.isClean()) {
      options.forget("soak", directory);
      options.forget(directory);
    } else if (options.ownsBroker()) {
      say("broker's data and log: " + directory);
    }
    out().flush();
    return report.isClean() && report.isFlat() ? 0 : 1;
  }

  private void soak(BrokerControl broker, @Nullable Path data, SoakReport report)
      throws InterruptedException {
    long start = System.nanoTime();
    long nextSeed = seed;
    double passed = 0;
    while (passed < minutes) {
      CheckResult result =
          CheckRun.run(options.plan(nextSeed++, faults, roundSeconds, true), broker);
      if (!broker.isAlive()) {
        say("the broker ended by itself");
        report.add(passed, new Footprint(-1, -1, -1, -1, -1), result);
        return;
      }
      TimeUnit.SECONDS.sleep(REST_SECONDS);
      passed = (System.nanoTime() - start) / 60e9;
      report.add(passed, Footprint.of(pid(broker), data), result);
      say(report.lastLine());
    }
  }

  private long pid(BrokerControl broker) {
    return broker instanceof BrokerProcess process ? process.pid() : brokerPid;
  }
}
