package io.troupe.broker.routing;

import io.troupe.broker.config.QueueConfig;
import io.troupe.broker.config.SharedStrategies;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.session.SessionPost;
import io.troupe.broker.store.QueueLog;
import java.util.function.LongSupplier;

/**
 * What all partitions on a node use.
 *
 * @param clockMillis milliseconds since the epoch
 */
public record PartitionSurroundings(
    QueueLog log,
    QueueConfig queues,
    NodeQueueBytes nodeBytes,
    SharedStrategies strategies,
    SessionPost sessions,
    BrokerMetrics metrics,
    LongSupplier clockMillis) {}
