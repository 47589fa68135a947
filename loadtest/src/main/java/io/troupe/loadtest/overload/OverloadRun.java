package io.troupe.loadtest.overload;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Runs one abuse after the other, each beside a victim whose round trips are timed. */
public final class OverloadRun {
  private static final long VICTIM_P99_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long MEMORY_BYTES = 200L << 20;
  private static final long HEALTH_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long WARM_UP_MILLIS = 2_000;
  private static final long SAMPLE_MILLIS = 200;
  private static final long TAIL_MILLIS = 30_000;

  private final OverloadPlan plan;
  private final BrokerGauge gauge;

  public OverloadRun(OverloadPlan plan) {
    this.plan = plan;
    this.gauge = new BrokerGauge(plan.pid(), plan.admin());
  }

  /**
   * Runs one abuse.
   *
   * @throws IOException when the victim cannot even connect
   */
  public OverloadResult run(Abuse abuse) throws IOException, InterruptedException {
    String name = abuse.label() + "-" + Long.toHexString(System.nanoTime() & 0xFFFFFF);
    Map<String, Long> before = gauge.counters();
    List<String> faults = new ArrayList<>();
    Abuser abuser = new Abuser(plan.broker(), name);
    try (Victim victim = new Victim(plan.broker(), name)) {
      TimeUnit.MILLISECONDS.sleep(WARM_UP_MILLIS);
      victim.take();
      TimeUnit.MILLISECONDS.sleep(plan.idle().toMillis());
      Histogram idle = victim.take();
      Watch watch = new Watch(gauge.residentBytes());
      try (abuser) {
        abuse.start(abuser);
        watch.during(plan.abuse().toMillis(), victim);
      } catch (IOException e) {
        faults.add("the abuse failed: " + e.getMessage());
      }
      awaitAll(victim);
      Histogram abused = victim.take();
      judge(victim, idle, abused, watch, faults);
      return new OverloadResult(
          abuse.label(),
          idle.getValueAtPercentile(50),
          idle.getValueAtPercentile(99),
          abused.getValueAtPercentile(50),
          abused.getValueAtPercentile(99),
          watch.growth(),
          watch.healthMaxNanos,
          gauge.countedSince(before),
          abuser.done() + " (" + abuser.failed() + " failed)",
          faults);
    }
  }

  private static void awaitAll(Victim victim) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TAIL_MILLIS);
    while (victim.missing() > 2 && victim.failure() == null && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private void judge(
      Victim victim, Histogram idle, Histogram abused, Watch watch, List<String> faults) {
    if (victim.failure() != null) {
      faults.add("victim lost its connection: " + victim.failure().getMessage());
    } else if (victim.missing() > 20) {
      faults.add(victim.missing() + " messages of the victim lost");
    }
    long allowed = Math.max(5 * idle.getValueAtPercentile(99), VICTIM_P99_NANOS);
    if (abused.getValueAtPercentile(99) > allowed) {
      faults.add("victim waits");
    }
    if (watch.growth() > MEMORY_BYTES) {
      faults.add("memory");
    }
    if (watch.healthFailed || watch.healthMaxNanos > HEALTH_NANOS) {
      faults.add(watch.healthFailed ? "no health" : "slow health");
    }
    if (plan.pid() != 0 && gauge.residentBytes() == 0) {
      faults.add("the broker has ended");
    }
  }

  /** Memory and health while an abuse goes on. */
  private final class Watch {
    private final long memoryBefore;
    private long memoryMax;
    private long healthMaxNanos;
    private boolean healthFailed;

    Watch(long memoryBefore) {
      this.memoryBefore = memoryBefore;
    }

    void during(long millis, Victim victim) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      for (int i = 0; System.nanoTime() < deadline && victim.failure() == null; i++) {
        TimeUnit.MILLISECONDS.sleep(SAMPLE_MILLIS);
        memoryMax = Math.max(memoryMax, gauge.residentBytes());
        if (gauge.hasAdmin() && i % 5 == 0) {
          long nanos = gauge.healthNanos();
          healthFailed |= nanos < 0;
          healthMaxNanos = Math.max(healthMaxNanos, nanos);
        }
      }
    }

    long growth() {
      return Math.max(0, memoryMax - memoryBefore);
    }
  }
}
