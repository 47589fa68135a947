/** Abuse of a running broker by one client or many, and what its other clients notice of it. */
@NullMarked
package io.troupe.loadtest.overload;

import org.jspecify.annotations.NullMarked;
