package io.troupe.broker.config;

/**
 * Protection of this node against overload, and what all nodes together may have.
 *
 * @param clusterConnectionsMax open connections of all nodes together; 0 for no limit
 * @param clusterSessionsMax sessions of all nodes together that are stored; 0 for no limit
 * @param connectRate new connections per second
 * @param connectBurst new connections at once
 * @param connectingMax clients that wait for CONNACK, unless the node accepts more in two seconds
 * @param unauthenticatedMax connections without accepted credentials
 * @param heapUsedPercentMax 100 for no limit
 * @param descriptorsReserve file descriptors kept free
 */
public record LimitsConfig(
    int connectionsMax,
    int connectionsPerAddressMax,
    int clusterConnectionsMax,
    int clusterSessionsMax,
    int connectRate,
    int connectBurst,
    int connectingMax,
    int unauthenticatedMax,
    int heapUsedPercentMax,
    int descriptorsReserve) {

  private static final int CONNECTS_PER_CORE = 2_000;
  private static final int CONNECTING_PER_CORE = 1_000;

  static LimitsConfig read(ConfigReader in) {
    int most = 10_000_000;
    int cores = Runtime.getRuntime().availableProcessors();
    return new LimitsConfig(
        in.integer("connections-max", 1, most),
        in.integer("connections-per-address-max", 1, most),
        in.integer("cluster-connections-max", 0, 1_000_000_000),
        in.integer("cluster-sessions-max", 0, 1_000_000_000),
        in.integer("connect-rate", 1, 1_000_000, cores * CONNECTS_PER_CORE),
        in.integer("connect-burst", 1, most),
        in.integer("connecting-max", 1, most, cores * CONNECTING_PER_CORE),
        in.integer("unauthenticated-max", 1, most),
        in.integer("heap-used-percent-max", 50, 100),
        in.integer("descriptors-reserve", 0, 1_000_000));
  }
}
