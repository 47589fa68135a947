package io.troupe.loadtest.load;

import io.troupe.protocol.packet.ProtocolVersion;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/**
 * One run of the generator: the options of {@code troupe-load run}, which is also how the scenarios
 * of a comparison and the tests write their plans down ({@link #of}). Not changed once it is read.
 */
public final class LoadPlan {
  private static final int PAYLOAD_BYTES_MAX = 1_000_000;
  private static final int WINDOW_MAX = 60_000;

  @Parameters(index = "0", paramLabel = "SCENARIO", description = "${COMPLETION-CANDIDATES}.")
  private Scenario scenario = Scenario.PAIRS;

  @Option(
      names = "--mqtt",
      defaultValue = "5.0",
      converter = Version.class,
      description = "Protocol version: 3.1, 3.1.1 or 5.0.")
  private ProtocolVersion version = ProtocolVersion.V5;

  @Option(names = "--tls", description = "TLS; the broker's certificate is not verified.")
  private boolean tls;

  @Option(names = "--ws", paramLabel = "PATH", description = "WebSocket with this path.")
  private String webSocketPath = "";

  @Option(
      names = {"-p", "--publishers"},
      defaultValue = "100",
      description = "Clients that publish.")
  private int publishers;

  @Option(
      names = {"-s", "--subscribers"},
      defaultValue = "100",
      description =
          "Clients that subscribe, or connections in storm and idle; pairs and persistent have as"
              + " many as publishers.")
  private int subscribers;

  @Option(
      names = {"-q", "--qos"},
      defaultValue = "1",
      description = "QoS of messages and subscriptions.")
  private int qos;

  @Option(
      names = "--payload",
      defaultValue = "256",
      paramLabel = "BYTES",
      description = "Bytes of each payload, 20 or more.")
  private int payloadBytes;

  @Option(
      names = {"-r", "--rate"},
      defaultValue = "0",
      description = "Messages per second over all publishers; 0 is flat out.")
  private int messagesPerSecond;

  @Option(
      names = "--per-write",
      defaultValue = "1",
      description = "Messages of one publisher that leave in one write.")
  private int messagesPerWrite;

  @Option(
      names = "--window",
      defaultValue = "100",
      description = "Unacknowledged messages of a publisher; the broker's Receive Maximum caps it.")
  private int window;

  @Option(
      names = {"-n", "--messages"},
      defaultValue = "200000",
      description = "Messages in all, in persistent, offline and recovery.")
  private int messages;

  @Option(
      names = "--restart",
      paramLabel = "COMMAND",
      description =
          "In recovery: what the shell does before the clients come back, such as to kill the"
              + " broker, start it again and wait until it is ready.")
  private String restartCommand = "";

  @Option(names = "--shared", description = "The subscribers of fan-in are one share group.")
  private boolean shared;

  @Option(
      names = "--persistent",
      description = "Sessions outlive connections; a storm then comes twice.")
  private boolean persistent;

  @Option(
      names = "--connects-at-once",
      defaultValue = "200",
      description = "Connections that wait for CONNACK at the same time.")
  private int connectsAtOnce;

  @Option(
      names = "--sources",
      defaultValue = "1",
      description = "Source addresses 127.0.0.1 and up, to 250; a loopback broker only.")
  private int sourceAddresses;

  @Option(
      names = "--check-content",
      defaultValue = "100",
      paramLabel = "N",
      description = "Compare every Nth payload as a whole; 0 for none.")
  private int contentEvery;

  @Option(names = "--threads", defaultValue = "1", description = "Event loops of the generator.")
  private int threads;

  @Option(
      names = "--rest",
      paramLabel = "MICROS",
      description =
          "Longest rest between two looks at the sockets: what comes meanwhile is read together,"
              + " which saves CPU and adds as much to latencies. Default: 0 with a rate, 500 flat"
              + " out.")
  private int restMicros = -1;

  @Option(names = "--warm-up", defaultValue = "3", description = "Seconds.")
  private double warmUpSeconds;

  @Option(
      names = {"-d", "--duration"},
      defaultValue = "10",
      description = "Seconds that are measured.")
  private double seconds;

  /**
   * A plan from options as on the command line.
   *
   * @throws CommandLine.ParameterException if they cannot be read
   * @throws IllegalArgumentException if a value is out of its range
   */
  public static LoadPlan of(String... options) {
    LoadPlan plan = new LoadPlan();
    new CommandLine(plan).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(options);
    plan.check();
    return plan;
  }

