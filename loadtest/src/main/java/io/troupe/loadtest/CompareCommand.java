package io.troupe.loadtest;

import io.troupe.loadtest.compare.Comparison;
import io.troupe.loadtest.compare.ComparisonTable;
import io.troupe.loadtest.compare.Contest;
import io.troupe.loadtest.compare.Peer;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code troupe-load compare}: our broker beside others, one table. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Starts each broker in turn, runs the same scenarios on it and prints one table: rate, CPU"
          + " seconds per million messages, peak memory, latency, and the ratio to Mosquitto.",
      "Mosquitto is Debian's package; HiveMQ CE is fetched with Maven when first wanted."
    })
final class CompareCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--peers",
      split = ",",
      defaultValue = "troupe,mosquitto",
      description = "Any of troupe, mosquitto, hivemq.")
  private List<Peer> peers = new ArrayList<>();

  @Option(
      names = "--troupe",
      paramLabel = "FOLDER",
      description = "Our distribution; default: the one this program is part of.")
  private @Nullable Path troupe;

  @Option(
      names = "--hivemq-folder",
      paramLabel = "FOLDER",
      description = "Where HiveMQ's jars are kept; default: in the work dir.")
  private @Nullable Path hivemqFolder;

  @Option(
      names = "--scenarios",
      split = ",",
      description =
          "Any of fan-out-qos-0, fan-out-qos-1, pairs-qos-1, fan-in-qos-0, fan-in-qos-1,"
              + " fan-in-qos-0-20k, fan-in-qos-1-20k, pairs-qos-1-5k, persistent-qos-1, storm,"
              + " idle; default: all.")
  private List<Contest> contests = new ArrayList<>();

  @Option(names = "--warm-up", defaultValue = "8", description = "Seconds.")
  private int warmUpSeconds;

  @Option(names = "--duration", defaultValue = "10", description = "Seconds.")
  private int seconds;

  @Option(names = "--max-minutes", defaultValue = "20", description = "Begin nothing after.")
  private int minutesMost;

  @Option(names = "--threads", defaultValue = "1", description = "Event loops of the generator.")
  private int threads;

  @Option(
      names = "--broker-cpus",
      defaultValue = "",
      description = "Processors of the brokers, such as 0 or 0,1; default: all.")
  private String brokerCpus = "";

  @Option(names = "--work-dir", description = "For data and logs; default: a temporary one.")
  private @Nullable Path workDirectory;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the table there as JSON.")
  private @Nullable Path json;

  @Override
  public Integer call() throws Exception {
    CommandSpec own = spec;
    if (own == null) {
      throw new IllegalStateException("not run by picocli");
    }
    Path distribution = troupe == null ? ownDistribution() : troupe;
    if (peers.contains(Peer.TROUPE)
        && !Files.isExecutable(distribution.resolve("bin").resolve("troupe"))) {
      throw new ParameterException(
          own.commandLine(), "no bin/troupe in " + distribution + "; name it with --troupe");
    }
    Path directory =
        workDirectory == null ? Files.createTempDirectory("troupe-compare") : workDirectory;
    Files.createDirectories(directory);
    Path hivemq = hivemqFolder == null ? directory.resolve("hivemq") : hivemqFolder;
    PrintWriter out = own.commandLine().getOut();
    ComparisonTable table =
        Comparison.run(
            new Comparison.Settings(
                peers,
                contests.isEmpty() ? List.of(Contest.values()) : contests,
                new Peer.Sources(distribution.toAbsolutePath(), hivemq.toAbsolutePath()),
                directory.toAbsolutePath(),
                brokerCpus,
                Duration.ofSeconds(warmUpSeconds),
                Duration.ofSeconds(seconds),
                threads,
                Duration.ofMinutes(minutesMost)),
            line -> {
              out.println(line);
              out.flush();
            });
    out.println();
    out.print(table.toText());
    out.println("brokers' data and logs: " + directory);
    out.flush();
    if (json != null) {
      Files.writeString(json, table.toJson());
    }
    return 0;
  }

  /** The folder above the one this class's jar is in. */
  private static Path ownDistribution() throws Exception {
    Path jar =
        Path.of(CompareCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path lib = jar.toAbsolutePath().getParent();
    Path folder = lib == null ? null : lib.getParent();
    return folder == null ? Path.of(".") : folder;
  }
}
