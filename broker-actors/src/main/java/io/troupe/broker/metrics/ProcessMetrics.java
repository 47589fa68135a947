package io.troupe.broker.metrics;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.OperatingSystemMXBean;
import io.troupe.broker.limits.NodeReadings;
import io.troupe.protocol.transport.EventLoops;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.management.ListenerNotFoundException;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;
import kamon.Kamon;
import kamon.metric.Gauge;
import kamon.metric.Histogram;
import kamon.metric.MeasurementUnit;

/**
 * What the JVM and its process use. The names are those of Prometheus's own client for Java, so
 * that dashboards made for it work. Kamon's module of system metrics has other names, and brings
 * native code and a thread that wakes a thousand times a second.
 */
final class ProcessMetrics implements AutoCloseable {
  private static final MeasurementUnit BYTES = MeasurementUnit.information().bytes();
  private static final MeasurementUnit MILLISECONDS = MeasurementUnit.time().milliseconds();
  private static final MeasurementUnit NANOSECONDS = MeasurementUnit.time().nanoseconds();
  private static final Path STATUS = Path.of("/proc/self/status");

  private final MetricsExport export;
  private final Map<String, Histogram> collections = new TreeMap<>();
  private final NotificationListener onCollection =
      (event, handback) -> collected(event.getUserData());

  ProcessMetrics(MetricsExport export) {
    this.export = export;
    memory(ManagementFactory.getMemoryMXBean());
    buffers();
    collections();
    threads(ManagementFactory.getThreadMXBean());
    process(ManagementFactory.getRuntimeMXBean());
  }

  private void memory(MemoryMXBean memory) {
    var used = Kamon.gauge("jvm.memory.used", "Bytes used", BYTES);
    var committed = Kamon.gauge("jvm.memory.committed", "Bytes taken from the system", BYTES);
    Map<String, Supplier<MemoryUsage>> areas =
        Map.of("heap", memory::getHeapMemoryUsage, "nonheap", memory::getNonHeapMemoryUsage);
    areas.forEach(
        (area, usage) -> {
          export.gauge(used.withTag("area", area), () -> usage.get().getUsed());
          export.gauge(committed.withTag("area", area), () -> usage.get().getCommitted());
        });
    export.gauge(
        Kamon.gauge("jvm.memory.max", "Bytes it may grow to", BYTES).withTag("area", "heap"),
        () -> memory.getHeapMemoryUsage().getMax());
  }

  private void buffers() {
    var used = Kamon.gauge("jvm.buffer.pool.used", "Bytes of buffers outside the heap", BYTES);
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      export.gauge(used.withTag("pool", pool.getName()), pool::getMemoryUsed);
    }
    export.gauge(used.withTag("pool", "network"), EventLoops::bufferBytes);
  }

  private void collections() {
    var durations =
        Kamon.histogram("jvm.gc.collection", "Time in the garbage collector", NANOSECONDS);
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      collections.put(collector.getName(), durations.withTag("gc", collector.getName()));
      if (collector instanceof NotificationEmitter emitter) {
        emitter.addNotificationListener(onCollection, null, null);
      }
    }
  }

  private void collected(Object content) {
    if (content instanceof CompositeData data) {
      var info = GarbageCollectionNotificationInfo.from(data);
      Histogram durations = collections.get(info.getGcName());
      if (durations != null) {
        durations.record(TimeUnit.MILLISECONDS.toNanos(info.getGcInfo().getDuration()));
      }
    }
  }

  private void threads(ThreadMXBean threads) {
    gauge("jvm.threads.current", "Threads", threads::getThreadCount);
    gauge(
        "jvm.threads.daemon", "Threads that do not keep it running", threads::getDaemonThreadCount);
    gauge("jvm.threads.peak", "Most threads there were", threads::getPeakThreadCount);
  }

  private void process(RuntimeMXBean runtime) {
    var start = Kamon.gauge("process.start.time", "Start, since 1970", MILLISECONDS);
    export.gauge(start.withoutTags(), runtime::getStartTime);
    var uptime = Kamon.gauge("process.uptime", "Time since the start", MILLISECONDS);
    export.gauge(uptime.withoutTags(), runtime::getUptime);
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      var cpu = Kamon.counter("process.cpu", "User and system CPU time", NANOSECONDS);
      export.counter(cpu.withoutTags(), system::getProcessCpuTime);
    }
    var open = Kamon.gauge("process.open.fds", "File descriptors in use").withoutTags();
    var max = Kamon.gauge("process.max.fds", "File descriptors allowed").withoutTags();
    export.sampled(
        () -> {
          NodeReadings now = NodeReadings.ofThisProcess();
          open.update((double) now.descriptorsOpen());
          max.update((double) now.descriptorsMax());
        });
    if (Files.isReadable(STATUS)) {
      var resident = Kamon.gauge("process.resident.memory", "Bytes in memory", BYTES);
      export.sampled(() -> updateResident(resident.withoutTags()));
    }
  }

  private void gauge(String name, String description, Supplier<Integer> value) {
    export.gauge(Kamon.gauge(name, description).withoutTags(), () -> value.get());
  }

  /** Reading takes a file descriptor: when none is left, the last figure stays. */
  private static void updateResident(Gauge resident) {
    try {
      List<String> lines = Files.readAllLines(STATUS);
      for (String line : lines) {
        if (line.startsWith("VmRSS:")) {
          long kilobytes = Long.parseLong(line.replaceAll("[^0-9]", ""));
          resident.update((double) (kilobytes * 1024));
        }
      }
    } catch (IOException e) {
      // see above
    }
  }

  @Override
  public void close() {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (collector instanceof NotificationEmitter emitter) {
        try {
          emitter.removeNotificationListener(onCollection);
        } catch (ListenerNotFoundException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
