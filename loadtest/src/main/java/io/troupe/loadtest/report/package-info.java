/** Writes results as text, JSON and HTML. */
@NullMarked
package io.troupe.loadtest.report;

import org.jspecify.annotations.NullMarked;
