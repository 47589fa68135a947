package io.troupe.loadtest;

import io.troupe.loadtest.check.BrokerControl;
import io.troupe.loadtest.check.BrokerProcess;
import io.troupe.loadtest.check.CheckPlan;
import io.troupe.loadtest.check.CheckReport;
import io.troupe.loadtest.check.CheckResult;
import io.troupe.loadtest.check.CheckRun;
import io.troupe.loadtest.check.Fault;
import io.troupe.loadtest.check.PowerVolume;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code troupe-load check}: histories of messages under faults, and their verdict. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Sends numbered, checksummed messages through a broker while faults happen, and tells what was"
          + " lost, duplicated, reordered or made up. Exit code 1 if a promise was broken.",
      "Either name a running broker (--host, --port) or give a command that starts one"
          + " (--broker-cmd), which is needed for kill, term, pause and power."
    })
final class CheckCommand extends LoadtestCommand {
  @Mixin private BrokerOptions running = new BrokerOptions();

  @Option(
      names = "--broker-cmd",
      paramLabel = "COMMAND",
      description =
          "Shell command that runs a broker in the foreground; {port} and {data} are replaced by a"
              + " port on 127.0.0.1 and a data directory, new for each seed.")
  private @Nullable String brokerCommand;

  @Option(
      names = "--work-dir",
      description = "Where data directories and the broker's log go; default: a temporary one.")
  private @Nullable Path workDirectory;

  @Option(
      names = "--power-image",
      paramLabel = "FILE",
      description = "File for the ext4 file system whose power fails; default: in the work dir.")
  private @Nullable Path powerImage;

  @Option(names = "--power-image-mb", defaultValue = "512", description = "Its size, default 512.")
  private int powerImageMegabytes;

  @Option(
      names = "--faults",
      split = ",",
      description = "Any of ${COMPLETION-CANDIDATES}, mixed at random; default: none.")
  private List<Fault> faults = new ArrayList<>();

  @Option(
      names = "--seeds",
      defaultValue = "1",
      description = "One seed or a range such as 1-10; default 1.")
  private String seeds = "1";

  @Option(names = "--duration", defaultValue = "20", description = "Seconds, default 20.")
  private int seconds;

  @Option(names = "--fault-every", defaultValue = "5", description = "Seconds, default 5.")
  private double faultEverySeconds;

  @Option(names = "--settle", defaultValue = "60", description = "Seconds at most, default 60.")
  private int settleSeconds;

  @Option(names = "--publishers", defaultValue = "4", description = "Default 4.")
  private int publishers;

  @Option(names = "--subscribers", defaultValue = "8", description = "Default 8.")
  private int subscribers;

  @Option(
      names = "--share-members",
      defaultValue = "3",
      description = "Members of each of two share groups; 0 for no groups. Default 3.")
  private int shareMembers;

  @Option(names = "--will-clients", defaultValue = "3", description = "Default 3.")
  private int willClients;

  @Option(names = "--rate", defaultValue = "400", description = "Messages per second, default 400.")
  private int messagesPerSecond;

  @Option(
      names = "--window",
      defaultValue = "20",
      description = "Unacknowledged messages per publisher, default 20.")
  private int window;

  @Override
  public Integer call() throws Exception {
    if (brokerCommand == null && faults.stream().anyMatch(Fault::needsOwnBroker)) {
      throw refused("the faults kill, term, pause and power need --broker-cmd");
    }
    if (faults.contains(Fault.POWER) && !PowerVolume.refusal().isEmpty()) {
      throw refused(PowerVolume.refusal());
    }
    PrintWriter out = out();
    CheckReport report = new CheckReport();
    Path directory =
        workDirectory == null ? Files.createTempDirectory("troupe-check") : workDirectory;
    Files.createDirectories(directory);
    for (long seed : seedRange()) {
      CheckResult result = runSeed(seed, directory);
      report.add(result);
      Map<?, ?> counts = result.verdict().counts();
      out.printf(
          "seed %d: %s (%d offered, %d delivered, faults %s)%n",
          seed,
          counts.isEmpty() ? "clean" : counts,
          result.verdict().offered(),
          result.verdict().delivered(),
          result.faults());
      out.flush();
    }
    if (json != null) {
      Files.writeString(json, report.toJson());
    }
    out.println();
    out.print(report.toText());
    out.flush();
    if (workDirectory == null && report.isClean()) {
      BrokerProcess.delete(directory);
    } else if (brokerCommand != null) {
      out.println("broker's data and log: " + directory);
      out.flush();
    }
    return report.isClean() ? 0 : 1;
  }

  private CheckResult runSeed(long seed, Path directory) throws IOException, InterruptedException {
    try (BrokerControl broker = broker(seed, directory)) {
      broker.start();
      return CheckRun.run(plan(seed), broker);
    }
  }

  private BrokerControl broker(long seed, Path directory) throws IOException {
    String command = brokerCommand;
    if (command == null) {
      return BrokerControl.running(running.address());
    }
    Path data = directory.resolve("data-" + seed);
    if (Files.exists(data)) {
      BrokerProcess.delete(data);
    }
    Files.createDirectories(data);
    PowerVolume volume = null;
    if (faults.contains(Fault.POWER)) {
      Path image = powerImage == null ? directory.resolve("power.img") : powerImage;
      volume = new PowerVolume(image, data, powerImageMegabytes);
    }
    return new BrokerProcess(command, data, directory.resolve("broker-" + seed + ".log"), volume);
  }

  private CheckPlan plan(long seed) {
    return new CheckPlan(
        seed,
        publishers,
        subscribers,
        shareMembers,
        willClients,
        messagesPerSecond,
        window,
        Duration.ofSeconds(seconds),
        faults,
        Duration.ofMillis((long) (faultEverySeconds * 1000)),
        Duration.ofSeconds(settleSeconds),
        running.credentials());
  }

  private List<Long> seedRange() {
    try {
      String[] ends = seeds.split("-", 2);
      long first = Long.parseLong(ends[0]);
      long last = ends.length == 1 ? first : Long.parseLong(ends[1]);
      List<Long> range = new ArrayList<>();
      for (long seed = first; seed <= last; seed++) {
        range.add(seed);
      }
      return range;
    } catch (NumberFormatException e) {
      throw refused("--seeds is a number or a range such as 1-10, not " + seeds);
    }
  }
}
