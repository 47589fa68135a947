package io.troupe.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The store's folder, owned by one process while open.
 *
 * <pre>
 * FORMAT     version of everything below
 * OWNER      locked by the owning process, whose id it holds
 * COMMITTED  {@link CommitMark}
 * db/        RocksDB
 * checkpoint/  {@link StoreCheckpoint}, while there is one
 * </pre>
 *
 * <p>Folders get mode 0700 and files 0600. RocksDB makes its files with the process's umask (mode
 * 0644 as a rule) inside the closed folder; {@link #restrictModes} narrows them afterwards.
 */
final class StoreFolder implements AutoCloseable {
  static final int FORMAT_VERSION = 1;
  private static final String FORMAT_TEXT = "troupe-store ";

  /** File times may lag by this much behind the clock. */
  private static final long CLOCK_TICK_MILLIS = 2_000;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNER_ONLY_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  private final Path folder;
  private final FileChannel owner;
  private final Map<Path, Long> restricted = new HashMap<>();

  private StoreFolder(Path folder, FileChannel owner) {
    this.folder = folder;
    this.owner = owner;
  }

  /**
   * Makes the folder when missing, takes its lock and checks its format.
   *
   * @throws StoreStartException when it cannot be used
   */
  static StoreFolder open(Path folder) {
    try {
      makeFolder(folder);
      FileChannel owner = lock(folder);
      try {
        checkFormat(folder);
        makeFolder(folder.resolve("db"));
        StoreFolder opened = new StoreFolder(folder, owner);
        opened.restrictModes();
        return opened;
      } catch (IOException | RuntimeException e) {
        owner.close();
        throw e;
      }
    } catch (IOException e) {
      throw new StoreStartException(
          "The store's folder "
              + folder
              + " cannot be used: "
              + explain(e)
              + ". Make it a folder that this process's user ("
              + System.getProperty("user.name")
              + ") owns and may write, or set troupe.store.directory to another one.",
          e);
    }
  }

  Path path() {
    return folder;
  }

  Path database() {
    return folder.resolve("db");
  }

  Path checkpoint() {
    return folder.resolve("checkpoint");
  }

  /** Also what is left of one that was not finished, or whose process has ended. */
  void removeCheckpoint() throws IOException {
    deleteTree(checkpoint());
    deleteTree(folder.resolve("checkpoint.tmp")); // RocksDB's name for one not finished
  }

  Path commitMark() {
    return folder.resolve("COMMITTED");
  }

  /** Whether the disk takes and syncs new bytes now. */
  boolean acceptsWrites() {
    Path probe = folder.resolve("PROBE");
    try (FileChannel channel =
        FileChannel.open(
            probe,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer megabyte = ByteBuffer.allocate(1 << 20);
      while (megabyte.hasRemaining()) {
        channel.write(megabyte);
      }
      channel.force(true);
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      deleteQuietly(probe);
    }
  }

  /** Takes group and others their rights on files that have appeared since the last call. */
  synchronized void restrictModes() throws IOException {
    restrict(folder);
    restrict(database());
  }

  /** Returns when everything in the folder would survive a power failure. */
  void sync() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        if (!each.endsWith("OWNER")) { // closing it again would let the lock go
          force(each);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    restrictModes();
    owner.close();
  }

  private void restrict(Path parent) throws IOException {
    long changed = Files.getLastModifiedTime(parent).toMillis();
    Long last = restricted.get(parent);
    if (last != null && changed < last - CLOCK_TICK_MILLIS) {
      return; // nothing was made in it since
    }
    restricted.put(parent, System.currentTimeMillis());
    try (Stream<Path> children = Files.list(parent)) {
      for (Path child : (Iterable<Path>) children::iterator) {
        restrictFile(child);
      }
    }
  }

  private static void restrictFile(Path file) throws IOException {
    try {
      if (Files.isRegularFile(file) && !Files.getPosixFilePermissions(file).equals(OWNER_ONLY)) {
        Files.setPosixFilePermissions(file, OWNER_ONLY);
      }
    } catch (NoSuchFileException e) {
      // RocksDB has deleted it meanwhile
    }
  }

  private static void makeFolder(Path folder) throws IOException {
    Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY_FOLDER));
    if (!Files.getPosixFilePermissions(folder).equals(OWNER_ONLY_FOLDER)) {
      Files.setPosixFilePermissions(folder, OWNER_ONLY_FOLDER);
    }
  }

  private static FileChannel lock(Path folder) throws IOException {
    Path file = folder.resolve("OWNER");
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
    try {
      if (channel.tryLock() == null) {
        throw inUse(folder, "process " + Files.readString(file).trim());
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(UTF_8)));
      return channel;
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw inUse(folder, "this process itself, by another broker in it");
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static StoreStartException inUse(Path folder, String by) {
    return new StoreStartException(
        "The store's folder "
            + folder
            + " is in use by "
            + by
            + ". Each broker needs a folder of its own: stop the other one, or set"
            + " troupe.store.directory to another folder.");
  }

  private static void checkFormat(Path folder) throws IOException {
    Path file = folder.resolve("FORMAT");
    if (!Files.exists(file)) {
      if (Files.exists(folder.resolve("db").resolve("CURRENT"))) {
        throw new StoreStartException(
            "The store's folder "
                + folder
                + " holds data but its FORMAT file is missing. Restore the whole folder from its"
                + " backup.");
      }
      writeFormat(folder, file);
      return;
    }
    String text = Files.readString(file).trim();
    int version = -1;
    if (text.startsWith(FORMAT_TEXT)
        && text.substring(FORMAT_TEXT.length()).matches("[0-9]{1,9}")) {
      version = Integer.parseInt(text.substring(FORMAT_TEXT.length()));
    }
    if (version > FORMAT_VERSION) {
      throw new StoreStartException(
          "The store in "
              + folder
              + " has format "
              + version
              + ", this version of Troupe reads up to "
              + FORMAT_VERSION
              + ". Start the newer version that wrote it.");
    }
    if (version < 1) {
      throw new StoreStartException(
          file
              + " is damaged: it should read '"
              + FORMAT_TEXT
              + FORMAT_VERSION
              + "'. Restore the folder from its backup.");
    }
  }

  private static void writeFormat(Path folder, Path file) throws IOException {
    Path temporary = folder.resolve("FORMAT.new");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.wrap((FORMAT_TEXT + FORMAT_VERSION + "\n").getBytes(UTF_8)));
      channel.force(true);
    }
    Files.move(temporary, file);
    force(folder);
    if (folder.getParent() != null) {
      force(folder.getParent());
    }
  }

  private static void force(Path fileOrFolder) throws IOException {
    try (FileChannel channel = FileChannel.open(fileOrFolder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static String explain(IOException e) {
    if (e instanceof AccessDeniedException denied) {
      return "no permission for " + denied.getFile();
    }
    if (e instanceof FileSystemException failed && failed.getReason() != null) {
      return failed.getReason() + " (" + failed.getFile() + ")";
    }
    return String.valueOf(e.getMessage());
  }

  private static void deleteTree(Path tree) throws IOException {
    if (Files.notExists(tree)) {
      return;
    }
    List<Path> found;
    try (Stream<Path> all = Files.walk(tree)) {
      found = all.sorted(Comparator.reverseOrder()).toList(); // what is inside goes first
    }
    for (Path each : found) {
      Files.deleteIfExists(each);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // a disk that cannot delete does not accept writes either; the caller has its answer
    }
  }
}
