package io.troupe.loadtest.load;

import java.util.Arrays;

/** A bounded queue of times in nanoseconds, without boxes. */
final class DueTimes {
  private final int most;
  private long[] times = new long[16];
  private int first;
  private int size;

  DueTimes(int most) {
    this.most = most;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** Returns false if it is full. */
  boolean add(long time) {
    if (size == most) {
      return false;
    }
    if (size == times.length) {
      long[] grown = Arrays.copyOf(times, size * 2);
      System.arraycopy(times, 0, grown, size, first);
      times = grown;
    }
    times[(first + size++) % times.length] = time;
    return true;
  }

  /** The earliest, which stays; the queue is not empty. */
  long first() {
    return times[first];
  }

  /** The earliest; the queue is not empty. */
  long remove() {
    long time = times[first];
    first = (first + 1) % times.length;
    size--;
    return time;
  }

  void clear() {
    first = 0;
    size = 0;
  }
}
