/** Runs publishers, subscribers and faults against a broker and writes down their history. */
@NullMarked
package io.troupe.loadtest.check;

import org.jspecify.annotations.NullMarked;
