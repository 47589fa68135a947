/** Batches between nodes: whatever goes on between connections, sessions and partitions. */
@NullMarked
package io.troupe.broker.link;

import org.jspecify.annotations.NullMarked;
