/** The broker as a whole: start, what its parts share, ordered stop. */
@NullMarked
package io.troupe.broker;

import org.jspecify.annotations.NullMarked;
