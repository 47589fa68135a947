/** The store of a cluster: durable queues in Cassandra, fenced by epochs. */
@NullMarked
package io.troupe.broker.cassandra;

import org.jspecify.annotations.NullMarked;
