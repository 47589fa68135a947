/** The command line {@code troupe-load}: history checker, load generator and comparison. */
@NullMarked
package io.troupe.loadtest;

import org.jspecify.annotations.NullMarked;
