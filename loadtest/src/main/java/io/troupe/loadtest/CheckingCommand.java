package io.troupe.loadtest;

import io.troupe.loadtest.check.BrokerControl;
import io.troupe.loadtest.check.BrokerControl.BrokerFailed;
import io.troupe.loadtest.check.CheckReport;
import io.troupe.loadtest.check.CheckResult;
import io.troupe.loadtest.check.CheckRun;
import io.troupe.loadtest.check.Fault;
import io.troupe.loadtest.check.FaultMix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the history checker for mixes of faults and seeds, one after the other. */
abstract class CheckingCommand extends LoadtestCommand {
  @Mixin private CheckOptions options = new CheckOptions();

  @Option(
      names = "--seeds",
      defaultValue = "1",
      description = "One seed or a range such as 1-10; default 1.")
  private String seeds = "1";

  @Option(
      names = "--duration",
      defaultValue = "20",
      description = "Seconds of publishing in each run, default 20.")
  private int seconds;

  /** The broker of the last run, where it goes on to the next, and its name. */
  private @Nullable BrokerControl kept;

  private String keptName = "";

  /** The line of the table that a run belongs to. */
  abstract String group(FaultMix mix, long seed);

  final boolean isCluster() {
    return options.isCluster();
  }

  /** Returns the exit code. */
  final int check(String groupedBy, List<FaultMix> mixes) throws Exception {
    List<Long> range = seedRange();
    for (FaultMix mix : mixes) {
      String refusal = options.refusal(mix.faults());
      if (!refusal.isEmpty()) {
        throw refused(refusal);
      }
    }
    requireWritable(json);
    Path directory = options.workDirectory();
    CheckReport report = new CheckReport(groupedBy);
    List<Fault> all = mixes.stream().flatMap(mix -> mix.faults().stream()).distinct().toList();
    try {
      for (FaultMix mix : mixes) {
        for (long seed : range) {
          List<Fault> prepared = isCluster() ? all : mix.faults();
          report.add(group(mix, seed), run(mix, seed, prepared, directory, report.isEmpty()));
        }
      }
    } finally {
      endKept(true, directory);
    }
    if (json != null) {
      Files.writeString(json, report.toJson());
    }
    say("");
    out().print(report.toText());
    if (report.isClean()) {
      options.forget(directory);
    } else if (options.ownsBroker()) {
      say("broker's data and log of the runs with violations: " + directory);
    }
    out().flush();
    return report.isClean() ? 0 : 1;
  }

  /**
   * @param prepared faults that the broker must allow for
   * @param first whether no run was made before: a broker that does not start is then a mistake of
   *     the command line
   */
  private CheckResult run(
      FaultMix mix, long seed, List<Fault> prepared, Path directory, boolean first)
      throws Exception {
    CheckResult result;
    try {
      BrokerControl broker = kept;
      if (broker == null) {
        keptName = mix.name() + "-" + seed;
        broker = options.broker(keptName, prepared, directory);
        kept = broker;
        broker.start();
      }
      result = CheckRun.run(options.plan(seed, mix.faults(), seconds, false), broker);
    } catch (BrokerFailed e) {
      if (first) {
        endKept(false, directory);
        throw refused("the broker did not start: " + e.getMessage() + "; see " + directory);
      }
      result = CheckResult.failed(seed, "did not start: " + e.getMessage());
    }
    boolean clean = result.verdict().isClean();
    say(
        String.format(
            "%s seed %d: %s (%d offered, %d delivered, faults %s)",
            mix.name(),
            seed,
            clean ? "clean" : result.verdict().counts(),
            result.verdict().offered(),
            result.verdict().delivered(),
            result.faults()));
    // Starting a cluster takes long.
    if (!clean || !isCluster()) {
      endKept(clean, directory);
    }
    return result;
  }

  private void endKept(boolean clean, Path directory) throws Exception {
    BrokerControl broker = kept;
    kept = null;
    if (broker != null) {
      broker.close();
      if (clean) {
        options.forget(keptName, directory);
      }
    }
  }

  private List<Long> seedRange() {
    try {
      return CheckOptions.seeds(seeds);
    } catch (NumberFormatException e) {
      throw refused("--seeds is a number or a range such as 1-10, not " + seeds);
    }
  }
}
