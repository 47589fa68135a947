package io.troupe.loadtest;

import io.troupe.loadtest.check.Fault;
import io.troupe.loadtest.check.FaultMix;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code troupe-load check}: histories of messages under faults, and their verdict. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Sends numbered, checksummed messages through a broker while faults happen, and tells what was"
          + " lost, duplicated, reordered or made up. Exit code 1 if a promise was broken.",
      "Either name a running broker (--host, --port) or give a command that starts one"
          + " (--broker-cmd), which is needed for all faults but cut and slow; power and stall also"
          + " need root."
    })
final class CheckCommand extends CheckingCommand {
  @Option(
      names = "--faults",
      split = ",",
      description = "Any of ${COMPLETION-CANDIDATES}, mixed at random; default: none.")
  private List<Fault> faults = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    return check("seed", List.of(new FaultMix("check", faults)));
  }

  @Override
  String group(FaultMix mix, long seed) {
    return Long.toString(seed);
  }
}
