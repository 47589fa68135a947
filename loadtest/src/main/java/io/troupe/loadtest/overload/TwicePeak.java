package io.troupe.loadtest.overload;

import io.troupe.loadtest.load.LoadPlan;
import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadRun;
import io.troupe.loadtest.load.Target;
import java.util.List;
import java.util.Locale;

/**
 * Looks for the most that a broker delivers of a fan-in, doubling the offered rate, and then offers
 * twice that: it must still deliver four fifths of its best.
 */
public final class TwicePeak {
  private static final int FIRST_RATE = 10_000;
  private static final int RATE_MAX = 2_000_000;
  private static final double KEPT = 0.8;

  private final OverloadPlan plan;
  private final int qos;

  public TwicePeak(OverloadPlan plan, int qos) {
    this.plan = plan;
    this.qos = qos;
  }

  /** Measures; takes a few seconds for each doubling. */
  public OverloadResult run() throws InterruptedException {
    double peak = 0;
    for (int rate = FIRST_RATE; rate <= RATE_MAX; rate *= 2) {
      double delivered = delivered(rate);
      boolean more = delivered > peak * 1.1;
      peak = Math.max(peak, delivered);
      if (!more) {
        break;
      }
    }
    if (peak == 0) {
      return OverloadResult.plain(
          "twice-peak-qos" + qos, "nothing was delivered", List.of("no broker"));
    }
    double twice = delivered((int) Math.min(2 * peak, RATE_MAX));
    String done =
        String.format(
            Locale.ROOT,
            "peak %.0f/s, offered twice that %.0f/s: %.0f %%",
            peak,
            twice,
            100 * twice / peak);
    return OverloadResult.plain(
        "twice-peak-qos" + qos, done, twice < KEPT * peak ? List.of("collapses") : List.of());
  }

  private double delivered(int rate) throws InterruptedException {
    LoadPlan fanIn =
        LoadPlan.of(
            "fan-in",
            "--publishers=50",
            "--subscribers=5",
            "--qos=" + qos,
            "--rate=" + rate,
            "--per-write=10",
            "--connects-at-once=50",
            "--warm-up=2",
            "--duration=5");
    LoadResult result =
        LoadRun.run(fanIn, new Target(plan.broker(), null, plan.pid(), null), second -> {});
    return result.phases().get(0).perSecond();
  }
}
