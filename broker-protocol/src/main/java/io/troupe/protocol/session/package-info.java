/** The session state machine and its state, free of actors, clocks and threads. */
@NullMarked
package io.troupe.protocol.session;

import org.jspecify.annotations.NullMarked;
