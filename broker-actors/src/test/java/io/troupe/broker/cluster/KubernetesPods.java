package io.troupe.broker.cluster;

import java.util.Map;

/**
 * Three nodes that find each other by the Kubernetes API their environment names.
 *
 * <p>Arguments: files with the API's authority and the pods' token, the management port.
 */
final class KubernetesPods {
  private KubernetesPods() {}

  public static void main(String[] arguments) throws Exception {
    int port = TestNodes.freePort("127.0.0.2");
    try (TestNodes nodes =
        TestNodes.start(
            3,
            i ->
                Map.of(
                    "troupe.cluster.bind",
                    "127.0.0." + (i + 2),
                    "troupe.cluster.port",
                    port,
                    "troupe.cluster.discovery",
                    "kubernetes",
                    "troupe.cluster.service-name",
                    "mqtt",
                    "troupe.cluster.namespace",
                    "messaging",
                    "troupe.cluster.required-contact-points",
                    3,
                    "troupe.cluster.management.port",
                    Integer.parseInt(arguments[2]),
                    "akka.discovery.kubernetes-api.api-ca-path",
                    arguments[0],
                    "akka.discovery.kubernetes-api.api-token-path",
                    arguments[1]))) {
      nodes.awaitOneClusterOf(3);
    }
  }
}
