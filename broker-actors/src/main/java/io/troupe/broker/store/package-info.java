/**
 * The embedded durable store: one RocksDB per data directory behind Akka's journal and snapshot
 * plugin interfaces and behind {@link io.troupe.broker.store.QueueLog}, with one group commit for
 * all three.
 */
@NullMarked
package io.troupe.broker.store;

import org.jspecify.annotations.NullMarked;
