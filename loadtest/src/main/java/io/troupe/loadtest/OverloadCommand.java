package io.troupe.loadtest;

import io.troupe.loadtest.overload.Abuse;
import io.troupe.loadtest.overload.OverloadPlan;
import io.troupe.loadtest.overload.OverloadResult;
import io.troupe.loadtest.overload.OverloadRun;
import io.troupe.loadtest.overload.Storm;
import io.troupe.loadtest.overload.TwicePeak;
import io.troupe.loadtest.report.OverloadReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe-load overload}: what other clients notice while some abuse the broker. */
@Command(
    name = "overload",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Abuses a running broker in one way after the other, beside a victim at 100 messages a second.",
      "A scenario is sound if the victim keeps its connection, its messages and its 99th"
          + " percentile (at most 5 times that before, or 50 ms), the broker's memory grows by no"
          + " more than 200 MB, and its administration answers. Exit code 1 if one is not.",
      "For a broker on this machine that nobody else uses."
    })
final class OverloadCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "SCENARIO",
      description = {
        "Which, in this order; all if none is named: flood-qos0, flood-qos1, flood-qos2,"
            + " big-payloads, big-queued, deaf-qos0, deaf-qos1, deaf-queued, topics, retained,"
            + " subscribes, connects, silent, announced, storm, twice-peak-qos0, twice-peak-qos1."
      })
  private List<String> scenarios = List.of();

  @Option(names = "--host", defaultValue = "127.0.0.1")
  private String host = "127.0.0.1";

  @Option(names = "--port", defaultValue = "1883")
  private int port;

  @Option(
      names = "--admin",
      paramLabel = "URL",
      description = "Of the administration server: health is watched, drops are read.")
  private @Nullable URI admin;

  @Option(names = "--broker-pid", defaultValue = "0", description = "Watch its memory.")
  private long brokerPid;

  @Option(names = "--idle", defaultValue = "10", description = "Seconds before each abuse.")
  private int idleSeconds;

  @Option(
      names = {"-d", "--duration"},
      defaultValue = "20",
      description = "Seconds of each abuse.")
  private int seconds;

  @Option(names = "--storm-clients", defaultValue = "2000")
  private int stormClients;

  @Option(
      names = "--restart",
      defaultValue = "",
      paramLabel = "COMMAND",
      description = "Restarts the broker in storm; without, clients leave and come back only.")
  private String restart = "";

  @Override
  public Integer call() throws Exception {
    CommandSpec own = spec;
    if (own == null) {
      throw new IllegalStateException("not run by picocli");
    }
    List<String> known = known();
    for (String scenario : scenarios) {
      if (!known.contains(scenario)) {
        throw new ParameterException(
            own.commandLine(), "no scenario " + scenario + "; there are " + known);
      }
    }
    PrintWriter out = own.commandLine().getOut();
    OverloadPlan plan =
        new OverloadPlan(
            new InetSocketAddress(host, port),
            admin,
            brokerPid,
            Duration.ofSeconds(idleSeconds),
            Duration.ofSeconds(seconds),
            stormClients,
            restart);
    List<OverloadResult> results = new ArrayList<>();
    for (String scenario : scenarios.isEmpty() ? known : scenarios) {
      OverloadResult result = run(scenario, plan);
      results.add(result);
      out.println(OverloadReport.line(result));
      out.flush();
    }
    out.println();
    out.print(OverloadReport.table(results));
    out.flush();
    return results.stream().allMatch(result -> result.faults().isEmpty()) ? 0 : 1;
  }

  private static List<String> known() {
    List<String> known = new ArrayList<>();
    for (Abuse abuse : Abuse.values()) {
      known.add(abuse.label());
    }
    known.addAll(List.of("storm", "twice-peak-qos0", "twice-peak-qos1"));
    return known;
  }

  private static OverloadResult run(String scenario, OverloadPlan plan)
      throws InterruptedException {
    try {
      for (Abuse abuse : Abuse.values()) {
        if (abuse.label().equals(scenario)) {
          return new OverloadRun(plan).run(abuse);
        }
      }
      return scenario.equals("storm")
          ? new Storm(plan).run()
          : new TwicePeak(plan, scenario.endsWith("0") ? 0 : 1).run();
    } catch (IOException e) {
      return OverloadResult.failed(scenario, e);
    }
  }
}
