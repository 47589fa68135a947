package io.troupe.broker.routing;

import java.util.Map;
import java.util.TreeMap;

/**
 * A quantity that grows with the offsets of a queue, such as bytes or time, from samples; between
 * two of them in proportion. A bounded number of samples is kept, the newest exact.
 */
final class OffsetSamples {
  private static final int SAMPLES_MAX = 256;

  private final TreeMap<Long, Long> samples = new TreeMap<>();

  void sample(long offset, long value) {
    samples.put(offset, value);
    if (samples.size() > SAMPLES_MAX) {
      thin();
    }
  }

  private void thin() {
    long first = samples.firstKey();
    long last = samples.lastKey();
    boolean[] keep = {false};
    samples
        .keySet()
        .removeIf(
            offset -> {
              keep[0] = !keep[0];
              return !keep[0] && offset != first && offset != last;
            });
  }

  boolean isEmpty() {
    return samples.isEmpty();
  }

  void clear() {
    samples.clear();
  }

  void forgetBelow(long offset) {
    Long floor = samples.floorKey(offset);
    if (floor != null) {
      samples.headMap(floor, false).clear();
    }
  }

  /** The quantity at an offset; 0 if nothing is known. */
  long at(long offset) {
    Map.Entry<Long, Long> low = samples.floorEntry(offset);
    Map.Entry<Long, Long> high = samples.ceilingEntry(offset);
    if (low == null) {
      return high == null ? 0 : high.getValue();
    }
    if (high == null || high.getKey().equals(low.getKey())) {
      return low.getValue();
    }
    double part = (double) (offset - low.getKey()) / (high.getKey() - low.getKey());
    return low.getValue() + (long) (part * (high.getValue() - low.getValue()));
  }

  /** The lowest offset known to have at least this quantity, or the highest offset known. */
  long offsetAt(long value) {
    long low = samples.isEmpty() ? 1 : samples.firstKey();
    long high = samples.isEmpty() ? 1 : samples.lastKey();
    while (low < high) {
      long middle = low + (high - low) / 2;
      if (at(middle) >= value) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
