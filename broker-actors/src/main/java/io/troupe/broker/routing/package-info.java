/**
 * Topic partitions with their durable queues, and each node's lock-free copy of the routes it uses.
 */
@NullMarked
package io.troupe.broker.routing;

import org.jspecify.annotations.NullMarked;
