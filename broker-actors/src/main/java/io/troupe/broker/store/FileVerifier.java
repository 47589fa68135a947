package io.troupe.broker.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the checksums of all data files of an open database, one file after another and without
 * holding the database. Files that compaction replaces meanwhile are passed over: what replaces
 * them was verified by being read.
 */
final class FileVerifier {
  private static final Logger LOG = LoggerFactory.getLogger(FileVerifier.class);

  private final Path folder;
  private final Database database;

  FileVerifier(Path folder, Database database) {
    this.folder = folder;
    this.database = database;
  }

  /** Starts verifying; damage is logged and kept for the store's health. */
  void start() {
    Thread thread = new Thread(this::run, "store-verify");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (Options options = new Options()) {
      for (Path file : files()) {
        verify(options, file);
      }
    } catch (IOException e) {
      LOG.warn("Could not list the data files in {} to verify them", folder, e);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".sst")).sorted().toList();
    }
  }

  private void verify(Options options, Path file) {
    try (SstFileReader reader = new SstFileReader(options)) {
      reader.open(file.toString());
      reader.verifyChecksum();
    } catch (RocksDBException e) {
      if (Files.exists(file)) {
        LOG.error("The store's file {} is damaged or cannot be read", file, e);
        database.noteDamage(file + ": " + e.getMessage());
      }
    }
  }
}
