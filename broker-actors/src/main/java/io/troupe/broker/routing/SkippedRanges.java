package io.troupe.broker.routing;

import java.util.ArrayList;
import java.util.List;

/**
 * Ranges of a queue that do not exist for one subscriber: messages that came while it was at its
 * limit, where the newest are dropped. Ascending; the last may still be open.
 */
final class SkippedRanges {
  private static final int RANGES_MAX = 4;
  private static final long OPEN = Long.MAX_VALUE;

  private static final class Range {
    final long from;
    long to;

    Range(long from) {
      this.from = from;
      this.to = OPEN;
    }
  }

  private final List<Range> ranges = new ArrayList<>(1);

  /** What was dropped below is counted. */
  private long countedBelow;

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  boolean isOpen() {
    return !ranges.isEmpty() && ranges.get(ranges.size() - 1).to == OPEN;
  }

  long openFrom() {
    return ranges.get(ranges.size() - 1).from;
  }

  void open(long from) {
    if (ranges.size() == RANGES_MAX) {
      // The few messages between the last two ranges are dropped too: it stays bounded.
      ranges.get(RANGES_MAX - 1).to = OPEN;
    } else {
      ranges.add(new Range(from));
    }
  }

  /** How many messages of the open range, up to the end, were not counted as dropped before. */
  long takeUncounted(long end) {
    long from = Math.max(openFrom(), countedBelow);
    countedBelow = Math.max(countedBelow, end);
    return Math.max(0, end - from);
  }

  void close(long to) {
    ranges.get(ranges.size() - 1).to = to;
  }

  void forgetBelow(long cursor) {
    ranges.removeIf(range -> range.to <= cursor);
  }

  /** The first offset from this one on that exists. */
  long skip(long offset, long end) {
    for (Range range : ranges) {
      if (offset >= range.from && offset < range.to) {
        return Math.min(range.to, end);
      }
    }
    return offset;
  }

  /** Where the next range begins after an offset that exists. */
  long nextFrom(long offset, long end) {
    for (Range range : ranges) {
      if (range.from > offset) {
        return Math.min(range.from, end);
      }
    }
    return end;
  }

  /** How many offsets between the two do not exist. */
  long count(long from, long end) {
    long count = 0;
    for (Range range : ranges) {
      count += Math.max(0, Math.min(range.to, end) - Math.max(range.from, from));
    }
    return count;
  }
}
