package io.troupe.loadtest;

import io.troupe.loadtest.load.LoadPlan;
import io.troupe.loadtest.load.LoadPlan.Security;
import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadRun;
import io.troupe.loadtest.load.Scenario;
import io.troupe.loadtest.report.LoadHtml;
import io.troupe.loadtest.report.LoadReport;
import io.troupe.loadtest.wire.ConnectSpec.Credentials;
import io.troupe.protocol.packet.ProtocolVersion;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe-load run}: load on a running broker, and what it did with it. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Puts load on a running broker and counts, checks and times what arrives.",
      "Latency is from the time a message was due by the schedule to its arrival: a broker that"
          + " holds the generator up pays for it. Exit code 1 if messages were damaged or"
          + " misordered, or lost above QoS 0."
    })
final class RunCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "SCENARIO",
      description = "fan-in, fan-out, pairs, persistent, storm, idle or mixed")
  private Scenario scenario = Scenario.PAIRS;

  @Option(names = "--host", defaultValue = "127.0.0.1")
  private String host = "127.0.0.1";

  @Option(names = "--port", defaultValue = "1883")
  private int port;

  @Option(names = "--user", description = "User name of all clients.")
  private @Nullable String user;

  @Option(names = "--password", description = "Password of all clients.")
  private String password = "";

  @Option(names = "--mqtt", defaultValue = "5", description = "Protocol version, 3 or 5.")
  private int version;

  @Option(names = "--tls", description = "TLS; the broker's certificate is not verified.")
  private boolean tls;

  @Option(names = "--ws", paramLabel = "PATH", description = "WebSocket with this path.")
  private String webSocketPath = "";

  @Option(
      names = {"-p", "--publishers"},
      defaultValue = "100")
  private int publishers;

  @Option(
      names = {"-s", "--subscribers"},
      defaultValue = "100",
      description = "Or connections, in storm and idle; pairs have as many as publishers.")
  private int subscribers;

  @Option(
      names = {"-q", "--qos"},
      defaultValue = "1")
  private int qos;

  @Option(names = "--payload", defaultValue = "256", description = "Bytes, 20 or more.")
  private int payloadBytes;

  @Option(
      names = {"-r", "--rate"},
      defaultValue = "0",
      description = "Messages per second over all publishers; 0 is flat out.")
  private int messagesPerSecond;

  @Option(names = "--per-write", defaultValue = "1", description = "Messages in one write.")
  private int messagesPerWrite;

  @Option(
      names = "--window",
      defaultValue = "100",
      description = "Unacknowledged messages of a publisher.")
  private int window;

  @Option(
      names = {"-n", "--messages"},
      defaultValue = "200000",
      description = "Messages in all, in persistent.")
  private int messages;

  @Option(names = "--shared", description = "The subscribers of fan-in are one share group.")
  private boolean shared;

  @Option(names = "--persistent", description = "Sessions of a storm outlive connections.")
  private boolean persistent;

  @Option(names = "--connects-at-once", defaultValue = "200")
  private int connectsAtOnce;

  @Option(
      names = "--sources",
      defaultValue = "1",
      description = "Source addresses 127.0.0.1 and up; a loopback broker only.")
  private int sourceAddresses;

  @Option(
      names = "--check-content",
      defaultValue = "100",
      paramLabel = "N",
      description = "Compare every Nth payload as a whole; 0 for none.")
  private int contentEvery;

  @Option(names = "--threads", defaultValue = "1", description = "Event loops.")
  private int threads;

  @Option(names = "--warm-up", defaultValue = "3", description = "Seconds.")
  private int warmUpSeconds;

  @Option(
      names = {"-d", "--duration"},
      defaultValue = "10",
      description = "Seconds.")
  private int seconds;

  @Option(names = "--broker-pid", defaultValue = "0", description = "Measure this process too.")
  private long brokerPid;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the report there as JSON.")
  private @Nullable Path json;

  @Option(names = "--html", paramLabel = "FILE", description = "Write the report there as a page.")
  private @Nullable Path html;

  @Override
  public Integer call() throws Exception {
    CommandSpec own = spec;
    if (own == null) {
      throw new IllegalStateException("not run by picocli");
    }
    LoadPlan plan;
    try {
      plan = plan();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(own.commandLine(), String.valueOf(e.getMessage()), e);
    }
    PrintWriter out = own.commandLine().getOut();
    LoadResult result =
        LoadRun.run(
            plan,
            second -> {
              out.println(LoadReport.progress(second));
              out.flush();
            });
    out.println();
    out.print(LoadReport.text(result));
    out.flush();
    if (json != null) {
      Files.writeString(json, LoadReport.json(result));
    }
    if (html != null) {
      Files.writeString(html, LoadHtml.page(result));
    }
    return isSound(result) ? 0 : 1;
  }

  private boolean isSound(LoadResult result) {
    LoadResult.Totals totals = result.totals();
    boolean complete =
        qos == 0 || totals.delivered() >= totals.expected() - totals.refused() * publishers;
    return totals.damaged() == 0 && totals.misordered() == 0 && complete;
  }

  private LoadPlan plan() {
    if (version != 3 && version != 5) {
      throw new IllegalArgumentException("--mqtt is 3 or 5");
    }
    if (qos < 0 || qos > 2) {
      throw new IllegalArgumentException("--qos is 0, 1 or 2");
    }
    return new LoadPlan(
        scenario,
        new InetSocketAddress(host, port),
        version == 5 ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1,
        new Security(tls, webSocketPath),
        user == null ? null : new Credentials(user, password),
        publishers,
        subscribers,
        qos,
        payloadBytes,
        messagesPerSecond,
        messagesPerWrite,
        window,
        messages,
        shared,
        persistent,
        connectsAtOnce,
        sourceAddresses,
        contentEvery,
        threads,
        Duration.ofSeconds(warmUpSeconds),
        Duration.ofSeconds(seconds),
        brokerPid);
  }
}
