package io.troupe.broker.limits;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;

/**
 * What {@link OverloadGuard} judges by.
 *
 * @param heapUsedBytes live after the last collection, as far as the collector tells
 * @param heapMaxBytes what the heap may grow to
 * @param descriptorsOpen file descriptors in use; 0 if the system does not tell
 * @param descriptorsMax this process's limit
 */
public record NodeReadings(
    long heapUsedBytes, long heapMaxBytes, long descriptorsOpen, long descriptorsMax) {

  /** Reads this process; counting descriptors takes milliseconds when there are many. */
  public static NodeReadings ofThisProcess() {
    long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    long live = Math.min(used, usedAfterCollection());
    long max = Runtime.getRuntime().maxMemory();
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      long descriptorsMax = unix.getMaxFileDescriptorCount();
      return new NodeReadings(live, max, descriptorsOpen(unix, descriptorsMax), descriptorsMax);
    }
    return new NodeReadings(live, max, 0, Long.MAX_VALUE);
  }

  /** Counting takes a descriptor itself: without one, all of them are in use. */
  private static long descriptorsOpen(UnixOperatingSystemMXBean unix, long max) {
    try {
      return unix.getOpenFileDescriptorCount();
    } catch (InternalError e) {
      return max;
    }
  }

  private static long usedAfterCollection() {
    long used = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage after = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
      used += after == null ? 0 : after.getUsed();
    }
    return used;
  }
}
