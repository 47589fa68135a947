/** What all numbered, sharded, event-sourced partitions have in common. */
@NullMarked
package io.troupe.broker.partition;

import org.jspecify.annotations.NullMarked;
