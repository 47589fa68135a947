/**
 * Client connections on their event loops: what one socket read produces, and what leaves for the
 * sockets.
 */
@NullMarked
package io.troupe.broker.connection;

import org.jspecify.annotations.NullMarked;