  /**
   * Checks all values.
   *
   * @throws IllegalArgumentException names the first option that is out of its range
   */
  public void check() {
    within("--publishers", publishers, 1, 1_000_000);
    within("--subscribers", subscribers, 1, 1_000_000);
    within("--qos", qos, 0, 2);
    within("--payload", payloadBytes, Stamps.SIZE_MIN, PAYLOAD_BYTES_MAX);
    within("--rate", messagesPerSecond, 0, 10_000_000);
    within("--per-write", messagesPerWrite, 1, 1_000);
    within("--window", window, 1, WINDOW_MAX);
    within("--messages", messages, 1, 100_000_000);
    within("--connects-at-once", connectsAtOnce, 1, 100_000);
    within("--sources", sourceAddresses, 1, 250);
    within("--check-content", contentEvery, 0, 1_000_000_000);
    within("--threads", threads, 1, 64);
    within("--rest", restMicros, -1, 100_000);
    within("--warm-up", warmUpSeconds, 0, 3_600);
    within("--duration", seconds, 0.1, 86_400);
    if (shared && scenario != Scenario.FAN_IN && scenario != Scenario.MIXED) {
      throw new IllegalArgumentException("--shared is for fan-in and mixed, not " + scenario);
    }
    if (qos == 0 && scenario.queues()) {
      throw new IllegalArgumentException(
          "--qos is 1 or 2 in " + scenario + ": brokers need not keep QoS 0 for absent clients");
    }
    if (!restartCommand.isEmpty() && scenario != Scenario.RECOVERY) {
      throw new IllegalArgumentException("--restart is for recovery, not " + scenario);
    }
    if (messagesPerSecond > 0 && !scenario.isStream()) {
      throw new IllegalArgumentException(
          "--rate is for fan-in, fan-out, pairs and mixed; " + scenario + " goes by itself");
    }
    if (!webSocketPath.isEmpty() && !webSocketPath.startsWith("/")) {
      throw new IllegalArgumentException("--ws is a path such as /mqtt, not " + webSocketPath);
    }
  }

  private static void within(String option, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          option
              + " is "
              + number(Math.max(least, 0))
              + " to "
              + number(most)
              + ", not "
              + number(value));
    }
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  public Scenario scenario() {
    return scenario;
  }

  public ProtocolVersion version() {
    return version;
  }

  public boolean tls() {
    return tls;
  }

  /** Such as {@code /mqtt}, or empty for plain TCP. */
  public String webSocketPath() {
    return webSocketPath;
  }

  public int publishers() {
    return publishers;
  }

  public int subscribers() {
    return subscribers;
  }

  public int qos() {
    return qos;
  }

  public int payloadBytes() {
    return payloadBytes;
  }

  /** Over all publishers; 0 sends as fast as the broker takes it. */
  public int messagesPerSecond() {
    return messagesPerSecond;
  }

  public int messagesPerWrite() {
    return messagesPerWrite;
  }

  public int window() {
    return window;
  }

  public int messages() {
    return messages;
  }

  /** For the shell, or empty. */
  public String restartCommand() {
    return restartCommand;
  }

  public boolean shared() {
    return shared;
  }

  /** Whether sessions outlive their connections. */
  public boolean isLasting() {
    return persistent || scenario.queues();
  }

  public int connectsAtOnce() {
    return connectsAtOnce;
  }

  public int sourceAddresses() {
    return sourceAddresses;
  }

  public int contentEvery() {
    return contentEvery;
  }

  public int threads() {
    return threads;
  }

  public Duration rest() {
    int unasked = messagesPerSecond == 0 ? 500 : 0;
    return Duration.ofNanos(1_000L * (restMicros < 0 ? unasked : restMicros));
  }

  public Duration warmUp() {
    return Duration.ofMillis((long) (warmUpSeconds * 1e3));
  }

  public Duration duration() {
    return Duration.ofMillis((long) (seconds * 1e3));
  }

  /** The names people use for protocol versions. */
  static final class Version implements ITypeConverter<ProtocolVersion> {
    @Override
    public ProtocolVersion convert(String value) {
      return switch (value) {
        case "3.1" -> ProtocolVersion.V3_1;
        case "3", "4", "3.1.1" -> ProtocolVersion.V3_1_1;
        case "5", "5.0" -> ProtocolVersion.V5;
        default -> throw new TypeConversionException("expected 3.1, 3.1.1 or 5.0, not " + value);
      };
    }
  }
}
