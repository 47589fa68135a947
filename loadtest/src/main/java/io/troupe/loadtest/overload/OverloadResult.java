package io.troupe.loadtest.overload;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What one abuse did to a broker and its other clients.
 *
 * @param idleP50Nanos the victim's round trip before the abuse; likewise p99; 0: there is none
 * @param abusedP50Nanos the same during the abuse
 * @param memoryGrowthBytes most resident memory during the abuse above that before; 0 if unknown
 * @param healthMaxNanos slowest answer of the administration server; 0: unknown
 * @param counted drops and refusals by reason, during the abuse
 * @param done what the abuser managed, in words
 * @param faults what broke a promise; empty if nothing did
 */
public record OverloadResult(
    String scenario,
    long idleP50Nanos,
    long idleP99Nanos,
    long abusedP50Nanos,
    long abusedP99Nanos,
    long memoryGrowthBytes,
    long healthMaxNanos,
    Map<String, Long> counted,
    String done,
    List<String> faults) {

  public OverloadResult {
    counted = Map.copyOf(counted);
    faults = List.copyOf(faults);
  }

  /** The outcome of something that has no victim. */
  static OverloadResult plain(String scenario, String done, List<String> faults) {
    return new OverloadResult(scenario, 0, 0, 0, 0, 0, 0, Map.of(), done, faults);
  }

  /** What could not even begin, or not end. */
  public static OverloadResult failed(String scenario, IOException problem) {
    return plain(scenario, "failed", List.of(String.valueOf(problem.getMessage())));
  }
}
