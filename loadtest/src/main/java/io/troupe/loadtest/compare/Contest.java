package io.troupe.loadtest.compare;

import io.troupe.loadtest.load.LoadPlan;
import io.troupe.loadtest.load.LoadPlan.Security;
import io.troupe.loadtest.load.Scenario;
import io.troupe.protocol.packet.ProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;

/** The scenarios of a comparison, all with 256-byte payloads. */
public enum Contest {
  FAN_OUT_QOS_0(Scenario.FAN_OUT, 1, 500, 0, 0),
  FAN_OUT_QOS_1(Scenario.FAN_OUT, 1, 500, 1, 0),
  PAIRS_QOS_1(Scenario.PAIRS, 500, 500, 1, 0),
  FAN_IN_QOS_0(Scenario.FAN_IN, 500, 5, 0, 0),
  FAN_IN_QOS_1(Scenario.FAN_IN, 500, 5, 1, 0),
  FAN_IN_QOS_0_20K(Scenario.FAN_IN, 500, 5, 0, 20_000),
  FAN_IN_QOS_1_20K(Scenario.FAN_IN, 500, 5, 1, 20_000),
  PAIRS_QOS_1_5K(Scenario.PAIRS, 100, 100, 1, 5_000),
  PERSISTENT_QOS_1(Scenario.PERSISTENT, 100, 100, 1, 0),
  STORM(Scenario.STORM, 1, 2_000, 1, 0),
  IDLE(Scenario.IDLE, 1, 5_000, 1, 0);

  private static final int MESSAGES_QUEUED = 200_000;
  private static final int PAYLOAD_BYTES = 256;

  private final Scenario scenario;
  private final int publishers;
  private final int subscribers;
  private final int qos;
  private final int perSecond;

  Contest(Scenario scenario, int publishers, int subscribers, int qos, int perSecond) {
    this.scenario = scenario;
    this.publishers = publishers;
    this.subscribers = subscribers;
    this.qos = qos;
    this.perSecond = perSecond;
  }

  /** The name in tables and on the command line, such as {@code pairs-qos-1}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the broker starts anew before it, as its memory is what counts. */
  boolean startsAnew() {
    return this == IDLE;
  }

  /** Address and process are put in by {@link LoadPlan#against}. */
  LoadPlan plan(Duration warmUp, Duration duration, int threads) {
    return new LoadPlan(
        scenario,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        ProtocolVersion.V5,
        Security.PLAIN,
        null,
        publishers,
        subscribers,
        qos,
        PAYLOAD_BYTES,
        perSecond,
        scenario == Scenario.PERSISTENT ? 10 : 1,
        100,
        MESSAGES_QUEUED,
        false,
        false,
        100,
        1,
        100,
        threads,
        warmUp,
        duration,
        0);
  }
}
