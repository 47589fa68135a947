package io.troupe.broker.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.troupe.broker.cassandra.CassandraSettings;
import io.troupe.protocol.transport.Transport;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** One reading of the configuration: layers, sections, unknown keys, and what must fit together. */
final class ConfigCheck {
  /** What goes between nodes in one piece, besides one message. */
  private static final long FRAME_BYTES = 512 * 1024;

  private static final String LISTENERS = "troupe.listeners";

  /** Sections of libraries; their keys are theirs to check. */
  private static final Set<String> LIBRARIES =
      Set.of(
          "akka",
          "kamon",
          "datastax-java-driver",
          "troupe-cluster-dispatcher",
          "troupe-journal-dispatcher");

  private final Config reference;
  private final ConfigProblems problems;
  private final Set<String> known = new HashSet<>();
  private Config settings;

  ConfigCheck(Config settings, Config reference, ConfigProblems problems) {
    this.settings = settings;
    this.reference = reference;
    this.problems = problems;
    reference.entrySet().forEach(entry -> known.add(entry.getKey()));
    // Typesafe Config does not count empty lists and sections as entries.
    known.addAll(leaves(reference.root(), ""));
  }

  BrokerConfig read() throws InvalidConfiguration {
    settings = resolved(settings, reference, problems);
    dropSectionsThatAreNone(reference.root(), "");
    Config tree = withOwnListeners(settings).withFallback(reference);
    ConfigReader root = new ConfigReader(tree, "troupe", known, problems);
    boolean dev = root.flag("dev");
    Path dataDir = root.path("data-dir", "a folder");
    if (dataDir == null) {
      root.problem("data-dir", "expected a folder, found nothing");
      dataDir = Path.of("");
    }
    List<ListenerConfig> listeners = listeners(root.at("listeners"), dev);
    AuthConfig auth = AuthConfig.read(root.at("auth"), dev);
    ClusterConfig cluster = ClusterConfig.read(root.at("cluster"));
    StoreConfig store = StoreConfig.read(root.at("store"), dataDir);
    MqttConfig mqtt = MqttConfig.read(root.at("mqtt"));
    BrokerConfig config =
        new BrokerConfig(
            nodeName(root),
            dataDir,
            dev,
            cluster.servesClients() ? listeners : List.of(),
            mqtt,
            SessionConfig.read(root.at("session")),
            QueueConfig.read(root.at("queue")),
            RoutingConfig.read(root.at("routing")),
            RetainedConfig.read(root.at("retained")),
            DirectoryConfig.read(root.at("directory")),
            store,
            auth,
            HttpConfig.read(root.at("http")),
            SysConfig.read(root.at("sys")),
            LimitsConfig.read(root.at("limits")),
            DrainConfig.read(root.at("drain")),
            cluster,
            akka(tree, cluster, store, mqtt),
            problems.warnings());
    new UnknownKeys(known, problems).check(settings, LIBRARIES);
    crossCheck(root, config);
    if (!problems.isEmpty()) {
      throw new InvalidConfiguration(problems.sorted());
    }
    return config;
  }

  static Config resolved(Config config, Config reference, ConfigProblems problems)
      throws InvalidConfiguration {
    try {
      return config.resolveWith(config.withFallback(reference).resolve());
    } catch (ConfigException e) {
      problems.add(e.origin(), "", String.valueOf(e.getMessage()));
      throw new InvalidConfiguration(problems.sorted());
    }
  }

