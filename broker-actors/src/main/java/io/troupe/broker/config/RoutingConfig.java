package io.troupe.broker.config;

import java.time.Duration;

/**
 * How topic filters are spread and looked up.
 *
 * @param partitions fixed for the life of the data
 * @param prefixCacheMax prefixes a node keeps in its route cache
 * @param sharedStrategies how shared subscriptions choose among their members
 * @param waitingBytesMax bytes that publishers of this node have given to the store and wait for
 * @param appendTimeout after it a publish that is not stored fails
 * @param subscribeTimeout after it a subscription that is not effective everywhere fails
 */
public record RoutingConfig(
    int partitions,
    int prefixCacheMax,
    SharedStrategies sharedStrategies,
    long waitingBytesMax,
    Duration appendTimeout,
    Duration subscribeTimeout) {

  static RoutingConfig read(ConfigReader in) {
    Duration second = Duration.ofSeconds(1);
    Duration tenMinutes = Duration.ofMinutes(10);
    return new RoutingConfig(
        in.integer("partitions", 1, 4096),
        in.integer("prefix-cache-max", 100, 100_000_000),
        SharedStrategies.read(in),
        in.bytes("waiting-bytes-max", 1L << 20, 1L << 40),
        in.duration("append-timeout", second, tenMinutes),
        in.duration("subscribe-timeout", second, tenMinutes));
  }
}
