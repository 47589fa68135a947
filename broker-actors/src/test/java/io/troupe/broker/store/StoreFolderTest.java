package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static io.troupe.broker.store.StoreTesting.entries;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreFolderTest {
  @TempDir Path parent;

  private Path folder() {
    return parent.resolve("data").resolve("store");
  }

  private static String mode(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (NoSuchFileException e) {
      return "gone";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean allPrivate(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.allMatch(
          file -> {
            String mode = mode(file);
            return mode.equals("gone") || mode.substring(3).equals("------");
          });
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  @Test
  @Promise("F14")
  void allFilesAreTheOwnersOnly() throws Exception {
    try (EmbeddedStore store = StoreTesting.open(folder())) {
      assertEquals("rwx------", mode(folder()));
      assertEquals("rwx------", mode(folder().resolve("db")));
      assertTrue(allPrivate(folder()));

      await(store.queueLog().append(entries(1, 1, 100, 100), List.of(), List.of()));
      store.database().flush();

      StoreTesting.until("new files are private", () -> allPrivate(folder()));
    }
  }

  @Test
  @Promise("F14")
  void modesOfAnExistingFolderAreNarrowed() throws IOException {
    StoreTesting.open(folder()).close();
    Files.setPosixFilePermissions(folder(), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(
        folder().resolve("FORMAT"), PosixFilePermissions.fromString("rw-r--r--"));

    StoreTesting.open(folder()).close();

    assertTrue(allPrivate(folder()));
  }

  @Test
  void aSecondBrokerInTheProcessIsToldSo() {
    try (EmbeddedStore store = StoreTesting.open(folder())) {
      String message =
          assertThrows(StoreStartException.class, () -> StoreTesting.open(folder())).getMessage();

      assertTrue(message.contains("in use"), message);
      assertEquals(StoreHealth.Status.OK, store.health().status());
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = parent.resolve("file");
    Files.writeString(file, "x");

    String message =
        assertThrows(StoreStartException.class, () -> StoreTesting.open(file.resolve("store")))
            .getMessage();

    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.contains("troupe.store.directory"), message);
  }

  @Test
  void aFolderThatIsAFileIsNamed() throws IOException {
    Path file = parent.resolve("file");
    Files.writeString(file, "x");

    String message =
        assertThrows(StoreStartException.class, () -> StoreTesting.open(file)).getMessage();

    assertTrue(message.contains(file.toString()), message);
  }

  @Test
  void pluginsShareTheProgramsStore() {
    EmbeddedStore store = StoreTesting.open(folder());
    EmbeddedStore shared = EmbeddedStore.share(StoreTesting.settings(folder()));
    assertEquals(store, shared);

    store.close();
    store.close();
    assertEquals(OptionalLong.empty(), shared.nodeMarks().get("x"));
    shared.release();

    assertThrows(StoreUnavailableException.class, () -> shared.nodeMarks().get("x"));
    assertDoesNotThrow(() -> StoreTesting.open(folder()).close());
  }

  @Test
  void marksAreKept() {
    try (EmbeddedStore store = StoreTesting.open(folder())) {
      assertEquals(OptionalLong.empty(), store.nodeMarks().get("alive-at"));
      await(store.nodeMarks().put("alive-at", 17));
      await(store.nodeMarks().put("alive-at", 18));
    }
    try (EmbeddedStore store = StoreTesting.open(folder())) {
      assertEquals(OptionalLong.of(18), store.nodeMarks().get("alive-at"));
    }
  }

  @Test
  void withoutFsyncEverythingIsStoredAllTheSame() {
    var throwAway =
        StoreSettings.from(StoreTesting.with(StoreTesting.config(folder()), "fsync", false));
    try (EmbeddedStore store = EmbeddedStore.open(throwAway)) {
      await(store.queueLog().append(entries(1, 1, 10, 100), List.of(), List.of()));
    }
    try (EmbeddedStore store = EmbeddedStore.open(throwAway)) {
      assertEquals(10, await(store.queueLog().bounds(1)).lastOffset());
    }
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    var config = StoreTesting.with(StoreTesting.config(folder()), "memory", "1 MiB");

    String message =
        assertThrows(IllegalArgumentException.class, () -> StoreSettings.from(config)).getMessage();

    assertTrue(message.contains("memory"), message);
  }
}
