/** Runs the same load on our broker and its peers, one after the other. */
@NullMarked
package io.troupe.loadtest.compare;

import org.jspecify.annotations.NullMarked;
