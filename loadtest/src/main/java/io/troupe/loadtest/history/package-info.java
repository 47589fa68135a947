/** What clients offered and received, and the judgement on it: plain values, no I/O, no clock. */
@NullMarked
package io.troupe.loadtest.history;

import org.jspecify.annotations.NullMarked;
