package io.troupe.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.troupe.broker.cluster.ClusterView;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.store.StoreHealth;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.transport.Transport;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static ActorTestKit testKit;
  private static FakeBroker broker;
  private static Metrics metrics;

  private Readiness readiness;
  private String base;

  @BeforeAll
  static void startOnce() throws Exception {
    testKit =
        ActorTestKit.create(
            ConfigFactory.parseMap(
                    Map.of("akka.actor.provider", "local", "akka.loglevel", "WARNING"))
                .withFallback(ConfigFactory.defaultReference()));
    broker = new FakeBroker(testKit.system());
    metrics =
        Metrics.start(
            broker.metrics,
            ConfigFactory.parseString("kamon.metric.tick-interval = 100ms")
                .withFallback(BrokerConfig.of(Map.of("troupe.dev", true)).akka()));
  }

  @AfterAll
  static void stop() {
    metrics.close();
    testKit.shutdownTestKit();
  }

  @BeforeEach
  void start() throws Exception {
    readiness = new Readiness(broker);
    broker.health = new StoreHealth(StoreHealth.Status.OK, "", 100, 0);
    broker.listeners =
        List.of(
            new RunningBroker.Listener(
                "tcp",
                Transport.TCP,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1883)));
    BrokerConfig config =
        BrokerConfig.of(Map.of("troupe.dev", true, "troupe.http.port", 0, "troupe.node-name", "n"));
    AdminServer server =
        AdminServer.start(broker, readiness, metrics, config, Instant.now())
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS);
    base = "http://127.0.0.1:" + server.address().getPort();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(60)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> response) throws Exception {
    return JSON.readTree(response.body());
  }

  @Test
  void aWorkingBrokerIsAliveAndReady() throws Exception {
    assertEquals(200, get("/health/live").statusCode());
    HttpResponse<String> ready = get("/health/ready");

    assertEquals(200, ready.statusCode());
    assertEquals("ready", json(ready).get("status").asText());
  }

  @Test
  void aBrokerWhoseThreadsAreAllBusyAnswers() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try {
      for (int i = 0; i < 500; i++) {
        testKit.system().executionContext().execute(() -> await(end));
      }

      assertEquals(200, get("/health/live").statusCode());
      assertEquals(200, get("/health/ready").statusCode());
      assertEquals(200, get("/metrics").statusCode());
      assertEquals(200, get("/api/v1/status").statusCode());
    } finally {
      end.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFailedStoreMakesItNotReadyWithTheReason() throws Exception {
    broker.health = new StoreHealth(StoreHealth.Status.FAILED, "disk full", 0, 0);

    HttpResponse<String> ready = get("/health/ready");

    assertEquals(503, ready.statusCode());
    assertTrue(ready.body().contains("disk full"));
    assertEquals(200, get("/health/live").statusCode());
  }

  @Test
  void aSlowStoreIsStillReady() throws Exception {
    broker.health = new StoreHealth(StoreHealth.Status.SLOW, "a commit takes 2000 ms", 0, 0);

    assertEquals(200, get("/health/ready").statusCode());
  }

  @Test
  void withoutListenersOrWhileDrainingItIsNotReady() throws Exception {
    broker.listeners = List.of();
    assertEquals(503, get("/health/ready").statusCode());

    start();
    readiness.drain();
    assertEquals(503, get("/health/ready").statusCode());
  }

  @Test
  void onTheSmallerSideOfADividedClusterItIsNotReady() throws Exception {
    ClusterView whole = broker.cluster;
    try {
      broker.cluster =
          new ClusterView(
              List.of(
                  new ClusterView.Member("10.0.0.1:2551", "Up", true, true, FakeBroker.ROLES),
                  new ClusterView.Member("10.0.0.2:2551", "Up", false, false, FakeBroker.ROLES),
                  new ClusterView.Member("10.0.0.3:2551", "Up", false, false, FakeBroker.ROLES)));
      HttpResponse<String> ready = get("/health/ready");

      assertEquals(503, ready.statusCode());
      assertTrue(ready.body().contains("1 of 3 nodes reachable"), ready.body());
      assertEquals(200, get("/health/live").statusCode());
      JsonNode members = json(get("/api/v1/status")).get("cluster");
      assertEquals("10.0.0.1:2551", members.get(0).get("address").asText());
      assertTrue(members.get(0).get("self").asBoolean());
    } finally {
      broker.cluster = whole;
    }
  }

  @Test
  void aNodeThatOnlyStoresIsReadyWithoutListeners() throws Exception {
    ClusterView whole = broker.cluster;
    List<RunningBroker.Listener> bound = broker.listeners;
    try {
      broker.listeners = List.of();
      assertEquals(503, get("/health/ready").statusCode());
      broker.cluster =
          new ClusterView(
              List.of(
                  new ClusterView.Member("10.0.0.1:2551", "Up", true, true, List.of("storage"))));

      assertEquals(200, get("/health/ready").statusCode());
    } finally {
      broker.cluster = whole;
      broker.listeners = bound;
    }
  }

  @Test
  void theStatusTellsWhatTheWholeClusterHas() throws Exception {
    broker.others.retained(0, 7, 700);
    try {
      JsonNode status = json(get("/api/v1/status"));

      long own = status.get("retainedMessages").asLong();
      assertEquals(own + 7, status.get("clusterTotals").get("retainedMessages").asLong());
    } finally {
      broker.others.retained(0, 0, 0);
    }
  }

  @Test
  void theStatusTellsVersionListenersAndCounts() throws Exception {
    JsonNode status = json(get("/api/v1/status"));

    assertEquals(Version.NUMBER, status.get("version").asText());
    assertEquals("n", status.get("node").asText());
    assertEquals(1883, status.get("listeners").get(0).get("port").asInt());
    assertTrue(status.get("connections").isNumber());
  }

  @Test
  void metricsComeInPrometheusTextFormat() throws Exception {
    broker.metrics.connectionOpened(Transport.TCP, ProtocolVersion.V5);

    HttpResponse<String> metricsPage = get("/metrics");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!metricsPage.body().contains("mqtt_connections{") && System.nanoTime() < deadline) {
      metricsPage = get("/metrics");
    }

    assertTrue(metricsPage.headers().firstValue("content-type").orElse("").contains("text/plain"));
    assertTrue(metricsPage.body().contains("# TYPE mqtt_connections gauge"), metricsPage.body());
  }

  @Test
  void theProcessAndItsJvmAreMeasuredUnderPrometheusOwnNames() throws Exception {
    Map<String, Double> before = samples();
    Map<String, Double> now = before;
    double collections = sum(before, "jvm_gc_collection_seconds_count");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < deadline
        && (sum(now, "jvm_gc_collection_seconds_count") <= collections
            || sum(now, "process_cpu_seconds_total") <= 0)) {
      System.gc();
      now = samples();
    }

    for (String name :
        List.of(
            "jvm_memory_used_bytes",
            "jvm_memory_committed_bytes",
            "jvm_memory_max_bytes",
            "jvm_buffer_pool_used_bytes",
            "jvm_threads_current",
            "jvm_threads_daemon",
            "jvm_threads_peak",
            "process_cpu_seconds_total",
            "process_open_fds",
            "process_max_fds",
            "process_resident_memory_bytes",
            "process_uptime_seconds")) {
      assertTrue(sum(now, name) > 0, name + " in " + now.keySet());
    }
    assertTrue(sum(now, "jvm_gc_collection_seconds_count") > collections);
    long started = ManagementFactory.getRuntimeMXBean().getStartTime();
    assertEquals(started / 1e3, sum(now, "process_start_time_seconds"), 1);
    assertTrue(sum(now, "jvm_memory_max_bytes") <= Runtime.getRuntime().maxMemory());
    assertTrue(sum(now, "process_open_fds") < sum(now, "process_max_fds"));
    assertTrue(sum(now, "process_resident_memory_bytes") > 10_000_000);
  }

  /** Each sample of the page by its name with labels. */
  private Map<String, Double> samples() throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> !line.startsWith("#") && line.contains(" "))
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.lastIndexOf(' ')),
                line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)),
                Double::sum));
  }

  private static double sum(Map<String, Double> samples, String name) {
    return samples.entrySet().stream()
        .filter(sample -> sample.getKey().split("\\{", 2)[0].equals(name))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  @Test
  void unknownPathsAndMethodsAreProblems() throws Exception {
    HttpResponse<String> missing = get("/nothing");
    HttpResponse<String> posted =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(base + "/metrics"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertEquals(404, missing.statusCode());
    assertEquals(
        "application/problem+json", missing.headers().firstValue("content-type").orElse(""));
    assertTrue(json(missing).get("detail").asText().contains("/nothing"));
    assertEquals(405, posted.statusCode());
    assertEquals(405, json(posted).get("status").asInt());
  }
}
