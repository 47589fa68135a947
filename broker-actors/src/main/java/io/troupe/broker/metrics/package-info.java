/** What the broker counts and measures; the only user of Kamon. */
@NullMarked
package io.troupe.broker.metrics;

import org.jspecify.annotations.NullMarked;
