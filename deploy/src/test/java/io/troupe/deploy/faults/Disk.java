package io.troupe.deploy.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A small file system of its own, for faults that only a whole one can have. */
final class Disk implements AutoCloseable {
  private final Path folder;

  private Disk(Path folder) {
    this.folder = folder;
  }

  /** Memory of this size; the test is skipped without the right to mount. */
  static Disk ofMemory(Path folder, String size) throws IOException {
    Path at = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=" + size + ",mode=0700", "tmpfs", at.toString()),
        "needs root: mounts a tmpfs");
    return new Disk(at);
  }

  /** A file system that becomes read-only at its first error, in a file of this size. */
  static Disk thatTurnsReadOnly(Path folder, String size) throws IOException {
    Path at = Files.createDirectory(folder.resolve("disk"));
    String image = folder.resolve("image").toString();
    assumeTrue(
        run("truncate", "-s", size, image)
            && run("mkfs.ext4", "-q", "-F", image)
            && run("mount", "-o", "loop,errors=remount-ro", image, at.toString()),
        "needs root, mkfs.ext4 and loop devices: mounts an ext4 file");
    return new Disk(at);
  }

  Path folder() {
    return folder;
  }

  /** Lets the kernel report an error of the file system, upon which it becomes read-only. */
  void turnReadOnly() throws IOException {
    String source = output("findmnt", "-n", "-o", "SOURCE", folder.toString()).strip();
    Path trigger =
        Path.of("/sys/fs/ext4", source.substring(source.lastIndexOf('/') + 1), "trigger_fs_error");
    assumeTrue(Files.isWritable(trigger), "needs " + trigger);
    Files.writeString(trigger, "test of the broker");
  }

  /** As an operator does: checks the file system and mounts it again. */
  void repair() throws IOException {
    close();
    run("e2fsck", "-p", image().toString());
    assertTrue(run("mount", "-o", "loop", image().toString(), folder.toString()), "mount");
  }

  private Path image() {
    return folder.resolveSibling("image");
  }

  @Override
  public void close() throws IOException {
    assertTrue(run("umount", folder.toString()), "umount " + folder);
  }

  /** Whether the command ended well. */
  static boolean run(String... command) throws IOException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      return false; // no such program
    }
  }

  private static String output(String... command) throws IOException {
    Process process = new ProcessBuilder(command).start();
    return new String(
        process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
