package io.troupe.http.command;

import io.troupe.broker.store.BackupException;
import io.troupe.broker.store.BackupFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A data folder that is being restored: everything is written into a folder inside it, moved to its
 * place at the end, and that folder removed. While it is there no broker starts. (Inside and not
 * beside it, since a data folder may be a mounted disk of its own.)
 */
final class RestoredFolder implements AutoCloseable {
  private static final String UNFINISHED = "restoring";
  private static final String STORE = "store";

  private final Path dataDir;
  private boolean finished;

  private RestoredFolder(Path dataDir) {
    this.dataDir = dataDir;
  }

  /** Refuses a start from a data folder that is not whole. */
  static void check(Path dataDir) throws StartFailure {
    if (Files.exists(dataDir.resolve(UNFINISHED))) {
      throw new StartFailure(
          "the data folder "
              + dataDir
              + " holds the beginning of a restored backup; remove what is in it and run troupe"
              + " restore again",
          null);
    }
  }

  /**
   * Makes the folder or takes an empty one.
   *
   * @throws BackupException when it holds anything
   */
  static RestoredFolder begin(Path dataDir) throws BackupException, IOException {
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    if (Files.exists(dataDir) && !Files.isDirectory(dataDir)) {
      throw new BackupException(dataDir + " is a file; name a new data folder", null);
    }
    Files.createDirectories(dataDir, ownerOnly);
    if (!BackupFolder.isEmpty(dataDir)) {
      throw new BackupException(
          dataDir + " holds data; a backup is restored into a new or empty folder only", null);
    }
    Files.createDirectory(dataDir.resolve(UNFINISHED), ownerOnly);
    force(dataDir);
    return new RestoredFolder(dataDir);
  }

  /** Where the store is to be restored. */
  Path store() {
    return finished ? dataDir.resolve(STORE) : dataDir.resolve(UNFINISHED).resolve(STORE);
  }

  /** The store is whole and on disk: from now on the folder counts. */
  void finish(Map<String, String> layout) throws IOException {
    DataLayout.write(dataDir.resolve(UNFINISHED), layout);
    move(STORE);
    move(DataLayout.FILE);
    force(dataDir);
    finished = true;
    Files.delete(dataDir.resolve(UNFINISHED));
    force(dataDir);
  }

  private void move(String name) throws IOException {
    Files.move(
        dataDir.resolve(UNFINISHED).resolve(name),
        dataDir.resolve(name),
        StandardCopyOption.ATOMIC_MOVE);
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** What was not finished goes; the folder itself stays, empty as it was. */
  @Override
  public void close() throws IOException {
    if (finished) {
      return;
    }
    List<Path> written;
    try (Stream<Path> all = Files.walk(dataDir)) {
      written =
          all.filter(file -> !file.equals(dataDir) && !file.endsWith("lost+found"))
              .sorted(Comparator.reverseOrder())
              .toList();
    }
    for (Path each : written) {
      Files.delete(each);
    }
  }
}
