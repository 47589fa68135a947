package io.troupe.loadtest.history;

/**
 * A node of a cluster that was lost, in nanoseconds of the history's clock.
 *
 * @param noticedAtNanos when all other nodes had taken it out of the cluster
 */
public record NodeLoss(long lostAtNanos, long noticedAtNanos) {}
