package io.troupe.broker.cluster;

import io.troupe.broker.config.LimitsConfig;
import io.troupe.broker.limits.ClusterCap;
import io.troupe.broker.limits.ConnectionQuota;
import io.troupe.broker.metrics.NodeFigures;
import io.troupe.broker.metrics.Totals;
import java.util.List;
import java.util.function.Supplier;

/** What all nodes together may have. {@link #renew} is called once a second by one thread. */
public final class ClusterLimits {
  /** So often a node that has just joined waits for the figures of the others. */
  private static final int WAITS_MAX = 10;

  private final ClusterCap connections;
  private final ClusterCap sessions;
  private boolean heardOfAll;
  private int waits;

  public ClusterLimits(LimitsConfig limits) {
    connections = new ClusterCap(limits.clusterConnectionsMax());
    sessions = new ClusterCap(limits.clusterSessionsMax());
  }

  /** Open connections. */
  public ClusterCap connections() {
    return connections;
  }

  /** Sessions in the directory. */
  public ClusterCap sessions() {
    return sessions;
  }

  /**
   * Takes account of the others, and says what to tell them.
   *
   * @param quota knows the open connections of this node
   * @param totals of this node, now
   * @param others heard of lately
   * @param members nodes of the cluster that are in reach, with this one
   */
  public NodeFigures renew(
      String node,
      ConnectionQuota quota,
      Supplier<Totals> totals,
      List<NodeFigures> others,
      int members) {
    heardOfAll = heardOfAll || others.size() + 1 >= members || ++waits > WAITS_MAX;
    int nodes = heardOfAll ? others.size() + 1 : 0;
    long otherConnections = others.stream().mapToLong(NodeFigures::connectionsReserved).sum();
    long otherSessions = others.stream().mapToLong(NodeFigures::sessionsReserved).sum();
    return new NodeFigures(
        node,
        quota.renew(otherConnections, nodes),
        sessions.renew(() -> totals.get().storedSessions(), otherSessions, nodes),
        totals.get());
  }
}
