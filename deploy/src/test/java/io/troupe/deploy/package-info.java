/** End-to-end tests: the distribution, as a user runs it. */
@NullMarked
package io.troupe.deploy;

import org.jspecify.annotations.NullMarked;
