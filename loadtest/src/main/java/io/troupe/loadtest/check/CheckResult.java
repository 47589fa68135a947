package io.troupe.loadtest.check;

import io.troupe.loadtest.history.Verdict;
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
}
