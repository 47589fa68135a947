/** Who a client is and what it may do; plain Java, called from event loops and actors. */
@NullMarked
package io.troupe.broker.auth;

import org.jspecify.annotations.NullMarked;
