package io.troupe.loadtest;

import io.troupe.loadtest.check.BrokerControl;
import io.troupe.loadtest.check.BrokerProcess;
import io.troupe.loadtest.check.CheckPlan;
import io.troupe.loadtest.check.Cluster;
import io.troupe.loadtest.check.Fault;
import io.troupe.loadtest.check.PowerVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which broker the history checker runs against, and how hard: what its commands share. */
final class CheckOptions {
  @Mixin private BrokerOptions running = new BrokerOptions();

  @Option(
      names = "--broker-cmd",
      paramLabel = "COMMAND",
      description =
          "Shell command that runs a broker in the foreground; {port} and {data} are replaced by a"
              + " port on 127.0.0.1 and a data directory, new for each run.")
  private @Nullable String brokerCommand;

  @Option(
      names = "--cluster",
      paramLabel = "HOME",
      description =
          "Run against a cluster of Troupe with its Cassandra, on this machine: the folder of its"
              + " distribution, which holds bin/troupe and bin/troupe-cluster.")
  private @Nullable Path clusterHome;

  @Option(names = "--nodes", defaultValue = "3", description = "Of the cluster, 2 to 8, default 3.")
  private int nodes;

  @Option(
      names = "--work-dir",
      description =
          "Where data directories and the broker's log go; default: a temporary one. Those of runs"
              + " without a violation are deleted.")
  private @Nullable Path workDirectory;

  @Option(
      names = "--power-image",
      paramLabel = "FILE",
      description = "File for the ext4 file system whose power fails; default: in the work dir.")
  private @Nullable Path powerImage;

  @Option(names = "--power-image-mb", defaultValue = "512", description = "Its size, default 512.")
  private int powerImageMegabytes;

  @Option(names = "--fault-every", defaultValue = "5", description = "Seconds, default 5.")
  private double faultEverySeconds;

  @Option(names = "--settle", defaultValue = "60", description = "Seconds at most, default 60.")
  private int settleSeconds;

  @Option(names = "--publishers", defaultValue = "4", description = "Default 4.")
  private int publishers;

  @Option(names = "--subscribers", defaultValue = "16", description = "Default 16.")
  private int subscribers;

  @Option(
      names = "--share-members",
      defaultValue = "3",
      description = "Members of each of three share groups; 0 for no groups. Default 3.")
  private int shareMembers;

  @Option(names = "--will-clients", defaultValue = "3", description = "Default 3.")
  private int willClients;

  @Option(names = "--rate", defaultValue = "400", description = "Messages per second, default 400.")
  private int messagesPerSecond;

  @Option(
      names = "--window",
      defaultValue = "20",
      description =
          "Unacknowledged messages of a publisher; each has a number from 1 to this. Default 20.")
  private int window;

  /** Why these faults cannot be injected here, or empty. */
  String refusal(List<Fault> faults) {
    if (isCluster()) {
      return clusterRefusal(faults);
    }
    if (faults.stream().anyMatch(Fault::needsCluster)) {
      return "faults of nodes need --cluster";
    }
    if (brokerCommand == null && faults.stream().anyMatch(Fault::needsOwnBroker)) {
      return "faults of the broker's process or disk need --broker-cmd or --cluster";
    }
    return needsVolume(faults) ? PowerVolume.refusal() : "";
  }

  private String clusterRefusal(List<Fault> faults) {
    Path home = clusterHome;
    if (brokerCommand != null) {
      return "--cluster and --broker-cmd exclude each other";
    }
    if (home == null || !Files.isExecutable(home.resolve("bin/troupe-cluster"))) {
      return "--cluster: there is no bin/troupe-cluster in " + home;
    }
    if (nodes < 2 || nodes > 8) {
      return "--nodes is 2 to 8, not " + nodes;
    }
    if (needsVolume(faults)) {
      return "power and stall cannot be injected with --cluster";
    }
    return faults.stream().anyMatch(Fault::needsNetwork) ? Cluster.networkRefusal() : "";
  }

  boolean isCluster() {
    return clusterHome != null;
  }

  boolean ownsBroker() {
    return brokerCommand != null || isCluster();
  }

  Path workDirectory() throws IOException {
    return workDirectory == null
        ? Files.createTempDirectory("troupe-check")
        : Files.createDirectories(workDirectory);
  }

  /** The broker of one run, not started; its files are named after the run. */
  BrokerControl broker(String run, List<Fault> faults, Path directory) throws IOException {
    Path home = clusterHome;
    if (home != null) {
      Path files = directory.resolve("data-" + run);
      deleteIfThere(files);
      boolean withNetwork = faults.stream().anyMatch(Fault::needsNetwork);
      return new Cluster(home, nodes, Files.createDirectories(files), withNetwork);
    }
    String command = brokerCommand;
    if (command == null) {
      return BrokerControl.running(running.address());
    }
    Path data = directory.resolve("data-" + run);
    deleteIfThere(data);
    Files.createDirectories(data);
    PowerVolume volume = null;
    if (needsVolume(faults)) {
      Path image = powerImage == null ? directory.resolve("power.img") : powerImage;
      volume = new PowerVolume(image, data, powerImageMegabytes);
    }
    return new BrokerProcess(command, data, log(run, directory), volume);
  }

  /** What a run left that found nothing. */
  void forget(String run, Path directory) throws IOException {
    deleteIfThere(directory.resolve("data-" + run));
    Files.deleteIfExists(log(run, directory));
  }

  /** The directory itself, if it was ours. */
  void forget(Path directory) throws IOException {
    if (workDirectory == null) {
      BrokerProcess.delete(directory);
    }
  }

  CheckPlan plan(long seed, List<Fault> faults, int seconds, boolean leavesNothing) {
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
        running.credentials(),
        leavesNothing || isCluster());
  }

  /**
   * One seed, or a range such as 1-10.
   *
   * @throws NumberFormatException if it is neither
   */
  static List<Long> seeds(String text) {
    String[] ends = text.split("-", 2);
    long first = Long.parseLong(ends[0]);
    long last = ends.length == 1 ? first : Long.parseLong(ends[1]);
    List<Long> range = new ArrayList<>();
    for (long seed = first; seed <= last; seed++) {
      range.add(seed);
    }
    return range;
  }

  private static Path log(String run, Path directory) {
    return directory.resolve("broker-" + run + ".log");
  }

  private static boolean needsVolume(List<Fault> faults) {
    return faults.stream().anyMatch(Fault::needsVolume);
  }

  private static void deleteIfThere(Path data) throws IOException {
    if (Files.exists(data)) {
      BrokerProcess.delete(data);
    }
  }
}
