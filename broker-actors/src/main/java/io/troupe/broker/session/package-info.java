/** The sharded, event-sourced session of one client. */
@NullMarked
package io.troupe.broker.session;

import org.jspecify.annotations.NullMarked;
