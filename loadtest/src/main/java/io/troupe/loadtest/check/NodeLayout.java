package io.troupe.loadtest.check;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which address and ports each node and the store have, and the commands that start them: all on
 * 127.0.0.1 with different ports, or each on a host of a {@link NodeNetwork}.
 */
final class NodeLayout {
  private final Path home;
  private final Path directory;
  private final int count;
  private final int storeHost;
  private final int offset;

  private NodeLayout(Path home, Path directory, int count, int storeHost, int offset) {
    this.home = home;
    this.directory = directory;
    this.count = count;
    this.storeHost = storeHost;
    this.offset = offset;
  }

  static NodeLayout hosts(Path home, Path directory, int count, int storeHost) {
    return new NodeLayout(home, directory, count, storeHost, 0);
  }

  /** Below the ports of outgoing connections, so that a node finds its own again. */
  static NodeLayout ports(Path home, Path directory, int count) {
    for (int i = 0; i < 200; i++) {
      int offset = ThreadLocalRandom.current().nextInt(10_000, 22_000);
      NodeLayout layout = new NodeLayout(home, directory, count, 0, offset);
      if (layout.allPorts().stream().allMatch(NodeLayout::isFree)) {
        return layout;
      }
    }
    throw new IllegalStateException("no free ports");
  }

  ClusterNode node(int number) {
    String name = "node-" + number;
    BrokerProcess process =
        new BrokerProcess(
            new InetSocketAddress(host(number), mqttPort(number)),
            nodeCommand(number),
            directory.resolve(name),
            directory.resolve(name + ".log"));
    return new ClusterNode(number, process, new InetSocketAddress(host(number), httpPort(number)));
  }

  /** {@code bin/troupe-cluster} without nodes is a Cassandra. */
  String storeCommand() {
    return "exec "
        + prefix(storeHost)
        + quoted(home.resolve("bin/troupe-cluster"))
        + " --nodes 0 --address "
        + host(storeHost)
        + " --port-offset "
        + offset
        + " --data "
        + quoted(directory.resolve("store"));
  }

  private String nodeCommand(int number) {
    List<String> seeds = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      seeds.add(host(i) + ":" + clusterPort(i));
    }
    List<String> again = new ArrayList<>(seeds);
    if (number == 1) {
      // Else, with busy others, it may form another cluster.
      Collections.rotate(again, -1);
    }
    String host = host(number);
    return "exec "
        + prefix(number)
        + "env \"JAVA_OPTS=${JAVA_OPTS:--Xmx512m}\" TROUPE_NODE_NAME=node-"
        + number
        + " TROUPE_STORE__KIND=cassandra TROUPE_STORE__CASSANDRA__REPLICATION=1"
        + " TROUPE_STORE__CASSANDRA__CONTACT_POINTS="
        + host(storeHost)
        + ":"
        + cqlPort()
        + " TROUPE_CLUSTER__SEED_NODES="
        + ("$([ -d " + quoted(directory.resolve("node-" + number)) + " ] && echo ")
        + String.join(",", again)
        + " || echo "
        + String.join(",", seeds)
        + ")"
        + (" TROUPE_CLUSTER__BIND=" + host + " TROUPE_CLUSTER__PORT=" + clusterPort(number))
        + (" TROUPE_LISTENERS__TCP__BIND=" + host + " TROUPE_HTTP__BIND=" + host + " ")
        + quoted(home.resolve("bin/troupe"))
        + " start --dev --data "
        + quoted(directory.resolve("node-" + number))
        + (" --port " + mqttPort(number) + " --ws-port 0 --http-port " + httpPort(number));
  }

  private List<Integer> allPorts() {
    List<Integer> ports = new ArrayList<>(List.of(cqlPort(), 7100 + offset));
    for (int number = 1; number <= count + 1; number++) {
      ports.addAll(List.of(mqttPort(number), clusterPort(number), httpPort(number)));
    }
    return ports;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private int mqttPort(int number) {
    return 1882 + number + offset;
  }

  private int clusterPort(int number) {
    return 2550 + number + offset;
  }

  private int httpPort(int number) {
    return 8070 + 10 * number + offset;
  }

  private int cqlPort() {
    return 9142 + offset;
  }

  private String host(int number) {
    return storeHost == 0 ? "127.0.0.1" : NodeNetwork.address(number);
  }

  private String prefix(int number) {
    return storeHost == 0 ? "" : NodeNetwork.prefix(number);
  }

  private static String quoted(Path path) {
    return "'" + path.toAbsolutePath() + "'";
  }
}
