package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static io.troupe.broker.store.StoreTesting.entries;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full or read-only: nothing is acknowledged, and service returns by itself. */
@Tag("mount")
class DiskFullTest {
  private static final long QUEUE = 1;

  @TempDir Path folder;
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", folder.toString());
    assumeTrue(mounted, "needs the right to mount a tmpfs");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertTrue(run("umount", folder.toString()));
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  /** Appends until the first failure; the last acknowledged offset. */
  private static long fill(EmbeddedStore store, long from) {
    for (long offset = from; ; offset += 10) {
      try {
        await(
            store
                .queueLog()
                .append(entries(QUEUE, offset, offset + 9, 20_000), List.of(), List.of()));
      } catch (StoreUnavailableException e) {
        return offset - 1;
      }
    }
  }

  @Test
  void aFullDiskFailsWritesAndServiceReturnsWithTheSpace() throws Exception {
    Path ballast = folder.resolve("ballast");
    Files.write(ballast, new byte[30_000_000]);
    Path data = folder.resolve("store");
    long acknowledged;
    try (EmbeddedStore store = StoreTesting.open(data)) {
      acknowledged = fill(store, 1);
      assertTrue(acknowledged > 100, "acknowledged " + acknowledged);
      assertEquals(StoreHealth.Status.FAILED, store.health().status());
      assertTrue(store.health().reason().contains("No space left"), store.health().reason());
      assertEquals(
          entries(QUEUE, 1, 2, 20_000),
          await(store.queueLog().read(QUEUE, 1, 2, Long.MAX_VALUE)),
          "reading goes on");
      assertThrows(
          StoreUnavailableException.class,
          () -> await(store.queueLog().append(entries(2, 1, 1, 10), List.of(), List.of())));

      Files.delete(ballast);

      StoreTesting.until("recovered", () -> store.health().status() == StoreHealth.Status.OK);
      long last = await(store.queueLog().bounds(QUEUE)).lastOffset();
      assertTrue(last >= acknowledged, last + " of " + acknowledged);
      await(
          store
              .queueLog()
              .append(entries(QUEUE, last + 1, last + 10, 20_000), List.of(), List.of()));
      acknowledged = last + 10;
    }
    try (EmbeddedStore store = StoreTesting.open(data)) {
      assertEquals(acknowledged, await(store.queueLog().bounds(QUEUE)).lastOffset());
      assertEquals(
          entries(QUEUE, 1, acknowledged, 20_000),
          await(store.queueLog().read(QUEUE, 1, Integer.MAX_VALUE, Long.MAX_VALUE)));
    }
  }

  @Test
  void aFullDiskAtTheEndLosesNothing() throws Exception {
    Path ballast = folder.resolve("ballast");
    Files.write(ballast, new byte[30_000_000]);
    Path data = folder.resolve("store");
    long acknowledged;
    try (EmbeddedStore store = StoreTesting.open(data)) {
      acknowledged = fill(store, 1);
    }

    Files.delete(ballast);

    try (EmbeddedStore store = StoreTesting.open(data)) {
      assertTrue(await(store.queueLog().bounds(QUEUE)).lastOffset() >= acknowledged);
      assertEquals(
          entries(QUEUE, 1, acknowledged, 20_000),
          await(store.queueLog().read(QUEUE, 1, (int) acknowledged, Long.MAX_VALUE)));
    }
  }

  @Test
  void aStartOnAFullDiskSaysSo() throws Exception {
    Path data = folder.resolve("store");
    try (EmbeddedStore store = StoreTesting.open(data)) {
      await(store.queueLog().append(entries(QUEUE, 1, 500, 20_000), List.of(), List.of()));
    }
    Path ballast = folder.resolve("ballast");
    fillUp(ballast);

    String message =
        assertThrows(StoreStartException.class, () -> StoreTesting.open(data)).getMessage();
    assertTrue(message.contains("No space left"), message);

    Files.delete(ballast);
    try (EmbeddedStore store = StoreTesting.open(data)) {
      assertEquals(500, await(store.queueLog().bounds(QUEUE)).lastOffset());
    }
  }

  private static void fillUp(Path file) {
    try (var stream = Files.newOutputStream(file)) {
      byte[] page = new byte[4_096];
      while (true) {
        stream.write(page);
      }
    } catch (IOException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("No space left"), e.toString());
    }
  }

  @Test
  void aReadOnlyDiskFailsTheStart() throws Exception {
    Path data = folder.resolve("store");
    StoreTesting.open(data).close();
    assertTrue(run("mount", "-o", "remount,ro", folder.toString()));

    String message =
        assertThrows(StoreStartException.class, () -> StoreTesting.open(data)).getMessage();

    assertTrue(message.contains("Read-only file system"), message);
  }
}
