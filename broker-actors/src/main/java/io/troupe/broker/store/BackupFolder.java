package io.troupe.broker.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.rocksdb.BackupEngine;
import org.rocksdb.BackupEngineOptions;
import org.rocksdb.BackupInfo;
import org.rocksdb.Env;
import org.rocksdb.RestoreOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * A folder of backups, kept by RocksDB's backup engine: each backup is whole by itself, and data
 * files that several have in common are there once. Every file's checksum is kept and compared when
 * it is restored. A backup that was not finished does not count and is removed by the next one.
 */
public final class BackupFolder {
  /** Tells a folder of backups from others, and is locked while one is written. */
  private static final String MARK = "TROUPE-BACKUPS";

  private static final long MEMORY_BYTES = 32L << 20;

  private final Path folder;

  private BackupFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * For taking a backup: the folder is made, or must be empty or one of backups.
   *
   * @throws BackupException when it is something else
   */
  public static BackupFolder toWrite(Path folder) throws BackupException {
    try {
      if (Files.exists(folder) && !Files.isDirectory(folder)) {
        throw new BackupException(folder + " is a file; name a folder for the backups", null);
      }
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      if (!Files.exists(folder.resolve(MARK))) {
        if (!isEmpty(folder)) {
          throw new BackupException(
              folder + " holds other files; name a new folder for the backups", null);
        }
        Files.writeString(folder.resolve(MARK), "troupe-backups 1\n");
      }
      return new BackupFolder(folder);
    } catch (IOException e) {
      throw new BackupException(folder + " cannot be written: " + StoreFolder.explain(e), e);
    }
  }

  /**
   * For restoring.
   *
   * @throws BackupException when it is no folder of backups
   */
  public static BackupFolder toRead(Path folder) throws BackupException {
    if (!Files.isReadable(folder.resolve(MARK))) {
      throw new BackupException(
          folder + " is no folder of backups, or this user may not read it", null);
    }
    if (!Files.isWritable(folder)) {
      throw new BackupException(
          folder + " must be writable for RocksDB to read it: copy it to another place", null);
    }
    return new BackupFolder(folder);
  }

