package io.troupe.loadtest.load;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What a run measured.
 *
 * @param phases in order; most scenarios have one
 * @param series a point per second, warm-up included
 * @param notes failures and other things worth knowing
 */
public record LoadResult(
    LoadPlan plan, List<Phase> phases, Totals totals, List<Second> series, List<String> notes) {

  public LoadResult {
    phases = List.copyOf(phases);
    series = List.copyOf(series);
    notes = List.copyOf(notes);
  }

  /** The same with one more note. */
  public LoadResult withNote(String note) {
    List<String> more = new ArrayList<>(notes);
    more.add(note);
    return new LoadResult(plan, phases, totals, series, more);
  }

  /** Messages above QoS 0 that had to arrive and did not. */
  public long missing() {
    return plan.qos() == 0 ? 0 : Math.max(0, totals.expected() - totals.delivered());
  }

  /** Whether all that had to arrive did, once and whole; QoS 0 may be lost, in order. */
  public boolean isSound() {
    return totals.damaged() == 0
        && totals.misordered() == 0
        && totals.failedConnections() == 0
        && missing() == 0;
  }

  /**
   * One measured stretch of time.
   *
   * @param count of what the phase is about: messages delivered or taken over, or connections
   * @param brokerCpuNanos CPU time of the broker in it, 0 if not measured
   * @param ownCpuNanos CPU time of the generator in it
   * @param brokerPeakBytes the highest resident memory seen in it
   * @param brokerGrowthBytes how much resident memory grew in it
   * @param diskGrowthBytes how much the files of the data folder grew in it, 0 if not measured
   * @param latencies in nanoseconds: from due to received, or of connecting
   */
  public record Phase(
      String name,
      double seconds,
      long count,
      long brokerCpuNanos,
      long ownCpuNanos,
      long brokerPeakBytes,
      long brokerGrowthBytes,
      long diskGrowthBytes,
      Histogram latencies) {

    public double perSecond() {
      return seconds == 0 ? 0 : count / seconds;
    }

    /** Seconds of CPU per million, which is microseconds for one. */
    public double brokerCpuPerMillion() {
      return count == 0 ? 0 : brokerCpuNanos / 1e3 / count;
    }

    public double ownCpuPerMillion() {
      return count == 0 ? 0 : ownCpuNanos / 1e3 / count;
    }

    /** The generator's CPU time as a part of the broker's; 0 if that was not measured. */
    public double ownPart() {
      return brokerCpuNanos == 0 ? 0 : (double) ownCpuNanos / brokerCpuNanos;
    }

    public double diskBytesEach() {
      return count == 0 ? 0 : (double) diskGrowthBytes / count;
    }

    /** Whether the phase timed anything: queuing for absent subscribers and idling do not. */
    public boolean isTimed() {
      return latencies.getTotalCount() > 0;
    }

    public double latencyMillis(double percentile) {
      return latencies.getValueAtPercentile(percentile) / 1e6;
    }
  }

  /**
   * Over the whole run, warm-up and drain included.
   *
   * @param expected deliveries, had every message sent and not refused reached its subscribers
   * @param gaps numbers a subscriber never saw
   * @param misordered messages that came after a later one, or twice without DUP
   * @param damaged messages with a wrong length, publisher or content
   * @param unsent messages that were due, but not sent before the end
   * @param failedConnections clients that never came in, and connections lost while in use
   */
  public record Totals(
      long sent,
      long acknowledged,
      long refused,
      long expected,
      long delivered,
      long gaps,
      long misordered,
      long damaged,
      long unsent,
      long failedConnections) {}

  /** One second of the run; rates per second, latencies in milliseconds. */
  public record Second(
      double at,
      double sentPerSecond,
      double deliveredPerSecond,
      double p50Millis,
      double p99Millis,
      double maxMillis,
      double brokerCpuPercent,
      double ownCpuPercent,
      long brokerBytes) {}
}
