package io.troupe.http.command;

import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.store.Backup;
import io.troupe.broker.store.BackupException;
import io.troupe.broker.store.BackupFolder;
import io.troupe.broker.store.StoreCheckpoint;
import io.troupe.http.Version;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code troupe backup}: all that a running broker has stored, at one moment. */
@Command(
    name = "backup",
    description = {
      "Takes a backup of a broker with an embedded store while it runs.",
      "Everything that the broker acknowledged before this command is in it. Run it as the broker's"
          + " user, on its machine."
    },
    mixinStandardHelpOptions = true,
    versionProvider = TroupeCommand.VersionProvider.class)
final class BackupCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description =
          "The folder of backups, made if missing. What an earlier backup there has is not copied"
              + " again.")
  private Path to = Path.of("");

  @Option(names = "--data", paramLabel = "DIR", description = "The broker's data folder.")
  private @Nullable Path data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The broker's configuration file, which names its data folder.")
  private @Nullable Path config;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "Afterwards remove all backups but the newest N.")
  private int keep;

  @Option(
      names = "--rate",
      paramLabel = "MIB",
      description = "Copy at most so many MiB per second; without it as fast as the disks are.")
  private int rate;

  @Override
  public Integer call() {
    Optional<Path> dataDir = dataDir();
    if (dataDir.isEmpty()) {
      return ExitCode.CONFIGURATION;
    }
    PrintWriter out = spec.commandLine().getOut();
    try {
      BackupFolder backups = BackupFolder.toWrite(to.toAbsolutePath().normalize());
      Map<String, String> layout = DataLayout.ofBackup(dataDir.get());
      Backup taken;
      try (StoreCheckpoint checkpoint = BackupSocket.ask(dataDir.get())) {
        long before = LongWork.bytesIn(to);
        long total = LongWork.bytesIn(checkpoint.folder());
        taken =
            LongWork.tell(
                out,
                () -> LongWork.bytesIn(to) - before,
                total,
                () ->
                    backups.take(
                        checkpoint.folder(),
                        checkpoint.commit(),
                        Version.NUMBER,
                        layout,
                        (long) Math.max(0, rate) << 20));
      }
      if (keep > 0) {
        backups.keep(keep);
      }
      out.println("Took backup " + taken.id() + " in " + to + ": " + text(taken));
      out.flush();
      return ExitCode.OK;
    } catch (BackupException e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("troupe backup: " + e.getMessage());
      err.flush();
      return ExitCode.FAILED;
    }
  }

  /** Empty after telling what is wrong with the configuration. */
  private Optional<Path> dataDir() {
    if (data != null) {
      return Optional.of(data.toAbsolutePath().normalize());
    }
    return ConfigurationErrors.load(
            BrokerConfig.from().file(config).environment(System.getenv()),
            spec.commandLine().getErr())
        .map(BrokerConfig::dataDir);
  }

  static String text(Backup backup) {
    return backup.about().takenAt()
        + ", "
        + LongWork.size(backup.bytes())
        + " in "
        + backup.files()
        + " files, up to commit "
        + backup.about().commit()
        + ", by Troupe "
        + backup.about().broker();
  }
}
