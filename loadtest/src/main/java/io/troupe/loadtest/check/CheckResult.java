package io.troupe.loadtest.check;

import io.troupe.loadtest.history.History;
import io.troupe.loadtest.history.Verdict;
import io.troupe.loadtest.history.Violation;
import java.util.List;
import java.util.Map;

/**
 * What one run found.
 *
 * @param faults how often each was injected
 * @param notes what is worth knowing and breaks no promise
 */
public record CheckResult(
    long seed, Verdict verdict, Map<Fault, Integer> faults, double seconds, List<String> notes) {

  public CheckResult {
    faults = Map.copyOf(faults);
    notes = List.copyOf(notes);
  }

  /** A run that could not be made because the broker did not do what it must. */
  public static CheckResult failed(long seed, String reason) {
    History history = new History(seed);
    history.violated(Violation.Kind.BROKER_FAILED, reason);
    return new CheckResult(seed, history.judge(), Map.of(), 0, List.of());
  }
}
