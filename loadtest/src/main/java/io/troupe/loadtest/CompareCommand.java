package io.troupe.loadtest;

import io.troupe.loadtest.compare.Comparison;
import io.troupe.loadtest.compare.ComparisonTable;
import io.troupe.loadtest.compare.Contest;
import io.troupe.loadtest.compare.Peer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class CompareCommand extends LoadtestCommand {
  @Option(
      names = "--peers",
      split = ",",
      defaultValue = "troupe,mosquitto",
      description = "Any of ${COMPLETION-CANDIDATES}.")
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
      description = "Any of ${COMPLETION-CANDIDATES}; default: all.")
  private List<Contest> contests = new ArrayList<>();

  @Option(names = "--warm-up", defaultValue = "8", description = "Seconds.")
  private int warmUpSeconds;

  @Option(names = "--duration", defaultValue = "10", description = "Seconds.")
  private int seconds;

  @Option(names = "--max-minutes", defaultValue = "45", description = "Begin nothing after.")
  private int minutesMost;

  @Option(
      names = "--repeat",
      defaultValue = "1",
      description = "Run the whole so many times; the table shows medians.")
  private int repetitions;

  @Option(names = "--threads", defaultValue = "1", description = "Event loops of the generator.")
  private int threads;

  @Option(
      names = "--broker-cpus",
      defaultValue = "",
      description = "Processors of the brokers, such as 0 or 0,1; default: all.")
  private String brokerCpus = "";

  @Option(names = "--work-dir", description = "For data and logs; default: a temporary one.")
  private @Nullable Path workDirectory;

  @Option(names = "--html", paramLabel = "FILE", description = "Write the table there as a page.")
  private @Nullable Path html;

  @Override
  public Integer call() throws Exception {
    requireWritable(json);
    requireWritable(html);
    if (warmUpSeconds < 0 || seconds < 1 || repetitions < 1 || threads < 1 || minutesMost < 1) {
      throw refused(
          "--duration, --repeat, --threads and --max-minutes are 1 or more, --warm-up 0 or more");
    }
    Path distribution = troupe == null ? ownDistribution() : troupe;
    if (peers.contains(Peer.TROUPE)
        && !Files.isExecutable(distribution.resolve("bin").resolve("troupe"))) {
      throw refused("no bin/troupe in " + distribution + "; name it with --troupe");
    }
    Path directory =
        workDirectory == null ? Files.createTempDirectory("troupe-compare") : workDirectory;
    Files.createDirectories(directory);
    Path hivemq = hivemqFolder == null ? directory.resolve("hivemq") : hivemqFolder;
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
                repetitions,
                Duration.ofMinutes(minutesMost)),
            this::say);
    say("");
    out().print(table.toText());
    say("brokers' data and logs: " + directory);
    if (json != null) {
      Files.writeString(json, table.toJson());
    }
    if (html != null) {
      Files.writeString(html, table.toHtml());
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
