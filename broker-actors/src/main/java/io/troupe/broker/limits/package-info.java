/** Limits on connections, so that accident or malice cannot exhaust a node. */
@NullMarked
package io.troupe.broker.limits;

import org.jspecify.annotations.NullMarked;
