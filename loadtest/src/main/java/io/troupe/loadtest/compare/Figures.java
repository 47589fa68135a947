package io.troupe.loadtest.compare;

import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadResult.Phase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What is compared of one phase.
 *
 * @param arrivedPart of all deliveries of the run, 1 for all
 * @param cpuPerMillion broker's CPU seconds per million messages or connections
 * @param ownCpuPerMillion the generator's
 * @param growthBytesEach of the broker's memory, per message or connection
 * @param diskBytesEach of the data folder, likewise
 * @param p50Millis 0 if the phase times nothing, as the next
 */
record Figures(
    double perSecond,
    double arrivedPart,
    double cpuPerMillion,
    double ownCpuPerMillion,
    double peakBytes,
    double growthBytesEach,
    double diskBytesEach,
    double p50Millis,
    double p99Millis) {

  static Figures of(LoadResult result, Phase phase) {
    LoadResult.Totals totals = result.totals();
    return new Figures(
        phase.perSecond(),
        totals.expected() == 0 ? 1 : Math.min(1, (double) totals.delivered() / totals.expected()),
        phase.brokerCpuPerMillion(),
        phase.ownCpuPerMillion(),
        phase.brokerPeakBytes(),
        (double) phase.brokerGrowthBytes() / Math.max(1, phase.count()),
        phase.diskBytesEach(),
        phase.isTimed() ? phase.latencyMillis(50) : 0,
        phase.isTimed() ? phase.latencyMillis(99) : 0);
  }

  /** The median of each figure; of an even number the mean of the middle two. */
  static Figures median(List<Figures> all) {
    return new Figures(
        median(all, Figures::perSecond),
        median(all, Figures::arrivedPart),
        median(all, Figures::cpuPerMillion),
        median(all, Figures::ownCpuPerMillion),
        median(all, Figures::peakBytes),
        median(all, Figures::growthBytesEach),
        median(all, Figures::diskBytesEach),
        median(all, Figures::p50Millis),
        median(all, Figures::p99Millis));
  }

  private static double median(List<Figures> all, ToDoubleFunction<Figures> value) {
    double[] sorted = all.stream().mapToDouble(value).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("perSecond", perSecond);
    map.put("arrivedPart", arrivedPart);
    map.put("cpuSecondsPerMillion", cpuPerMillion);
    map.put("ownCpuSecondsPerMillion", ownCpuPerMillion);
    map.put("peakBytes", peakBytes);
    map.put("growthBytesEach", growthBytesEach);
    map.put("diskBytesEach", diskBytesEach);
    map.put("p50Millis", p50Millis);
    map.put("p99Millis", p99Millis);
    return map;
  }
}
