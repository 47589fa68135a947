package io.troupe.loadtest;

import io.troupe.loadtest.check.FaultMix;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code troupe-load campaign}: the history checker, for each fault and each seed. */
@Command(
    name = "campaign",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs the history checker once for each fault and seed, on a new broker each time, and prints"
          + " a table with a line per fault. Exit code 1 if a promise was broken.",
      "Give a command that starts the broker (--broker-cmd); for a running one (--host, --port) only"
          + " the faults none, cut and slow can be chosen. power, stall and mixed need root."
    })
final class CampaignCommand extends CheckingCommand {
  @Option(
      names = "--faults",
      split = ",",
      defaultValue = "none,kill,term,pause,power,restart,stall,cut,slow,mixed",
      description =
          "A line of the table each: none, one fault, several joined by +, or mixed for all."
              + " Default: ${DEFAULT-VALUE}.")
  private List<String> faults = List.of();

  @Override
  public Integer call() throws Exception {
    try {
      return check("faults", faults.stream().map(FaultMix::parse).toList());
    } catch (IllegalArgumentException e) {
      throw refused("--faults: " + e.getMessage());
    }
  }

  @Override
  String group(FaultMix mix, long seed) {
    return mix.name();
  }
}
