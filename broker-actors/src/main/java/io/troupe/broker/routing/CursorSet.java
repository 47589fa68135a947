package io.troupe.broker.routing;

import java.util.Map;
import java.util.TreeMap;

/**
 * The cursors of a queue's subscribers, counted by offset: the lowest in logarithmic time, and all
 * below a floor raised together, so that a limit costs nothing per subscriber.
 */
final class CursorSet {
  private final TreeMap<Long, Integer> counts = new TreeMap<>();
  private long floor;

  /** Where a cursor really stands: subscribers do not notice when the floor passes theirs. */
  long effective(long cursor) {
    return Math.max(cursor, floor);
  }

  void add(long cursor) {
    counts.merge(effective(cursor), 1, Integer::sum);
  }

  void remove(long cursor) {
    counts.computeIfPresent(
        effective(cursor), (offset, count) -> count == 1 ? null : Integer.valueOf(count - 1));
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  /** The lowest, or the given value if there is none. */
  long lowest(long orElse) {
    return counts.isEmpty() ? orElse : counts.firstKey();
  }

  /**
   * Moves all cursors below a floor to it.
   *
   * @return how many offsets they passed, summed over the cursors
   */
  long raise(long newFloor) {
    if (newFloor <= floor) {
      return 0;
    }
    long passed = 0;
    int moved = 0;
    while (!counts.isEmpty() && counts.firstKey() < newFloor) {
      Map.Entry<Long, Integer> lowest = counts.pollFirstEntry();
      passed += (newFloor - lowest.getKey()) * lowest.getValue();
      moved += lowest.getValue();
    }
    floor = newFloor;
    if (moved > 0) {
      counts.merge(newFloor, moved, Integer::sum);
    }
    return passed;
  }

  long floor() {
    return floor;
  }
}
