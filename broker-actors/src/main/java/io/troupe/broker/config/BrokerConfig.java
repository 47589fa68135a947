package io.troupe.broker.config;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The whole configuration, checked: the only reader of the configuration tree. Keys, units, limits
 * and reasons are in {@code reference.conf}.
 *
 * @param nodeName this node's name, unique in its cluster
 * @param dataDir absolute; may not exist yet
 * @param dev development mode
 * @param listeners the enabled ones, in the order of their names; none on a node without the role
 *     {@link NodeRole#CLIENTS}
 * @param akka the tree for the actor system, with the cluster's addresses filled in
 * @param warnings what prevents nothing but should be known, such as an expired certificate
 */
public record BrokerConfig(
    String nodeName,
    Path dataDir,
    boolean dev,
    List<ListenerConfig> listeners,
    MqttConfig mqtt,
    SessionConfig session,
    QueueConfig queue,
    RoutingConfig routing,
    RetainedConfig retained,
    DirectoryConfig directory,
    StoreConfig store,
    AuthConfig auth,
    HttpConfig http,
    SysConfig sys,
    LimitsConfig limits,
    DrainConfig drain,
    ClusterConfig cluster,
    Config akka,
    List<ConfigProblem> warnings) {

  /** A duration without end that can still be converted to nanoseconds: 100 years. */
  public static final Duration NEVER = Duration.ofDays(36_500);

  public BrokerConfig {
    listeners = List.copyOf(listeners);
    warnings = List.copyOf(warnings);
  }

  /** The sources of a configuration besides the defaults. */
  public static ConfigSources from() {
    return new ConfigSources(null, Map.of(), Map.of());
  }

  /** A configuration of defaults and these settings, such as {@code "troupe.dev", true}. */
  public static BrokerConfig of(Map<String, ?> settings) throws InvalidConfiguration {
    return from().options(settings).load();
  }

  /** The same with a certificate for the encrypted listeners that have none. */
  public BrokerConfig withCertificate(Path chain, Path key) {
    List<ListenerConfig> all =
        listeners.stream()
            .map(
                l ->
                    l.transport().isEncrypted() && l.certificateChain() == null
                        ? l.withCertificate(chain, key)
                        : l)
            .toList();
    return new BrokerConfig(
        nodeName, dataDir, dev, all, mqtt, session, queue, routing, retained, directory, store,
        auth, http, sys, limits, drain, cluster, akka, warnings);
  }
}