  /** Whether a folder has nothing in it but what a new file system has. */
  public static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.allMatch(file -> file.endsWith("lost+found"));
    }
  }

  /**
   * Copies a checkpoint into a new backup. Files that an earlier backup has are not copied again.
   *
   * @param commitMin the backup must hold this commit
   * @param bytesPerSecond at most, 0 for no limit
   * @throws BackupException when it could not be written; the earlier ones are as before
   */
  public Backup take(
      Path checkpoint,
      long commitMin,
      String broker,
      Map<String, String> layout,
      long bytesPerSecond)
      throws BackupException {
    try (FileChannel mark = FileChannel.open(folder.resolve(MARK), StandardOpenOption.WRITE);
        FileLock lock = mark.tryLock()) {
      if (lock == null) {
        throw new BackupException("another backup is being written to " + folder, null);
      }
      return take(checkpoint, commitMin, broker, layout, engineOptions(bytesPerSecond));
    } catch (IOException e) {
      throw new BackupException(folder + " cannot be written: " + StoreFolder.explain(e), e);
    }
  }

  private Backup take(
      Path checkpoint,
      long commitMin,
      String broker,
      Map<String, String> layout,
      BackupEngineOptions engineOptions)
      throws BackupException {
    try (engineOptions;
        BackupEngine engine = BackupEngine.open(Env.getDefault(), engineOptions);
        DatabaseOptions options = new DatabaseOptions(MEMORY_BYTES).withoutCompaction();
        Database source = new Database(checkpoint, options)) {
      source.open();
      long commit = source.read(CommitMark::stored);
      if (commit < commitMin) {
        throw new BackupException(
            "the broker's checkpoint ends with commit " + commit + ", not " + commitMin, null);
      }
      Backup.About about =
          new Backup.About(broker, StoreFolder.FORMAT_VERSION, Instant.now(), commit, layout);
      source.backUp(engine, about.encode());
      List<Backup> all = backups(engine);
      return all.get(all.size() - 1);
    } catch (RocksDBException e) {
      throw new BackupException(
          "the backup could not be written: "
              + e.getMessage()
              + ". Earlier backups and the broker are as before.",
          e);
    }
  }

  /** Removes all backups but the newest ones. */
  public void keep(int newest) throws BackupException {
    int unused =
        withEngine(
            engine -> {
              engine.purgeOldBackups(newest);
              return newest;
            });
  }

  /**
   * The backups, oldest first.
   *
   * @throws BackupException when one cannot be understood
   */
  public List<Backup> list() throws BackupException {
    return withEngine(BackupFolder::backups);
  }

  /** The numbers of those that are damaged so much that nothing can be told of them. */
  public List<Integer> damaged() throws BackupException {
    return withEngine(engine -> Arrays.stream(engine.getCorruptedBackups()).boxed().toList());
  }

  private static List<Backup> backups(BackupEngine engine) throws BackupException {
    List<Backup> backups = new ArrayList<>();
    for (BackupInfo info : engine.getBackupInfo()) {
      try {
        Backup.About about = Backup.About.decode(String.valueOf(info.appMetadata()));
        backups.add(new Backup(info.backupId(), info.size(), info.numberFiles(), about));
      } catch (BackupException e) {
        throw new BackupException("backup " + info.backupId() + ": " + e.getMessage(), e);
      }
    }
    backups.sort(Comparator.comparingInt(Backup::id));
    return backups;
  }

  /**
   * Makes a store of a backup, compares all checksums, opens it as a start does and closes it.
   *
   * @param store a folder that is missing or empty
   * @return the folder
   * @throws BackupException when anything does not fit; what is in the folder then is of no use
   */
  public Path restore(Backup backup, Path store) throws BackupException {
    if (backup.about().storeFormat() > StoreFolder.FORMAT_VERSION) {
      throw new BackupException(
          "backup "
              + backup.id()
              + " has store format "
              + backup.about().storeFormat()
              + ": restore it with Troupe "
              + backup.about().broker()
              + " or later",
          null);
    }
    try (StoreFolder target = StoreFolder.open(store)) {
      String unused =
          withEngine(
              engine -> {
                String database = target.database().toString();
                try (RestoreOptions options = new RestoreOptions(false)) {
                  engine.restoreDbFromBackup(backup.id(), database, database, options);
                }
                return database;
              });
      try (DatabaseOptions options = new DatabaseOptions(MEMORY_BYTES);
          Database database = new Database(target.database(), options);
          CommitMark mark =
              new StoreStart(StoreSettings.OnDamage.REFUSE, Long.MAX_VALUE, target, database)
                  .open()) {
        long commit = database.read(CommitMark::stored);
        if (commit < backup.about().commit()) {
          throw new BackupException(
              "backup "
                  + backup.id()
                  + " should hold commits up to "
                  + backup.about().commit()
                  + ", but ends with "
                  + commit,
              null);
        }
        mark.advance(commit);
      }
      target.sync();
      return store;
    } catch (StoreStartException | StoreDamagedException e) {
      throw new BackupException("backup " + backup.id() + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new BackupException(store + " cannot be written: " + StoreFolder.explain(e), e);
    }
  }

  private interface Work<T> {
    T with(BackupEngine engine) throws RocksDBException, BackupException;
  }

  private <T> T withEngine(Work<T> work) throws BackupException {
    try (BackupEngineOptions options = engineOptions(0);
        BackupEngine engine = BackupEngine.open(Env.getDefault(), options)) {
      return work.with(engine);
    } catch (RocksDBException e) {
      throw new BackupException("the backups in " + folder + ": " + e.getMessage(), e);
    }
  }

  private BackupEngineOptions engineOptions(long bytesPerSecond) {
    RocksDB.loadLibrary();
    return new BackupEngineOptions(folder.toString())
        .setShareTableFiles(true)
        .setShareFilesWithChecksum(true)
        .setSync(true)
        .setBackupRateLimit(bytesPerSecond);
  }
}
