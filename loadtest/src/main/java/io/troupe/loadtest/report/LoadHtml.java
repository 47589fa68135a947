package io.troupe.loadtest.report;

import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.load.LoadResult.Second;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The result of a run as one page that needs nothing else: tables and drawings. */
public final class LoadHtml {
  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>troupe-load</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <style>
      body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
      color:#1c2530;background:#fff}
      h1{font-size:1.3rem}h2{font-size:1.05rem;margin:1.8rem 0 .3rem}
      pre{overflow-x:auto;background:#f3f5f7;padding:1rem;border-radius:6px;font-size:12px}
      svg{width:100%;height:auto}text{font:11px system-ui,sans-serif;fill:#5a6672}
      </style></head><body>
      """;

  private LoadHtml() {}

  public static String page(LoadResult result) {
    StringBuilder out = new StringBuilder(HEAD);
    out.append("<h1>").append(escape(LoadReport.title(result.plan()))).append("</h1><pre>");
    out.append(escape(LoadReport.text(result))).append("</pre>");
    List<Second> series = result.series();
    if (series.size() > 1) {
      plot(
          out,
          "Messages per second",
          series,
          Map.of("sent", Second::sentPerSecond, "delivered", Second::deliveredPerSecond),
          false);
      Map<String, ToDoubleFunction<Second>> latency = new LinkedHashMap<>();
      latency.put("p50", Second::p50Millis);
      latency.put("p99", Second::p99Millis);
      latency.put("max", Second::maxMillis);
      plot(out, "Latency, milliseconds", series, latency, true);
      plot(
          out,
          "CPU, per cent of a core",
          series,
          Map.of("broker", Second::brokerCpuPercent, "generator", Second::ownCpuPercent),
          false);
      plot(
          out,
          "Broker's resident memory, MB",
          series,
          Map.of("memory", s -> s.brokerBytes() / 1048576.0),
          false);
    }
    for (Phase phase : result.phases()) {
      if (phase.latencies().getTotalCount() > 0) {
        distribution(out, phase);
      }
    }
    return out.append("</body></html>\n").toString();
  }

  private static void plot(
      StringBuilder out,
      String title,
      List<Second> series,
      Map<String, ToDoubleFunction<Second>> lines,
      boolean logarithmic) {
    SvgPlot plot = new SvgPlot("seconds", logarithmic);
    lines.forEach(
        (name, value) -> {
          List<double[]> points = new ArrayList<>();
          for (Second second : series) {
            points.add(new double[] {second.at(), value.applyAsDouble(second)});
          }
          plot.line(name, points);
        });
    out.append("<h2>").append(title).append("</h2>").append(plot.draw());
  }

  /** Latency by percentile, each nine as wide as the one before. */
  private static void distribution(StringBuilder out, Phase phase) {
    List<double[]> points = new ArrayList<>();
    for (double nines = 0; nines <= 5; nines += 0.05) {
      double percentile = 100 - Math.pow(10, 2 - nines);
      points.add(new double[] {nines, phase.latencyMillis(Math.max(percentile, 0))});
    }
    SvgPlot plot = new SvgPlot("nines: 1 is 90 %, 2 is 99 %, 3 is 99.9 %", true);
    plot.line("milliseconds", points);
    out.append("<h2>Latency of ").append(escape(phase.name())).append(", by percentile</h2>");
    out.append(plot.draw());
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
