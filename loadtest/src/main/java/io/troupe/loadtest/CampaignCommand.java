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
          + " the faults none, cut and slow can be chosen. power, stall and mixed need root.",
      "With --cluster the broker is a cluster on this machine that goes on from run to run as long as"
          + " nothing is violated; split, oneway and mixed need root and \"unshare --net\" before"
          + " the command."
    })
final class CampaignCommand extends CheckingCommand {
  private static final String ALONE = "none,kill,term,pause,power,restart,stall,cut,slow,mixed";
  private static final String CLUSTER =
      "none,kill,term,pause,freeze,split,oneway,join,rolling,store,cut,mixed";

  @Option(
      names = "--faults",
      split = ",",
      description =
          "A line of the table each: none, one fault, several joined by +, or mixed for all."
              + " Default: "
              + ALONE
              + "; with --cluster "
              + CLUSTER
              + ".")
  private List<String> faults = List.of();

  @Override
  public Integer call() throws Exception {
    try {
      List<String> names = faults;
      if (names.isEmpty()) {
        names = List.of((isCluster() ? CLUSTER : ALONE).split(","));
      }
      return check("faults", names.stream().map(n -> FaultMix.parse(n, isCluster())).toList());
    } catch (IllegalArgumentException e) {
      throw refused("--faults: " + e.getMessage());
    }
  }

  @Override
  String group(FaultMix mix, long seed) {
    return mix.name();
  }
}
