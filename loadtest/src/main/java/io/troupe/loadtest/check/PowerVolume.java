package io.troupe.loadtest.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An ext4 file system in a file, which can hang, and whose power can fail: the shutdown ioctl stops
 * it without writing its log, so what the broker did not flush is gone at the next mount. Needs
 * root, a loop device, {@code mkfs.ext4}, {@code fsfreeze} and {@code perl}.
 */
public final class PowerVolume {
  private static final String SHUTDOWN_WITHOUT_LOG_FLUSH =
      "my $flag = pack('L', 2); open(my $d, '<', $ARGV[0]) or die $!;"
          + " defined(ioctl($d, 0x8004587d, $flag)) or die $!";

  private final Path image;
  private final Path mountPoint;
  private final int megabytes;
  private boolean mounted;

  public PowerVolume(Path image, Path mountPoint, int megabytes) {
    this.image = image;
    this.mountPoint = mountPoint;
    this.megabytes = megabytes;
  }

  /** Why no power failure can be simulated here, or empty if it can. */
  public static String refusal() {
    if (!"root".equals(System.getProperty("user.name"))) {
      return "the faults 'power' and 'stall' mount a file system of their own: run as root";
    }
    for (String program : new String[] {"mkfs.ext4", "mount", "umount", "fsfreeze", "perl"}) {
      if (Shell.run("/bin/sh", "-c", "command -v " + program) != 0) {
        return "the faults 'power' and 'stall' need the program " + program;
      }
    }
    return "";
  }

  /** Makes the file system anew. */
  public void create() {
    try {
      Files.deleteIfExists(image);
      Files.createDirectories(mountPoint);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Shell.require("truncate", "-s", megabytes + "M", image.toString());
    Shell.require("mkfs.ext4", "-q", "-F", image.toString());
  }

  /** Mounts, which also replays the file system's journal; it is written only every 300 s. */
  public void mount() {
    Shell.require("mount", "-o", "loop,commit=300", image.toString(), mountPoint.toString());
    mounted = true;
  }

  public void cutPower() {
    Shell.require("perl", "-e", SHUTDOWN_WITHOUT_LOG_FLUSH, mountPoint.toString());
  }

  /** Lets all writes wait until {@link #thaw}. */
  public void freeze() {
    Shell.require("fsfreeze", "-f", mountPoint.toString());
  }

  public void thaw() {
    Shell.require("fsfreeze", "-u", mountPoint.toString());
  }

  /** Unmounts; a second call does nothing. */
  public void unmount() {
    if (mounted) {
      Shell.require("umount", mountPoint.toString());
      mounted = false;
    }
  }
}
