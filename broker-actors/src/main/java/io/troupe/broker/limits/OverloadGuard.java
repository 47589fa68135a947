package io.troupe.broker.limits;

import io.troupe.broker.config.LimitsConfig;
import io.troupe.protocol.packet.ReasonCode;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses new clients while this node is short of memory or file descriptors, so that the ones it
 * has keep working. {@link #sample} is called about once per second off the event loops; {@link
 * #refusal} is a read of one field.
 */
public final class OverloadGuard {
  private static final Logger LOG = LoggerFactory.getLogger(OverloadGuard.class);

  private final LimitsConfig limits;
  private final Supplier<NodeReadings> readings;
  private volatile @Nullable String overload;
  private volatile NodeReadings latest = new NodeReadings(0, 1, 0, Long.MAX_VALUE);

  public OverloadGuard(LimitsConfig limits, Supplier<NodeReadings> readings) {
    this.limits = limits;
    this.readings = readings;
  }

  /** Judges anew; logs when the verdict changes. */
  public void sample() {
    String before = overload;
    NodeReadings read = readings.get();
    latest = read;
    String now = judge(read);
    overload = now;
    if (before == null && now != null) {
      LOG.warn("Overloaded, new clients are refused: {}", now);
    } else if (before != null && now == null) {
      LOG.info("No longer overloaded, new clients are accepted");
    }
  }

  /** SERVER_BUSY while overloaded, else null. */
  public @Nullable ReasonCode refusal() {
    return overload == null ? null : ReasonCode.SERVER_BUSY;
  }

  /** Why new clients are refused, in words, or null. */
  public @Nullable String overload() {
    return overload;
  }

  /** What was read last. */
  public NodeReadings latest() {
    return latest;
  }

  /** File descriptors that connections may take before the reserve is touched; below 0: none. */
  public long descriptorsFree() {
    NodeReadings now = latest;
    return now.descriptorsMax() - now.descriptorsOpen() - reserve(now);
  }

  /** Where there are few descriptors, most of them are for clients all the same. */
  private long reserve(NodeReadings now) {
    return Math.min(limits.descriptorsReserve(), now.descriptorsMax() / 4);
  }

  private @Nullable String judge(NodeReadings now) {
    long percent = now.heapUsedBytes() * 100 / Math.max(1, now.heapMaxBytes());
    if (limits.heapUsedPercentMax() < 100 && percent > limits.heapUsedPercentMax()) {
      return percent + "% of the heap is in use; give it more with -Xmx in JAVA_OPTS";
    }
    if (now.descriptorsMax() - now.descriptorsOpen() < reserve(now)) {
      return now.descriptorsOpen()
          + " of "
          + now.descriptorsMax()
          + " file descriptors are open; raise the limit (ulimit -n, LimitNOFILE)";
    }
    return null;
  }
}
