package io.troupe.http;

import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.metrics.Totals;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code /api/v1/status}: this node at a glance. */
final class StatusRoutes extends AllDirectives {
  private final RunningBroker broker;
  private final Readiness readiness;
  private final BrokerConfig config;
  private final Instant started;

  StatusRoutes(RunningBroker broker, Readiness readiness, BrokerConfig config, Instant started) {
    this.broker = broker;
    this.readiness = readiness;
    this.config = config;
    this.started = started;
  }

  Route route() {
    return path("api", "v1", "status");
  }

  private Route path(String... segments) {
    Route inner = pathEnd(() -> get(() -> complete(Json.ok(status()))));
    for (int i = segments.length - 1; i >= 0; i--) {
      Route deeper = inner;
      inner = pathPrefix(segments[i], () -> deeper);
    }
    return inner;
  }

  private Map<String, Object> status() {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("version", Version.NUMBER);
    status.put("node", config.nodeName());
    status.put("developmentMode", config.dev());
    status.put("startedAt", started.toString());
    status.put("uptimeSeconds", Duration.between(started, Instant.now()).toSeconds());
    status.put("ready", readiness.isReady());
    status.put("checks", readiness.checks());
    status.put("listeners", listeners());
    status.put("cluster", broker.cluster().members());
    put(status, broker.metrics().totals());
    Map<String, Object> all = new LinkedHashMap<>();
    put(all, broker.clusterTotals());
    status.put("clusterTotals", all);
    Runtime runtime = Runtime.getRuntime();
    status.put("heapUsedBytes", runtime.totalMemory() - runtime.freeMemory());
    status.put("heapMaxBytes", runtime.maxMemory());
    return status;
  }

  private static void put(Map<String, Object> status, Totals totals) {
    status.put("connections", totals.connections());
    status.put("storedSessions", totals.storedSessions());
    status.put("subscriptions", totals.subscriptions());
    status.put("retainedMessages", totals.retainedMessages());
    status.put("retainedBytes", totals.retainedBytes());
    status.put("queuedMessages", totals.queuedMessages());
    status.put("queuedBytes", totals.queuedBytes());
    status.put("messagesReceived", totals.messagesReceived());
    status.put("messagesSent", totals.messagesSent());
    status.put("messagesDropped", totals.droppedMessages());
  }

  private List<Map<String, Object>> listeners() {
    return broker.listeners().stream()
        .map(
            listener ->
                Map.<String, Object>of(
                    "name",
                    listener.name(),
                    "transport",
                    listener.transport().name().toLowerCase(Locale.ROOT),
                    "address",
                    listener.address().getHostString(),
                    "port",
                    listener.address().getPort()))
        .toList();
  }
}
