package io.troupe.loadtest.compare;

import io.troupe.loadtest.load.LoadPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The scenarios of a comparison, as options of {@code troupe-load run}; 256-byte payloads. */
public enum Contest {
  FAN_OUT_QOS_0("fan-out -p 1 -s 500 -q 0"),
  FAN_OUT_QOS_1("fan-out -p 1 -s 500 -q 1"),
  PAIRS_QOS_1("pairs -p 500 -q 1"),
  FAN_IN_QOS_0("fan-in -p 500 -s 5 -q 0"),
  FAN_IN_QOS_1("fan-in -p 500 -s 5 -q 1"),
  FAN_IN_QOS_0_20K("fan-in -p 500 -s 5 -q 0 --rate 20000"),
  FAN_IN_QOS_1_20K("fan-in -p 500 -s 5 -q 1 --rate 20000"),
  PAIRS_QOS_1_5K("pairs -p 100 -q 1 --rate 5000"),
  PERSISTENT_QOS_1("persistent -p 100 -n 200000 --per-write 10"),
  /** One message for one absent session, and for a thousand on the same filter. */
  OFFLINE_1("offline -p 10 -s 1 -n 20000 --per-write 10"),
  OFFLINE_1000("offline -p 10 -s 1000 -n 20000 --per-write 10"),
  STORM("storm -s 5000 --connects-at-once 100"),
  IDLE("idle -s 10000 --connects-at-once 100 --duration 3");

  private final String options;

  Contest(String options) {
    this.options = options;
  }

  /** The name in tables and on the command line, such as {@code pairs-qos-1}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What repeats it on one broker. */
  public String command() {
    return "troupe-load run " + options;
  }

  /** Whether the broker starts anew before it: its memory or its disk is what counts. */
  boolean startsAnew() {
    return this == IDLE || this == OFFLINE_1 || this == OFFLINE_1000;
  }

  LoadPlan plan(Duration warmUp, Duration duration, int threads) {
    List<String> all = new ArrayList<>(List.of(options.split(" ", -1)));
    all.addAll(List.of("--threads", Integer.toString(threads)));
    all.addAll(List.of("--warm-up", seconds(warmUp)));
    if (!all.contains("--duration")) {
      all.addAll(List.of("--duration", seconds(duration)));
    }
    return LoadPlan.of(all.toArray(String[]::new));
  }

  private static String seconds(Duration time) {
    return Double.toString(time.toMillis() / 1e3);
  }
}
