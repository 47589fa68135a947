package io.troupe.loadtest.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Faults that happen in one run, at random.
 *
 * @param name {@code none}, {@code mixed} for all that can be, or the faults joined by {@code +}
 */
public record FaultMix(String name, List<Fault> faults) {
  public FaultMix {
    faults = List.copyOf(faults);
  }

  /**
   * Reads a name.
   *
   * @param cluster whether the broker is a cluster
   * @throws IllegalArgumentException if it names a fault that does not exist
   */
  public static FaultMix parse(String name, boolean cluster) {
    if (name.equals("none")) {
      return new FaultMix(name, List.of());
    }
    if (name.equals("mixed")) {
      return new FaultMix(name, Fault.all(cluster));
    }
    List<Fault> faults = new ArrayList<>();
    for (String fault : name.split("\\+", -1)) {
      faults.add(Fault.valueOf(fault.toUpperCase(Locale.ROOT)));
    }
    return new FaultMix(name, faults);
  }
}
