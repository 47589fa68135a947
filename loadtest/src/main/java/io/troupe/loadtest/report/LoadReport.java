package io.troupe.loadtest.report;

import io.troupe.loadtest.load.LoadPlan;
import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.load.LoadResult.Second;
import io.troupe.loadtest.load.LoadResult.Totals;
import io.troupe.protocol.packet.ProtocolVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The result of a run of the generator as text and JSON. */
public final class LoadReport {
  private LoadReport() {}

  /** One line for each second while it runs. */
  public static String progress(Second second) {
    return String.format(
        Locale.ROOT,
        "%6.1f s  sent %9.0f/s  delivered %9.0f/s  p50 %8.2f ms  p99 %8.2f ms  max %8.2f ms"
            + "  own CPU %3.0f %%%s",
        second.at(),
        second.sentPerSecond(),
        second.deliveredPerSecond(),
        second.p50Millis(),
        second.p99Millis(),
        second.maxMillis(),
        second.ownCpuPercent(),
        second.brokerBytes() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "  broker CPU %3.0f %%  %d MB",
                second.brokerCpuPercent(),
                second.brokerBytes() >> 20));
  }

  /** What was run, in words. */
  public static String title(LoadPlan plan) {
    return String.format(
        Locale.ROOT,
        "%s, %d publishers, %d subscribers, QoS %d, %d bytes, %s, %d per write, MQTT %s%s%s",
        plan.scenario(),
        plan.publishers(),
        plan.subscribers(),
        plan.qos(),
        plan.payloadBytes(),
        plan.messagesPerSecond() == 0 ? "flat out" : plan.messagesPerSecond() + " messages/s",
        plan.messagesPerWrite(),
        version(plan.version()),
        plan.tls() ? ", TLS" : "",
        plan.webSocketPath().isEmpty() ? "" : ", WebSocket");
  }

  public static String text(LoadResult result) {
    TextTable table =
        new TextTable(
            "phase",
            "seconds",
            "count",
            "per second",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "max ms",
            "broker CPU s/M",
            "own CPU s/M",
            "own/broker",
            "broker peak MB",
            "disk B/message");
    for (Phase p : result.phases()) {
      table.row(
          p.name(),
          number(p.seconds()),
          p.count(),
          String.format(Locale.ROOT, "%.0f", p.perSecond()),
          number(p.latencyMillis(50)),
          number(p.latencyMillis(99)),
          number(p.latencyMillis(99.9)),
          number(p.latencyMillis(100)),
          number(p.brokerCpuPerMillion()),
          number(p.ownCpuPerMillion()),
          p.brokerCpuNanos() == 0 ? "-" : number(p.ownPart()),
          p.brokerPeakBytes() >> 20,
          p.diskGrowthBytes() == 0 ? "-" : number(p.diskBytesEach()));
    }
    StringBuilder out = new StringBuilder(title(result.plan())).append('\n').append(table);
    Totals t = result.totals();
    out.append(
        String.format(
            Locale.ROOT,
            "sent %d, acknowledged %d, refused %d, delivered %d of %d; gaps %d, misordered %d,"
                + " damaged %d, due but not sent %d, connections failed %d%n",
            t.sent(),
            t.acknowledged(),
            t.refused(),
            t.delivered(),
            t.expected(),
            t.gaps(),
            t.misordered(),
            t.damaged(),
            t.unsent(),
            t.failedConnections()));
    result.notes().forEach(n -> out.append("note: ").append(n).append('\n'));
    return out.toString();
  }

  public static String json(LoadResult result) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("title", title(result.plan()));
    List<Object> phases = new ArrayList<>();
    for (Phase p : result.phases()) {
      phases.add(phase(p));
    }
    map.put("phases", phases);
    Totals t = result.totals();
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("sent", t.sent());
    totals.put("acknowledged", t.acknowledged());
    totals.put("refused", t.refused());
    totals.put("expected", t.expected());
    totals.put("delivered", t.delivered());
    totals.put("gaps", t.gaps());
    totals.put("misordered", t.misordered());
    totals.put("damaged", t.damaged());
    totals.put("unsent", t.unsent());
    totals.put("failedConnections", t.failedConnections());
    map.put("totals", totals);
    List<Object> series = new ArrayList<>();
    for (Second s : result.series()) {
      Map<String, Object> point = new LinkedHashMap<>();
      point.put("at", s.at());
      point.put("sentPerSecond", s.sentPerSecond());
      point.put("deliveredPerSecond", s.deliveredPerSecond());
      point.put("p50Millis", s.p50Millis());
      point.put("p99Millis", s.p99Millis());
      point.put("maxMillis", s.maxMillis());
      point.put("brokerCpuPercent", s.brokerCpuPercent());
      point.put("ownCpuPercent", s.ownCpuPercent());
      point.put("brokerBytes", s.brokerBytes());
      series.add(point);
    }
    map.put("series", series);
    map.put("notes", result.notes());
    return Json.of(map);
  }

  private static Map<String, Object> phase(Phase p) {
    Map<String, Object> phase = new LinkedHashMap<>();
    phase.put("name", p.name());
    phase.put("seconds", p.seconds());
    phase.put("count", p.count());
    phase.put("perSecond", p.perSecond());
    phase.put("brokerCpuSecondsPerMillion", p.brokerCpuPerMillion());
    phase.put("ownCpuSecondsPerMillion", p.ownCpuPerMillion());
    phase.put("ownPartOfBrokerCpu", p.ownPart());
    phase.put("brokerPeakBytes", p.brokerPeakBytes());
    phase.put("brokerGrowthBytes", p.brokerGrowthBytes());
    phase.put("diskGrowthBytes", p.diskGrowthBytes());
    Map<String, Object> latency = new LinkedHashMap<>();
    for (double percentile : new double[] {50, 90, 99, 99.9, 99.99, 100}) {
      latency.put("p" + percentile, p.latencyMillis(percentile));
    }
    phase.put("latencyMillis", latency);
    return phase;
  }

  private static String version(ProtocolVersion version) {
    return switch (version) {
      case V3_1 -> "3.1";
      case V3_1_1 -> "3.1.1";
      case V5 -> "5.0";
    };
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.2f", value);
  }
}
