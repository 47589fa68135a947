package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static io.troupe.broker.store.StoreTesting.entries;
import static io.troupe.broker.store.StoreTesting.folderBytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a store that is being written, and stores made of them. */
class BackupFolderTest {
  private static final int ENTRY_BYTES = 1_000;

  @TempDir Path folder;

  private Path live;
  private Path backups;

  @BeforeEach
  void name() {
    live = folder.resolve("live");
    backups = folder.resolve("backups");
  }

  private static void append(EmbeddedStore store, long queue, long from, long to) {
    await(store.queueLog().append(entries(queue, from, to, ENTRY_BYTES), List.of(), List.of()));
  }

  private Backup take(EmbeddedStore store) throws BackupException {
    try (StoreCheckpoint checkpoint = store.checkpoint()) {
      return BackupFolder.toWrite(backups)
          .take(checkpoint.folder(), checkpoint.commit(), "1.2.3", Map.of("a.b", "64"), 0);
    }
  }

  private Path restore(Backup backup) throws BackupException {
    Path restored = folder.resolve("restored-" + backup.id());
    return BackupFolder.toRead(backups).restore(backup, restored);
  }

  @Test
  void whatWasStoredBeforeIsInItWhileWritingGoesOn() throws Exception {
    Backup backup;
    long before;
    AtomicLong stored = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    try (EmbeddedStore store = StoreTesting.open(live)) {
      append(store, 2, 1, 50);
      Thread writer =
          new Thread(
              () -> {
                while (!stop.get()) {
                  append(store, 1, stored.get() + 1, stored.get() + 1);
                  stored.incrementAndGet();
                }
              });
      writer.start();
      try {
        StoreTesting.until("writing", () -> stored.get() > 20);
        before = stored.get();
        backup = take(store);
        long after = stored.get();
        StoreTesting.until("writing goes on", () -> stored.get() > after + 5);
      } finally {
        stop.set(true);
        writer.join();
      }
    }

    try (EmbeddedStore store = StoreTesting.open(restore(backup))) {
      long last = await(store.queueLog().bounds(1)).lastOffset();
      assertTrue(last >= before && last < stored.get(), before + " " + last + " " + stored);
      assertEquals(
          entries(1, 1, last, ENTRY_BYTES),
          await(store.queueLog().read(1, 1, Integer.MAX_VALUE, Long.MAX_VALUE)));
      assertEquals(50, await(store.queueLog().bounds(2)).lastOffset());
      append(store, 1, last + 1, last + 1);
    }
  }

  @Test
  void aSecondBackupCopiesOnlyWhatIsNewAndBothCanBeRestored() throws Exception {
    Backup first;
    Backup second;
    long afterFirst;
    try (EmbeddedStore store = StoreTesting.open(live)) {
      append(store, 1, 1, 2_000);
      first = take(store);
      afterFirst = folderBytes(backups);
      append(store, 1, 2_001, 2_010);
      second = take(store);
    }

    assertTrue(afterFirst > 2_000 * ENTRY_BYTES);
    assertTrue(folderBytes(backups) - afterFirst < 500 * ENTRY_BYTES);
    assertEquals(List.of(first, second), BackupFolder.toRead(backups).list());
    for (Backup backup : List.of(first, second)) {
      try (EmbeddedStore store = StoreTesting.open(restore(backup))) {
        long last = backup.equals(first) ? 2_000 : 2_010;
        assertEquals(last, await(store.queueLog().bounds(1)).lastOffset());
      }
    }
    BackupFolder.toWrite(backups).keep(1);
    assertEquals(List.of(second), BackupFolder.toRead(backups).list());
  }

  @Test
  void oneByteChangedInAnyFileRefusesIt() throws Exception {
    Backup backup;
    try (EmbeddedStore store = StoreTesting.open(live)) {
      append(store, 1, 1, 10);
      backup = take(store);
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(backups)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(file -> file.toFile().length() > 0 && !file.endsWith("TROUPE-BACKUPS"))
              .toList();
    }
    assertTrue(files.stream().anyMatch(file -> file.toString().endsWith(".sst")), "" + files);

    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      byte[] changed = whole.clone();
      changed[whole.length / 2] ^= 1;
      Files.write(file, changed);
      Path target = folder.resolve("refused-" + file.getFileName());
      assertThrows(BackupException.class, () -> restoreFirst(target), file.toString());
      Files.write(file, whole);
    }
    restore(backup);
  }

  private void restoreFirst(Path target) throws BackupException {
    BackupFolder backedUp = BackupFolder.toRead(backups);
    if (!backedUp.damaged().isEmpty()) {
      throw new BackupException("known to be damaged", null);
    }
    backedUp.restore(backedUp.list().get(0), target);
  }

  @Test
  void aMissingFileIsNoticed() throws Exception {
    try (EmbeddedStore store = StoreTesting.open(live)) {
      append(store, 1, 1, 10);
      take(store);
    }
    try (Stream<Path> shared = Files.list(backups.resolve("shared_checksum"))) {
      Files.delete(shared.findFirst().orElseThrow());
    }

    assertEquals(List.of(1), BackupFolder.toRead(backups).damaged());
    assertEquals(List.of(), BackupFolder.toRead(backups).list());
  }

  @Test
  void oneCheckpointAtATimeAndNothingIsLeftOfIt() throws Exception {
    Path checkpointed;
    try (EmbeddedStore store = StoreTesting.open(live)) {
      append(store, 1, 1, 10);
      try (StoreCheckpoint first = store.checkpoint()) {
        checkpointed = first.folder();
        assertTrue(Files.isDirectory(checkpointed));
        assertThrows(BackupException.class, store::checkpoint);
      }
      assertFalse(Files.exists(checkpointed));
      store.checkpoint(); // of a command that the end of the broker interrupts
      assertTrue(Files.isDirectory(checkpointed));
    }
    assertTrue(Files.isDirectory(checkpointed), "the command may still copy it");

    try (EmbeddedStore store = StoreTesting.open(live)) {
      assertFalse(Files.exists(checkpointed));
      assertEquals(10, await(store.queueLog().bounds(1)).lastOffset());
    }
  }

  @Test
  void aFolderWithOtherFilesIsNotTakenForOneOfBackups() throws IOException {
    Files.createDirectory(backups);
    Files.writeString(backups.resolve("letter"), "important");

    assertThrows(BackupException.class, () -> BackupFolder.toWrite(backups));
    assertThrows(BackupException.class, () -> BackupFolder.toRead(backups));
    assertThrows(BackupException.class, () -> BackupFolder.toWrite(backups.resolve("letter")));
  }

  @Test
  void itsDescriptionTellsDamageAndLaterVersions() throws Exception {
    Backup.About about =
        new Backup.About("1.2.3", 1, Instant.ofEpochSecond(1_000_000), 77, Map.of("x.y", "8"));
    String text = about.encode();

    assertEquals(about, Backup.About.decode(text));
    for (int i = 0; i < text.length(); i++) {
      StringBuilder changed = new StringBuilder(text);
      changed.setCharAt(i, text.charAt(i) == 'z' ? 'y' : 'z');
      assertThrows(BackupException.class, () -> Backup.About.decode(changed.toString()));
    }
    BackupException later =
        assertThrows(
            BackupException.class,
            () -> Backup.About.decode(text.replace("troupe-backup 1", "troupe-backup 2")));
    assertTrue(String.valueOf(later.getMessage()).contains("later version"));
  }
}
