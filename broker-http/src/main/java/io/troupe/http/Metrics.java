package io.troupe.http;

import com.typesafe.config.Config;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.MetricsExport;
import kamon.Kamon;
import kamon.prometheus.PrometheusReporter;

/** Kamon's figures in Prometheus's text format. One per process, as Kamon is. */
public final class Metrics implements AutoCloseable {
  private static final String REPORTER = "prometheus";

  private final PrometheusReporter reporter;
  private final MetricsExport export;

  private Metrics(PrometheusReporter reporter, MetricsExport export) {
    this.reporter = reporter;
    this.export = export;
  }

  /**
   * Begins to export.
   *
   * @param config the whole tree, with {@code kamon}
   */
  public static Metrics start(BrokerMetrics metrics, Config config) {
    Kamon.initWithoutAttaching(config);
    PrometheusReporter reporter = new PrometheusReporter("kamon.prometheus", config);
    Kamon.addReporter(REPORTER, reporter);
    return new Metrics(
        reporter,
        MetricsExport.start(
            metrics, Version.NUMBER, config.getDuration("kamon.metric.tick-interval")));
  }

  /** As of the last interval. */
  String scrape() {
    return reporter.scrapeData();
  }

  @Override
  public void close() {
    export.close();
    Kamon.stop();
  }
}
