package io.troupe.loadtest.check;

import io.troupe.loadtest.load.ProcessMeter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a broker occupies at rest, from /proc. A value that cannot be had is -1.
 *
 * @param heapBytes live objects of its Java heap, after a full collection; -1 if it is not Java or
 *     there is no {@code jcmd}
 * @param residentBytes memory of its processes
 * @param threads of its processes
 * @param descriptors open files and sockets of its processes
 * @param diskBytes of its data directory
 */
public record Footprint(
    long heapBytes, long residentBytes, long threads, long descriptors, long diskBytes) {
  private static final Pattern HISTOGRAM_TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

  /**
   * Measures a process and all it started; a Java heap is collected first.
   *
   * @param data the broker's, or null if it is not known
   */
  public static Footprint of(long pid, @Nullable Path data) {
    List<Long> pids =
        Stream.concat(
                Stream.of(pid),
                ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::descendants)
                    .map(ProcessHandle::pid))
            .toList();
    long heap = pids.stream().mapToLong(Footprint::heapBytes).max().orElse(-1);
    return new Footprint(
        heap,
        new ProcessMeter(pid).residentBytes(),
        pids.stream().mapToLong(p -> entries(p, "task")).sum(),
        pids.stream().mapToLong(p -> entries(p, "fd")).sum(),
        data == null ? -1 : diskBytes(data));
  }

  private static long heapBytes(long pid) {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Matcher total =
        HISTOGRAM_TOTAL.matcher(
            Shell.output(jcmd.toString(), Long.toString(pid), "GC.class_histogram"));
    return total.find() ? Long.parseLong(total.group(1)) : -1;
  }

  private static long entries(long pid, String folder) {
    try (Stream<Path> found = Files.list(Path.of("/proc", Long.toString(pid), folder))) {
      return found.count();
    } catch (IOException e) {
      return 0;
    }
  }

  private static long diskBytes(Path data) {
    String size = Shell.output("du", "-sB1", data.toString());
    return size.isEmpty() ? -1 : Long.parseLong(size.split("\\s", 2)[0]);
  }
}
