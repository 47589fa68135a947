package io.troupe.http.command;

import io.troupe.broker.store.Backup;
import io.troupe.broker.store.BackupException;
import io.troupe.broker.store.BackupFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code troupe restore}: a new data folder from a backup. */
@Command(
    name = "restore",
    description = {
      "Makes a new data folder from a backup, after comparing the checksum of every file.",
      "Nothing of it counts before all of it is there: a start refuses a folder whose restoring was"
          + " interrupted."
    },
    mixinStandardHelpOptions = true,
    versionProvider = TroupeCommand.VersionProvider.class)
final class RestoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DIR",
      description = "The folder of backups.")
  private Path from = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The new data folder: missing or empty.")
  private @Nullable Path data;

  @Option(names = "--backup", paramLabel = "N", description = "Which one; without it the newest.")
  private @Nullable Integer number;

  @Option(names = "--list", description = "Show the backups and do nothing else.")
  private boolean list;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      BackupFolder backups = BackupFolder.toRead(from.toAbsolutePath().normalize());
      if (list) {
        backups
            .list()
            .forEach(backup -> out.println(backup.id() + "  " + BackupCommand.text(backup)));
        backups.damaged().forEach(id -> out.println(id + "  damaged"));
      } else {
        restore(backups, out);
      }
      out.flush();
      return ExitCode.OK;
    } catch (BackupException e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("troupe restore: " + e.getMessage());
      err.flush();
      return ExitCode.FAILED;
    }
  }

  private void restore(BackupFolder backups, PrintWriter out) throws BackupException, IOException {
    if (data == null) {
      throw new ParameterException(
          spec.commandLine(), "Name the new data folder with --data, or show the backups: --list.");
    }
    Backup backup = chosen(backups);
    try (RestoredFolder folder = RestoredFolder.begin(data.toAbsolutePath().normalize())) {
      Path unused =
          LongWork.tell(
              out,
              () -> LongWork.bytesIn(folder.store()),
              backup.bytes(),
              () -> backups.restore(backup, folder.store()));
      folder.finish(backup.about().layout());
    }
    out.println(
        "Restored backup " + backup.id() + " into " + data + ": " + BackupCommand.text(backup));
  }

  /** Never an older one than asked for because the newest is damaged. */
  private Backup chosen(BackupFolder backups) throws BackupException {
    List<Backup> all = backups.list();
    List<Integer> damaged = backups.damaged();
    int newest = all.isEmpty() ? 0 : all.get(all.size() - 1).id();
    for (int id : damaged) {
      newest = Math.max(newest, id);
    }
    int wanted = number == null ? newest : number;
    if (damaged.contains(wanted)) {
      throw new BackupException(
          "backup " + wanted + " is damaged; choose another one with --backup, see --list", null);
    }
    return all.stream()
        .filter(backup -> backup.id() == wanted)
        .findFirst()
        .orElseThrow(
            () ->
                new BackupException(
                    wanted == 0
                        ? from + " holds no finished backup"
                        : "there is no backup " + wanted + " in " + from + ", see --list",
                    null));
  }
}
