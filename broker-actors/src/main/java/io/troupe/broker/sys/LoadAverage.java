package io.troupe.broker.sys;

/**
 * How much a total grows per minute, averaged over one, five and fifteen minutes with weights that
 * fade exponentially, as Unix counts its load.
 */
final class LoadAverage {
  private static final double MILLIS_PER_MINUTE = 60_000;
  private static final int[] MINUTES = {1, 5, 15};

  private final double[] averages = new double[MINUTES.length];
  private long total;

  /** Begins with a total that has grown before anybody averaged. */
  LoadAverage(long total) {
    this.total = total;
  }

  /**
   * @param elapsedMillis since the last update, more than 0
   */
  void update(long newTotal, long elapsedMillis) {
    double minutes = elapsedMillis / MILLIS_PER_MINUTE;
    double perMinute = (newTotal - total) / minutes;
    total = newTotal;
    for (int i = 0; i < MINUTES.length; i++) {
      double kept = Math.exp(-minutes / MINUTES[i]);
      averages[i] = perMinute + kept * (averages[i] - perMinute);
    }
  }

  /** Goes on from another total: what it differs by is no load. */
  void rebase(long newTotal) {
    total = newTotal;
  }

  double oneMinute() {
    return averages[0];
  }

  double fiveMinutes() {
    return averages[1];
  }

  double fifteenMinutes() {
    return averages[2];
  }
}
