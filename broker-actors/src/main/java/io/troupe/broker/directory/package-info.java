/** The index of all clients and the deadlines of those not in memory. */
@NullMarked
package io.troupe.broker.directory;

import org.jspecify.annotations.NullMarked;
