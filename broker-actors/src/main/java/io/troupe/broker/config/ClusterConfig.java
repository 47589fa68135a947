package io.troupe.broker.config;

import java.util.List;

/**
 * The other nodes.
 *
 * @param bind address that is listened on
 * @param port 0 for any free port, only without seed nodes
 * @param host name or address other nodes reach this one by
 * @param seedNodes {@code host:port}; empty for a single node, which forms a cluster of its own
 */
public record ClusterConfig(String bind, int port, String host, List<String> seedNodes) {

  /** The actor system's name, the same on all nodes. */
  public static final String SYSTEM_NAME = "troupe";

  public ClusterConfig {
    seedNodes = List.copyOf(seedNodes);
  }

  static ClusterConfig read(ConfigReader in) {
    String bind = in.text("bind", 1, 255);
    String host = in.text("host", 1, 255);
    ClusterConfig cluster =
        new ClusterConfig(
            bind,
            in.integer("port", 0, 65535),
            host.equals("auto") ? bind : host,
            in.texts("seed-nodes"));
    for (String node : cluster.seedNodes) {
      if (!node.matches("[^\\s:/@]+:\\d{1,5}|\\[[0-9a-fA-F:]+]:\\d{1,5}")) {
        in.problem("seed-nodes", "expected \"host:port\", found \"" + node + '"');
      }
    }
    if (cluster.port == 0 && !cluster.seedNodes.isEmpty()) {
      in.problem("port", "other nodes must know the port: with seed-nodes it cannot be 0");
    }
    return cluster;
  }

  /** Addresses as Akka writes them. */
  List<String> seedNodeAddresses() {
    return seedNodes.stream().map(node -> "akka://" + SYSTEM_NAME + "@" + node).toList();
  }
}
