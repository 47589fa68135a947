package io.troupe.broker.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that stores ends in every bad way: what it acknowledged is there afterwards. */
class CrashTest {
  @TempDir Path folder;

  @AfterEach
  void leaveNothingMounted() {
    if (Files.exists(folder.resolve("disk"))) {
      run("umount", folder.resolve("disk").toString());
    }
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // no such program
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Promise("I1")
  void everythingAcknowledgedIsThereAfterKill() throws Exception {
    for (int round = 1; round <= 3; round++) {
      StoreProcess writer = StoreProcess.start(folder, false);

      writer.follow(round * 700, writer::kill);

      writer.assertAcknowledgedIsThere(folder);
    }
  }

  @Test
  void everythingAcknowledgedIsThereAfterHalt() throws Exception {
    StoreProcess writer = StoreProcess.start(folder, true);

    assertEquals(StoreProcess.HALTED, writer.follow(Integer.MAX_VALUE, () -> {}));

    writer.assertAcknowledgedIsThere(folder);
  }

  @Test
  void aSecondProcessIsToldWhoHasTheFolder() throws Exception {
    StoreProcess writer = StoreProcess.start(folder, false);
    CompletableFuture<String> message = new CompletableFuture<>();
    writer.follow(
        1,
        () -> {
          message.complete(
              assertThrows(StoreStartException.class, () -> StoreTesting.open(folder))
                  .getMessage());
          writer.kill();
        });

    assertTrue(message.get().contains("in use by process " + writer.pid()), message.get());
  }

  @Test
  @Tag("strace")
  @Promise("I23")
  void failedFsyncsAreNeverAcknowledgedAndServiceReturns() throws Exception {
    assumeTrue(
        run("strace", "-qq", "-o", "/dev/null", "true"), "needs strace and the right to trace");
    StoreProcess writer =
        StoreProcess.start(
            folder,
            true,
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "--trace=fdatasync",
            "--inject=fdatasync:error=EIO:when=100..101");

    assertEquals(StoreProcess.HALTED, writer.follow(Integer.MAX_VALUE, () -> {}));

    assertTrue(writer.failures() > 0, "no failure was injected");
    writer.assertAcknowledgedIsThere(folder);
  }

  /**
   * The file system is shut down without writing its log, as if the power failed: what was not
   * fsynced is gone. Every round kills the store in another moment.
   */
  @Test
  @Tag("mount")
  @Promise("I1")
  void everythingAcknowledgedIsThereAfterPowerFailure() throws Exception {
    Path image = folder.resolve("image");
    Path disk = folder.resolve("disk");
    Files.createDirectory(disk);
    assumeTrue(
        run("truncate", "-s", "256M", image.toString())
            && run("mkfs.ext4", "-q", "-F", image.toString())
            && run("perl", "-e", "1"),
        "needs mkfs.ext4 and perl");
    for (int round = 1; round <= 4; round++) {
      assumeTrue(
          run("mount", "-o", "loop,commit=300", image.toString(), disk.toString()),
          "needs the right to mount");
      StoreProcess writer = StoreProcess.start(disk.resolve("store"), false);
      writer.follow(
          round * 500,
          () -> {
            boolean shutDown = shutDown(disk);
            writer.kill();
            assertTrue(shutDown, "shutdown of the file system");
          });
      StoreTesting.until("unmounted", () -> run("umount", disk.toString()));

      assertTrue(run("mount", "-o", "loop", image.toString(), disk.toString()));
      try {
        writer.assertAcknowledgedIsThere(disk.resolve("store"));
      } finally {
        StoreTesting.until("unmounted", () -> run("umount", disk.toString()));
      }
    }
  }

  /** EXT4_IOC_SHUTDOWN with flag "no log flush". */
  private static boolean shutDown(Path disk) {
    String script =
        "open(F, '<', $ARGV[0]) or exit 1; my $f = pack('L', 2);"
            + " ioctl(F, 0x8004587d, $f) or exit 1";
    return run("perl", "-e", script, disk.toString());
  }
}
