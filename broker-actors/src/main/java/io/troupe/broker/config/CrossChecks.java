package io.troupe.broker.config;

import com.typesafe.config.ConfigUtil;
import java.util.HashMap;
import java.util.Map;

/** Rules between settings that are each valid alone. */
final class CrossChecks {
  private final ConfigReader root;
  private final BrokerConfig config;

  CrossChecks(ConfigReader root, BrokerConfig config) {
    this.root = root;
    this.config = config;
  }

  /** Two listeners cannot share a port, unless on different addresses. */
  void ports() {
    Map<Integer, Map<String, String>> owners = new HashMap<>();
    for (ListenerConfig listener : config.listeners()) {
      String key = "listeners." + ConfigUtil.joinPath(listener.name()) + ".port";
      claim(owners, key, listener.bind(), listener.port());
    }
    if (config.http().enabled()) {
      claim(owners, "http.port", config.http().bind(), config.http().port());
    }
    ClusterConfig cluster = config.cluster();
    claim(owners, "cluster.port", cluster.bind(), cluster.port());
    ClusterConfig.Management management = cluster.management();
    if (management.enabled()) {
      claim(owners, "cluster.management.port", management.bind(), management.port());
    }
    if (cluster.servesClients() && config.listeners().isEmpty()) {
      root.problem("listeners", "no listener is enabled, so no client could connect");
    }
  }

  private void claim(Map<Integer, Map<String, String>> owners, String key, String bind, int port) {
    if (port == 0) {
      return;
    }
    Map<String, String> binds = owners.computeIfAbsent(port, p -> new HashMap<>());
    for (var other : binds.entrySet()) {
      if (overlap(bind, other.getKey())) {
        root.problem(key, "port " + port + " is already taken by troupe." + other.getValue());
        return;
      }
    }
    binds.put(bind, key);
  }

  private static boolean overlap(String a, String b) {
    return a.equals(b) || everywhere(a) || everywhere(b);
  }

  private static boolean everywhere(String bind) {
    return bind.equals("0.0.0.0") || bind.equals("::");
  }

  /** What one node acknowledges, another must find. */
  void sharedStore() {
    if (!config.cluster().isSingleNode() && config.store().cassandra() == null) {
      root.problem(
          "store.kind",
          "the nodes of a cluster need a store they share: set troupe.store.kind = cassandra, or"
              + " leave cluster.discovery and cluster.seed-nodes at their defaults for a single node");
    }
  }

  /** Someone must be able to connect, and not everyone by accident. */
  void access() {
    AuthConfig auth = config.auth();
    if (!auth.allowAnonymous() && auth.passwordFile() == null) {
      if (!root.at("auth").isSet("password-file")) {
        root.problem(
            "auth.password-file",
            "no client could log in: make a password file with \"troupe passwd FILE USER\" and name"
                + " it here, or try the broker on this machine with \"troupe start --dev\"");
      }
    }
    if (!auth.allowAnonymous() || auth.allowAnonymousRemote()) {
      return;
    }
    for (ListenerConfig listener : config.listeners()) {
      if (!listener.isLoopback()) {
        root.problem(
            "auth.allow-anonymous",
            "listener "
                + listener.name()
                + " can be reached from other machines, by anyone without password; bind it to"
                + " 127.0.0.1, set a password-file instead, or allow it with"
                + " troupe.auth.allow-anonymous-remote = true");
        return;
      }
    }
  }
}
