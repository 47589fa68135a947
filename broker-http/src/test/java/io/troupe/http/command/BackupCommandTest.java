package io.troupe.http.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.store.EmbeddedStore;
import io.troupe.broker.store.StoreSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code troupe backup} and {@code troupe restore} with a store that is open. */
class BackupCommandTest {
  @TempDir Path folder;

  private Path data;
  private Path backups;
  private EmbeddedStore store;
  private BackupSocket socket;

  private static StoreSettings settings(Path dataDir) throws Exception {
    return BrokerConfig.of(Map.of("troupe.dev", true, "troupe.data-dir", dataDir.toString()))
        .store()
        .settings();
  }

  @BeforeEach
  void open() throws Exception {
    data = folder.resolve("data");
    backups = folder.resolve("backups");
    store = EmbeddedStore.open(settings(data));
    DataLayout.write(data, Map.of("troupe.routing.partitions", 64));
    socket = BackupSocket.open(data, store::checkpoint);
    put(1);
  }

  @AfterEach
  void close() throws Exception {
    socket.close();
    store.close();
  }

  private void put(long value) throws Exception {
    store.nodeMarks().put("mark", value).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private CommandLineRun backup(String... more) {
    String[] all = {"backup", "--data", data.toString(), "--to", backups.toString()};
    return CommandLineRun.of(Stream.concat(Stream.of(all), Stream.of(more)).toArray(String[]::new));
  }

  private CommandLineRun restore(Path target, String... more) {
    String[] all = {"restore", "--from", backups.toString(), "--data", target.toString()};
    return CommandLineRun.of(Stream.concat(Stream.of(all), Stream.of(more)).toArray(String[]::new));
  }

  private static void assertHolds(Path restored, long value) throws Exception {
    try (EmbeddedStore store = EmbeddedStore.open(settings(restored))) {
      assertEquals(OptionalLong.of(value), store.nodeMarks().get("mark"));
    }
  }

  @Test
  void eachBackupMakesTheDataFolderOfItsMoment() throws Exception {
    CommandLineRun first = backup();
    put(2);
    CommandLineRun second = backup();
    put(3);
    CommandLineRun newest = restore(folder.resolve("newest"));
    CommandLineRun oldest = restore(folder.resolve("oldest"), "--backup", "1");

    for (CommandLineRun run : new CommandLineRun[] {first, second, newest, oldest}) {
      assertEquals(0, run.exitCode(), run.err());
    }
    assertTrue(second.out().startsWith("Took backup 2 in " + backups), second.out());
    assertTrue(newest.out().startsWith("Restored backup 2 into "), newest.out());
    assertHolds(folder.resolve("newest"), 2);
    assertHolds(folder.resolve("oldest"), 1);
    assertEquals(
        Files.readString(data.resolve("LAYOUT")),
        Files.readString(folder.resolve("newest/LAYOUT")));
    assertFalse(Files.exists(folder.resolve("newest/restoring")));
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("newest"))));
    assertFalse(Files.exists(data.resolve("store/checkpoint")));
  }

  @Test
  void oldBackupsGoAndTheRestIsListed() {
    backup();
    assertEquals(0, backup("--keep", "1").exitCode());

    CommandLineRun list = CommandLineRun.of("restore", "--from", backups.toString(), "--list");

    assertEquals(0, list.exitCode(), list.err());
    assertTrue(list.out().startsWith("2  20"), list.out());
    assertEquals(1, list.out().lines().count(), list.out());
    assertEquals(1, restore(folder.resolve("new"), "--backup", "1").exitCode());
  }

  @Test
  void aDamagedBackupLeavesTheTargetEmpty() throws Exception {
    backup();
    try (Stream<Path> files = Files.list(backups.resolve("shared_checksum"))) {
      Path file = files.findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);
    }
    Path target = folder.resolve("new");

    CommandLineRun run = restore(target);

    assertEquals(ExitCode.FAILED, run.exitCode(), run.out());
    assertTrue(run.err().contains("hecksum"), run.err());
    try (Stream<Path> files = Files.list(target)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void aFolderWithDataIsLeftAlone() throws Exception {
    backup();
    Path target = Files.createDirectory(folder.resolve("used"));
    Files.writeString(target.resolve("LAYOUT"), "x = 1\n");

    CommandLineRun run = restore(target);

    assertEquals(ExitCode.FAILED, run.exitCode());
    assertTrue(run.err().contains("holds data"), run.err());
    assertEquals("x = 1\n", Files.readString(target.resolve("LAYOUT")));
  }

  @Test
  void anInterruptedRestoreRefusesTheStart() throws Exception {
    backup();
    Path target = folder.resolve("new");
    RestoredFolder interrupted = RestoredFolder.begin(target);
    Files.createDirectories(interrupted.store());

    StartFailure failure = assertThrows(StartFailure.class, () -> Preflight.dataFolder(target));

    assertTrue(String.valueOf(failure.getMessage()).contains("troupe restore"));
    assertTrue(restore(target).err().contains("holds data"));
    interrupted.close();
    Preflight.dataFolder(target);
  }

  @Test
  void withoutABrokerItSaysSo() throws Exception {
    socket.close();

    CommandLineRun run = backup();

    assertEquals(ExitCode.FAILED, run.exitCode());
    assertTrue(run.err().contains("no broker"), run.err());
    assertTrue(run.err().contains(data.toString()), run.err());
  }

  @Test
  void wrongUseIsExitCode2() {
    assertEquals(ExitCode.USAGE, CommandLineRun.of("backup").exitCode());
    assertEquals(ExitCode.USAGE, CommandLineRun.of("restore", "--from", "x", "y").exitCode());
    assertTrue(CommandLineRun.of("backup", "--help").out().contains("--keep"));
  }
}