  /**
   * A value where the defaults have a section would hide the section's keys: report it, drop it.
   */
  private void dropSectionsThatAreNone(ConfigObject section, String prefix) {
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      String path = prefix + ConfigUtil.joinPath(entry.getKey());
      if (!(entry.getValue() instanceof ConfigObject inner) || !settings.hasPathOrNull(path)) {
        continue;
      }
      if (settings.getIsNull(path)
          || settings.getValue(path).valueType() != ConfigValueType.OBJECT) {
        ConfigValue found = ConfigReader.value(settings, path);
        problems.add(found == null ? null : found.origin(), path, "expected a section { ... }");
        settings = settings.withoutPath(path);
      } else {
        dropSectionsThatAreNone(inner, path + ".");
      }
    }
  }

  /**
   * Listeners of the user's own names take what they do not set from the one of their transport.
   */
  private Config withOwnListeners(Config config) {
    if (!config.hasPath(LISTENERS)) {
      return config;
    }
    Set<String> given = reference.getObject(LISTENERS).keySet();
    Config result = config;
    for (String name : config.getObject(LISTENERS).keySet()) {
      String path = LISTENERS + "." + ConfigUtil.joinPath(name);
      if (given.contains(name)) {
        continue;
      }
      if (!config.hasPath(path + ".transport")) {
        continue;
      }
      String transport = String.valueOf(config.getAnyRef(path + ".transport"));
      String like = given.contains(transport) ? transport : "tcp";
      reference
          .getObject(LISTENERS + "." + like)
          .keySet()
          .forEach(key -> known.add(path + "." + key));
      result =
          result.withValue(
              path,
              result.getObject(path).withFallback(reference.getObject(LISTENERS + "." + like)));
    }
    return result;
  }

  private static List<ListenerConfig> listeners(ConfigReader in, boolean dev) {
    List<ListenerConfig> listeners = new ArrayList<>();
    Set<String> builtIn = new HashSet<>();
    Arrays.stream(Transport.values()).map(ConfigReader::name).forEach(builtIn::add);
    for (String name : new TreeSet<>(in.children())) {
      ConfigReader listenerIn = in.at(ConfigUtil.joinPath(name));
      boolean known = builtIn.contains(name) || listenerIn.origin("transport") != null;
      if (!known) {
        // UnknownKeys reports it with the nearest name.
        continue;
      }
      ListenerConfig listener = ListenerConfig.read(listenerIn, name, dev);
      if (listener != null) {
        listeners.add(listener);
      }
    }
    return listeners;
  }

  private static String nodeName(ConfigReader root) {
    String name = root.text("node-name", 1, 255);
    if (!name.equals("auto")) {
      return name;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static Config akka(
      Config tree, ClusterConfig cluster, StoreConfig store, MqttConfig mqtt) {
    Map<String, Object> own = new HashMap<>();
    // The journal plugins find the open store by its folder.
    own.put("troupe.store.directory", store.directory().toString());
    own.putAll(cluster.akka());
    // A batch for another node ends with the message that makes it long enough.
    own.put(
        "akka.remote.artery.advanced.maximum-frame-size", FRAME_BYTES + mqtt.maximumPacketSize());
    CassandraSettings cassandra = store.cassandra();
    if (cassandra != null) {
      own.putAll(cassandraPlugins(cassandra));
    }
    return ConfigFactory.parseMap(own, "troupe.cluster")
        .withFallback(tree)
        .withFallback(ConfigFactory.defaultReferenceUnresolved())
        .resolve();
  }

  private static Map<String, Object> cassandraPlugins(CassandraSettings cassandra) {
    Map<String, Object> own = new HashMap<>();
    String plugin = "akka.persistence.cassandra";
    own.put("akka.cluster.sharding.use-lease", "akka.coordination.troupe-fence");
    own.put("akka.persistence.journal.plugin", plugin + ".journal");
    own.put("akka.persistence.snapshot-store.plugin", plugin + ".snapshot");
    for (String part : List.of("journal", "snapshot")) {
      String path = plugin + "." + part + ".";
      own.put(path + "keyspace", cassandra.keyspace());
      own.put(path + "tables-autocreate", cassandra.createSchema());
      own.put(
          path + "data-center-replication-factors",
          List.of(cassandra.datacenter() + ":" + cassandra.replication()));
    }
    String driver = "datastax-java-driver.";
    own.put(
        driver + "basic.contact-points",
        cassandra.contactPoints().stream()
            .map(address -> address.getHostString() + ":" + address.getPort())
            .toList());
    own.put(driver + "basic.load-balancing-policy.local-datacenter", cassandra.datacenter());
    own.put(driver + "basic.request.timeout", cassandra.requestTimeout().toMillis() + "ms");
    String username = cassandra.username();
    String password = cassandra.password();
    if (username != null && password != null) {
      own.put(driver + "advanced.auth-provider.class", "PlainTextAuthProvider");
      own.put(driver + "advanced.auth-provider.username", username);
      own.put(driver + "advanced.auth-provider.password", password);
    }
    return own;
  }

  private static Set<String> leaves(ConfigObject section, String prefix) {
    Set<String> leaves = new HashSet<>();
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      String path = prefix + ConfigUtil.joinPath(entry.getKey());
      if (entry.getValue() instanceof ConfigObject inner && !inner.isEmpty()) {
        leaves.addAll(leaves(inner, path + "."));
      } else {
        leaves.add(path);
      }
    }
    return leaves;
  }

  private static void crossCheck(ConfigReader root, BrokerConfig config) {
    CrossChecks checks = new CrossChecks(root, config);
    checks.ports();
    checks.access();
    checks.sharedStore();
  }
}
