package io.troupe.broker.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClusterConfig;
import io.troupe.broker.store.NodeLease;
import io.troupe.protocol.transport.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormationTest {
  private static final int NODES = 3;

  @TempDir Path folder;

  @Test
  void nodesWithTheSameSeedNodesFormOneCluster() throws Exception {
    int port = TestNodes.freePort("127.0.0.2");
    List<String> seeds = List.of("127.0.0.2:" + port, "127.0.0.3:" + port);

    try (TestNodes nodes =
        TestNodes.start(
            NODES,
            i ->
                Map.of(
                    "troupe.cluster.bind", "127.0.0." + (i + 2),
                    "troupe.cluster.port", port,
                    "troupe.cluster.seed-nodes", seeds))) {
      nodes.awaitOneClusterOf(NODES);

      assertEquals(
          List.of("127.0.0.2:" + port, "127.0.0.3:" + port, "127.0.0.4:" + port),
          nodes.member(0).view().members().stream().map(ClusterView.Member::address).toList());
    }
  }

  @Test
  void nodesFindEachOtherByTheAddressesOfAName() throws Exception {
    int port = TestNodes.freePort("127.0.0.2");
    int management = TestNodes.freePort("127.0.0.2");
    Map<String, List<String>> records =
        Map.of("broker.test", List.of("127.0.0.2", "127.0.0.3", "127.0.0.4"));

    try (DnsServer dns = new DnsServer(records, Map.of());
        TestNodes nodes =
            TestNodes.start(
                NODES,
                i ->
                    Map.of(
                        "troupe.cluster.bind",
                        "127.0.0." + (i + 2),
                        "troupe.cluster.port",
                        port,
                        "troupe.cluster.discovery",
                        "dns",
                        "troupe.cluster.service-name",
                        "broker.test",
                        "troupe.cluster.required-contact-points",
                        NODES,
                        "troupe.cluster.management.port",
                        management,
                        "akka.io.dns.async-dns.nameservers",
                        List.of(dns.address())))) {
      nodes.awaitOneClusterOf(NODES);
      assertTrue(nodes.member(0).view().isServing());
    }
  }

  @Test
  void nodesFindEachOtherByServiceRecordsWhichTellTheirPorts() throws Exception {
    int[] ports = ports();
    int[] management = ports();
    List<DnsServer.Service> services =
        IntStream.range(0, NODES)
            .mapToObj(i -> new DnsServer.Service("localhost", management[i]))
            .toList();

    try (DnsServer dns =
            new DnsServer(
                Map.of("localhost", List.of("127.0.0.1")),
                Map.of("_mqtt._tcp.broker.test", services));
        TestNodes nodes =
            TestNodes.start(
                NODES,
                i ->
                    Map.of(
                        "troupe.cluster.port",
                        ports[i],
                        "troupe.cluster.discovery",
                        "dns",
                        "troupe.cluster.service-name",
                        "broker.test",
                        "troupe.cluster.port-name",
                        "mqtt",
                        "troupe.cluster.required-contact-points",
                        NODES,
                        "troupe.cluster.management.port",
                        management[i],
                        "akka.io.dns.async-dns.nameservers",
                        List.of(dns.address())))) {
      nodes.awaitOneClusterOf(NODES);
    }
  }

  /** In a process of its own: where Kubernetes is, pods are told by their environment only. */
  @Test
  void podsFindEachOtherByKubernetes() throws Exception {
    TestCertificates certificate = TestCertificates.make(folder, "kubernetes");
    Files.writeString(folder.resolve("token"), "the-pods-token");
    List<String> requests = new ArrayList<>();
    int management = TestNodes.freePort("127.0.0.2");
    HttpsServer api = kubernetes(certificate, management, requests);
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              KubernetesPods.class.getName(),
              certificate.certificate().toString(),
              folder.resolve("token").toString(),
              String.valueOf(management));
      builder.environment().put("KUBERNETES_SERVICE_HOST", "127.0.0.1");
      builder
          .environment()
          .put("KUBERNETES_SERVICE_PORT", String.valueOf(api.getAddress().getPort()));
      Process process = builder.redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertEquals(0, process.waitFor(), output);
    } finally {
      api.stop(0);
    }
    synchronized (requests) {
      assertEquals(
          List.of(
              "Bearer the-pods-token GET /api/v1/namespaces/messaging/pods?labelSelector=app%3Dmqtt"),
          requests.stream().distinct().toList());
    }
  }

  private HttpsServer kubernetes(
      TestCertificates certificate, int management, List<String> requests) throws IOException {
    HttpsServer api =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.setHttpsConfigurator(new HttpsConfigurator(certificate.clientContext(certificate)));
    List<String> pods = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      pods.add(
          """
          {"metadata": {}, "spec": {"containers": [{"name": "troupe", "ports": [
            {"name": "mqtt", "containerPort": 1883}, {"name": "management", "containerPort": %d}]}]},
           "status": {"podIP": "127.0.0.%d", "phase": "Running",
            "containerStatuses": [{"name": "troupe", "state": {"running": {}}}]}}
          """
              .formatted(management, i + 2));
    }
    byte[] list =
        "{\"items\": [%s]}".formatted(String.join(",", pods)).getBytes(StandardCharsets.UTF_8);
    api.createContext(
        "/",
        exchange -> {
          synchronized (requests) {
            requests.add(
                exchange.getRequestHeaders().getFirst("Authorization")
                    + " "
                    + exchange.getRequestMethod()
                    + " "
                    + exchange.getRequestURI());
          }
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, list.length);
          exchange.getResponseBody().write(list);
          exchange.close();
        });
    api.start();
    return api;
  }

  @Test
  void managementShowsTheMembersAndLetsNobodyChangeThem() throws Exception {
    int port = TestNodes.freePort("127.0.0.1");
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest.Builder members =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/cluster/members"));

    try (TestNodes nodes =
        TestNodes.start(
            1,
            i ->
                Map.of(
                    "troupe.cluster.management.enabled",
                    true,
                    "troupe.cluster.management.port",
                    port))) {
      HttpResponse<String> shown = http.send(members.build(), HttpResponse.BodyHandlers.ofString());
      HttpResponse<String> joined =
          http.send(
              members
                  .POST(HttpRequest.BodyPublishers.ofString("address=akka://troupe@127.0.0.1:1"))
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertEquals(200, shown.statusCode());
      assertTrue(shown.body().contains("\"status\":\"Up\""), shown.body());
      assertEquals(405, joined.statusCode());
      assertTrue(nodes.member(0).view().isServing());
    }
  }

  @Test
  void aNodeThatFindsNoClusterSaysWhatToCheck() throws Exception {
    BrokerConfig config =
        TestNodes.config(
            Map.of(
                "troupe.cluster.port",
                TestNodes.freePort("127.0.0.1"),
                "troupe.cluster.seed-nodes",
                List.of("127.0.0.1:1"),
                "troupe.cluster.join-timeout",
                "5s",
                "akka.loglevel",
                "OFF"));
    ActorSystem<Void> system =
        ActorSystem.create(Behaviors.empty(), ClusterConfig.SYSTEM_NAME, config.akka());
    try {
      String message =
          assertThrows(
                  JoinException.class,
                  () -> Membership.join(system, config.cluster(), NodeLease.ALONE))
              .getMessage();

      assertTrue(message.contains("troupe.cluster.seed-nodes"), message);
      assertTrue(message.contains("troupe.cluster.join-timeout"), message);
    } finally {
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().join();
    }
  }

  @Test
  void aTakenManagementPortIsSaid() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Exception failure =
          assertThrows(
              Exception.class,
              () ->
                  TestNodes.start(
                      1,
                      i ->
                          Map.of(
                              "akka.loglevel",
                              "OFF",
                              "troupe.cluster.management.enabled",
                              true,
                              "troupe.cluster.management.port",
                              taken.getLocalPort())));

      assertTrue(
          failure.getMessage().contains("troupe.cluster.management.port"), failure::toString);
    }
  }

  private static int[] ports() {
    return IntStream.generate(() -> TestNodes.freePort("127.0.0.1"))
        .distinct()
        .limit(NODES)
        .toArray();
  }
}
