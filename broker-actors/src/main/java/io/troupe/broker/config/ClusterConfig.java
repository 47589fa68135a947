package io.troupe.broker.config;

import io.troupe.protocol.transport.MutualTls;
import io.troupe.protocol.transport.TlsFiles;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The other nodes.
 *
 * @param bind address that is listened on
 * @param port 0 for any free port, only for a single node
 * @param host name or address other nodes reach this one by
 * @param seedNodes {@code host:port}; with {@link Discovery#CONFIG} only, empty for a single node,
 *     which forms a cluster of its own
 * @param serviceName the DNS name, or what the pods' label {@code app} says; empty with {@link
 *     Discovery#CONFIG}
 * @param portName of the SRV records, empty for A and AAAA records; of the pods' container port
 * @param namespace of the pods; {@code auto} for this pod's
 * @param requiredContactPoints nodes that must have found each other before they form a new cluster
 * @param roles what this node does, at least one; both for a single node
 * @param joinTimeout within which this node must have become a member, or its start fails
 * @param tls null: connections between nodes are not encrypted
 */
public record ClusterConfig(
    String bind,
    int port,
    String host,
    Discovery discovery,
    List<String> seedNodes,
    String serviceName,
    String portName,
    String namespace,
    int requiredContactPoints,
    Set<NodeRole> roles,
    Duration joinTimeout,
    Management management,
    @Nullable MutualTls tls) {

  /** The actor system's name, the same on all nodes. */
  public static final String SYSTEM_NAME = "troupe";

  private static final String AUTO = "auto";

  /**
   * Akka Management's HTTP endpoints.
   *
   * @param port 0 for any free port, only with {@link Discovery#CONFIG}
   */
  public record Management(boolean enabled, String bind, int port) {}

  public ClusterConfig {
    seedNodes = List.copyOf(seedNodes);
    roles = Set.copyOf(roles);
  }

  /** Whether clients connect to this node. */
  public boolean servesClients() {
    return roles.contains(NodeRole.CLIENTS);
  }

  /** Whether there are never other nodes. */
  public boolean isSingleNode() {
    return discovery == Discovery.CONFIG && seedNodes.isEmpty();
  }

  static ClusterConfig read(ConfigReader in) {
    String bind = in.text("bind", 1, 255);
    Discovery discovery = in.oneOf("discovery", Discovery.class);
    String portName = in.text("port-name", 0, 63);
    ClusterConfig cluster =
        new ClusterConfig(
            bind,
            in.integer("port", 0, 65535),
            host(in.text("host", 1, 255), bind),
            discovery,
            in.texts("seed-nodes"),
            in.text("service-name", 0, 253),
            portName.equals(AUTO) ? defaultPortName(discovery) : portName,
            in.text("namespace", 1, 63),
            in.integer("required-contact-points", 1, 1000),
            roles(in),
            in.duration("join-timeout", Duration.ofSeconds(5), Duration.ofHours(1)),
            management(in.at("management"), discovery, bind),
            tls(in.at("tls")));
    cluster.check(in);
    return cluster;
  }

  private static Set<NodeRole> roles(ConfigReader in) {
    Set<NodeRole> all = EnumSet.allOf(NodeRole.class);
    Set<NodeRole> roles = EnumSet.noneOf(NodeRole.class);
    List<String> texts = in.texts("roles");
    for (String text : texts) {
      Optional<NodeRole> role = all.stream().filter(each -> each.text().equals(text)).findFirst();
      if (role.isEmpty()) {
        in.problem("roles", "expected clients or storage, found \"" + text + '"');
        return all;
      }
      roles.add(role.get());
    }
    if (roles.isEmpty()) {
      in.problem("roles", "expected clients, storage or both, found nothing");
      return all;
    }
    return roles;
  }

  private static Management management(ConfigReader in, Discovery discovery, String clusterBind) {
    String bind = in.text("bind", 1, 255);
    return new Management(
        in.flag("enabled", discovery != Discovery.CONFIG),
        bind.equals(AUTO) ? clusterBind : bind,
        in.integer("port", 0, 65535));
  }

  private static @Nullable MutualTls tls(ConfigReader in) {
    Path chain = in.file("certificate-chain");
    Path key = in.file("private-key");
    Path authorities = in.file("ca");
    if (chain == null || key == null || authorities == null) {
      long set = Stream.of("certificate-chain", "private-key", "ca").filter(in::isSet).count();
      if (set == 1 || set == 2) {
        in.problem(
            "certificate-chain", "TLS between nodes needs certificate-chain, private-key and ca");
      }
      return null;
    }
    MutualTls tls = new MutualTls(chain, key, authorities);
    tls.mistakes().forEach(mistake -> in.problem(key(mistake), mistake.advice()));
    tls.warnings(Instant.now()).forEach(found -> in.warning(key(found), found.advice()));
    return tls;
  }

  private static String key(TlsFiles.Finding finding) {
    return switch (finding.file()) {
      case CERTIFICATE_CHAIN -> "certificate-chain";
      case PRIVATE_KEY -> "private-key";
      case AUTHORITIES -> "ca";
    };
  }

  private static String defaultPortName(Discovery discovery) {
    return discovery == Discovery.KUBERNETES ? "management" : "";
  }

  /** Containers are bound to every address; others reach them by the one of their host name. */
  private static String host(String configured, String bind) {
    if (!configured.equals(AUTO)) {
      return configured;
    }
    try {
      return isEverywhere(bind) ? InetAddress.getLocalHost().getHostAddress() : bind;
    } catch (UnknownHostException e) {
      return bind;
    }
  }

  private static boolean isEverywhere(String bind) {
    return bind.equals("0.0.0.0") || bind.equals("::");
  }

  private void check(ConfigReader in) {
    for (String node : seedNodes) {
      if (ConfigReader.hostAndPort(node) == null) {
        in.problem("seed-nodes", "expected \"host:port\", found \"" + node + '"');
      }
    }
    if (isSingleNode()) {
      if (roles.size() == 1) {
        in.problem(
            "roles", "expected clients and storage, which a single node needs, found one of them");
      }
      return;
    }
    if (port == 0) {
      in.problem("port", "other nodes must know the port: in a cluster it cannot be 0");
    }
    if (isEverywhere(host) || (isEverywhere(bind) && isLoopback(host))) {
      in.problem("host", "other nodes cannot reach this one at " + host + ": set its address");
    }
    if (discovery != Discovery.CONFIG) {
      checkDiscovery(in);
    }
  }

  private void checkDiscovery(ConfigReader in) {
    if (serviceName.isEmpty()) {
      in.problem(
          "service-name",
          discovery == Discovery.DNS
              ? "discovery by DNS needs the name whose records are the nodes"
              : "discovery by Kubernetes needs the value of the pods' label \"app\"");
    }
    if (!seedNodes.isEmpty()) {
      in.problem("seed-nodes", "are for discovery = config only: remove them, or set it");
    }
    if (discovery == Discovery.KUBERNETES && portName.isEmpty()) {
      in.problem("port-name", "discovery by Kubernetes needs the name of the container port");
    }
    ConfigReader managementIn = in.at("management");
    if (!management.enabled) {
      managementIn.problem("enabled", "nodes find each other by it: it cannot be off");
    }
    if (management.port == 0) {
      managementIn.problem("port", "other nodes must know the port: it cannot be 0");
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** What Akka needs of all this. */
  Map<String, Object> akka() {
    Map<String, Object> akka = new HashMap<>();
    akka.put("akka.cluster.roles", roles.stream().map(NodeRole::text).sorted().toList());
    akka.put("akka.cluster.sharding.role", NodeRole.STORAGE.text());
    String artery = "akka.remote.artery.";
    akka.put(artery + "canonical.hostname", host);
    akka.put(artery + "canonical.port", port);
    akka.put(artery + "bind.hostname", bind);
    akka.put(artery + "bind.port", port);
    // Membership joins them, when it knows whether this node may form a cluster.
    akka.put("akka.cluster.seed-nodes", List.of());
    if (tls != null) {
      akka.put(artery + "transport", "tls-tcp");
      akka.put(artery + "ssl.ssl-engine-provider", "io.troupe.broker.cluster.NodeTls");
      // It finds them there, made absolute.
      akka.put("troupe.cluster.tls.certificate-chain", tls.certificateChain().toString());
      akka.put("troupe.cluster.tls.private-key", tls.privateKey().toString());
      akka.put("troupe.cluster.tls.ca", tls.authorities().toString());
    }
    String http = "akka.management.http.";
    akka.put(http + "hostname", address(host));
    akka.put(http + "port", management.port);
    akka.put(http + "bind-hostname", management.bind);
    akka.put(http + "bind-port", management.port);
    if (discovery != Discovery.CONFIG) {
      putBootstrap(akka);
    }
    return akka;
  }

  private void putBootstrap(Map<String, Object> akka) {
    akka.put(
        "akka.management.cluster.bootstrap.join-decider.class",
        "io.troupe.broker.cluster.StoreJoinDecider");
    String found = "akka.management.cluster.bootstrap.contact-point-discovery.";
    akka.put(found + "service-name", serviceName);
    akka.put(found + "required-contact-point-nr", requiredContactPoints);
    akka.put("akka.management.cluster.bootstrap.contact-point.fallback-port", management.port);
    if (!portName.isEmpty()) {
      akka.put(found + "port-name", portName);
      akka.put(found + "protocol", "tcp");
    }
    if (discovery == Discovery.DNS) {
      akka.put(found + "discovery-method", "akka-dns");
      return;
    }
    akka.put(found + "discovery-method", "kubernetes-api");
    if (!namespace.equals(AUTO)) {
      akka.put("akka.discovery.kubernetes-api.pod-namespace", namespace);
    }
  }

  /** The node that forms the cluster knows itself among the addresses found, not by a name. */
  private static String address(String host) {
    try {
      return InetAddress.getByName(host).getHostAddress();
    } catch (UnknownHostException e) {
      return host;
    }
  }
}
