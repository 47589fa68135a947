package io.troupe.http;

import io.troupe.broker.cluster.ClusterView;
import io.troupe.broker.config.NodeRole;
import io.troupe.broker.store.StoreHealth;
import java.util.List;

/** Whether this node should get clients now. */
public final class Readiness {
  private final RunningBroker broker;
  private volatile boolean draining;

  public Readiness(RunningBroker broker) {
    this.broker = broker;
  }

  /**
   * One condition.
   *
   * @param detail for people
   */
  public record Check(String name, boolean ok, String detail) {}

  /** From now on not ready: load balancers send no new clients while connected ones leave. */
  public void drain() {
    draining = true;
  }

  /** All conditions, in a fixed order. */
  public List<Check> checks() {
    int listeners = broker.listeners().size();
    StoreHealth store = broker.storeHealth();
    boolean stored = store.status() != StoreHealth.Status.FAILED;
    ClusterView cluster = broker.cluster();
    return List.of(
        new Check("listeners", listeners > 0 || !servesClients(cluster), listeners + " bound"),
        new Check(
            "store", stored, store.reason().isEmpty() ? store.status().name() : store.reason()),
        new Check("cluster", cluster.isServing(), cluster.summary()),
        new Check("accepting", !draining, draining ? "stopping" : "new clients are accepted"));
  }

  /** A node that only stores is ready without listeners. */
  private static boolean servesClients(ClusterView cluster) {
    return cluster
        .self()
        .map(member -> member.roles().contains(NodeRole.CLIENTS.text()))
        .orElse(true);
  }

  public boolean isReady() {
    return checks().stream().allMatch(Check::ok);
  }
}
