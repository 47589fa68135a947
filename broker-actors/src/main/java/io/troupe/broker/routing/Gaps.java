package io.troupe.broker.routing;

import java.util.Map;
import java.util.TreeMap;

/**
 * Ranges in the middle of a queue that were given back, since its subscribers before them had no
 * room and all others have had them. Few: the next begins when such a subscriber is full again.
 */
final class Gaps {
  private static final int GAPS_MAX = 64;

  /** By their first offset: the offset after the last. */
  private final TreeMap<Long, Long> gaps = new TreeMap<>();

  /** Where there is something behind an offset, or behind the gap it is in. */
  long leftFrom(long offset) {
    Map.Entry<Long, Long> before = gaps.floorEntry(offset);
    return before == null ? offset : Math.max(offset, before.getValue());
  }

  /** Adds a range, which may continue one before it. */
  void add(long from, long to) {
    Map.Entry<Long, Long> before = gaps.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      gaps.put(before.getKey(), Math.max(to, before.getValue()));
    } else {
      gaps.put(from, to);
    }
    if (gaps.size() > GAPS_MAX) {
      gaps.pollFirstEntry(); // counted as if it were there
    }
  }

  /** The queue begins here now. */
  void forgetBelow(long first) {
    gaps.values().removeIf(to -> to <= first);
  }

  /** How many messages are missing from an offset on. */
  long messages(long first) {
    long messages = 0;
    for (Map.Entry<Long, Long> gap : gaps.entrySet()) {
      messages += Math.max(0, gap.getValue() - Math.max(first, gap.getKey()));
    }
    return messages;
  }

  /** How many bytes are missing from an offset on. */
  long bytes(long first, OffsetSamples sizes) {
    long bytes = 0;
    for (Map.Entry<Long, Long> gap : gaps.entrySet()) {
      long from = Math.max(first, gap.getKey());
      bytes += Math.max(0, sizes.at(gap.getValue()) - sizes.at(from));
    }
    return bytes;
  }
}
