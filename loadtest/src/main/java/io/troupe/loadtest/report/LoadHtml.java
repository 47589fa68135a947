package io.troupe.loadtest.report;

import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.load.LoadResult.Second;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The result of a run as one page of tables and plots. */
public final class LoadHtml {
  private LoadHtml() {}

  public static String page(LoadResult result) {
    HtmlPage page = new HtmlPage(LoadReport.title(result.plan()));
    page.text(LoadReport.text(result));
    List<Second> series = result.series();
    if (series.size() > 1) {
      SvgPlot rate = new SvgPlot("seconds", false);
      line(rate, "sent", series, Second::sentPerSecond);
      line(rate, "delivered", series, Second::deliveredPerSecond);
      page.drawing("Messages per second", rate.draw());
      SvgPlot latency = new SvgPlot("seconds", true);
      line(latency, "p50", series, Second::p50Millis);
      line(latency, "p99", series, Second::p99Millis);
      line(latency, "max", series, Second::maxMillis);
      page.drawing("Latency, milliseconds", latency.draw());
      SvgPlot cpu = new SvgPlot("seconds", false);
      line(cpu, "broker", series, Second::brokerCpuPercent);
      line(cpu, "generator", series, Second::ownCpuPercent);
      page.drawing("CPU, per cent of a core", cpu.draw());
      SvgPlot memory = new SvgPlot("seconds", false);
      line(memory, "memory", series, s -> s.brokerBytes() / 1048576.0);
      page.drawing("Broker's resident memory, MB", memory.draw());
    }
    for (Phase phase : result.phases()) {
      if (phase.isTimed()) {
        distribution(page, phase);
      }
    }
    return page.toString();
  }

  private static void line(
      SvgPlot plot, String name, List<Second> series, ToDoubleFunction<Second> value) {
    List<double[]> points = new ArrayList<>();
    for (Second second : series) {
      points.add(new double[] {second.at(), value.applyAsDouble(second)});
    }
    plot.line(name, points);
  }

  /** Latency by percentile, each nine as wide as the one before. */
  private static void distribution(HtmlPage page, Phase phase) {
    List<double[]> points = new ArrayList<>();
    for (double nines = 0; nines <= 5; nines += 0.05) {
      double percentile = 100 - Math.pow(10, 2 - nines);
      points.add(new double[] {nines, phase.latencyMillis(Math.max(percentile, 0))});
    }
    SvgPlot plot = new SvgPlot("nines: 1 is 90 %, 2 is 99 %, 3 is 99.9 %", true);
    plot.line("milliseconds", points);
    page.drawing("Latency of " + phase.name() + ", by percentile", plot.draw());
  }
}
