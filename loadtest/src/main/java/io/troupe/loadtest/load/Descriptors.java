package io.troupe.loadtest.load;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** File descriptors, of which each connection takes one. */
final class Descriptors {
  /** Jars, logs, event loops. */
  private static final int SPARE = 100;

  private Descriptors() {}

  /**
   * Checks that this process may open so many connections.
   *
   * @throws LoadFailed says what to raise
   */
  static void require(int connections) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        && system.getMaxFileDescriptorCount() < connections + SPARE) {
      throw new LoadFailed(
          String.format(
              "%d connections need more than the %d file descriptors this process may open; raise"
                  + " the limit (ulimit -n %d)",
              connections, system.getMaxFileDescriptorCount(), connections + SPARE));
    }
  }
}
