package io.troupe.loadtest.load;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** CPU time and memory of a broker's processes, from /proc, and our own CPU time. */
public final class ProcessMeter {
  private static final long NANOS_PER_TICK = 10_000_000;
  private static final OperatingSystemMXBean OWN =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final List<Long> pids;

  /**
   * @param pid of a process that is read with all it started, or 0 for none
   */
  public ProcessMeter(long pid) {
    this.pids =
        pid == 0
            ? List.of()
            : Stream.concat(
                    Stream.of(pid),
                    ProcessHandle.of(pid).stream()
                        .flatMap(ProcessHandle::descendants)
                        .map(ProcessHandle::pid))
                .toList();
  }

  public boolean isMeasuring() {
    return !pids.isEmpty();
  }

  /** User and system time so far; 0 if nothing is measured or it ended. */
  public long cpuNanos() {
    long ticks = 0;
    for (long pid : pids) {
      String stat = read(pid, "stat");
      if (!stat.isEmpty()) {
        // The name, in parentheses, may contain blanks; user time is field 14, system time 15.
        List<String> fields =
            List.of(stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1));
        ticks += Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12));
      }
    }
    return ticks * NANOS_PER_TICK;
  }

  /** Resident memory now. */
  public long residentBytes() {
    long kilobytes = 0;
    for (long pid : pids) {
      for (String line : read(pid, "status").lines().toList()) {
        if (line.startsWith("VmRSS:")) {
          kilobytes += Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    }
    return kilobytes * 1024;
  }

  /** CPU time of this process so far. */
  public static long ownCpuNanos() {
    return OWN.getProcessCpuTime();
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (IOException e) {
      return "";
    }
  }
}
