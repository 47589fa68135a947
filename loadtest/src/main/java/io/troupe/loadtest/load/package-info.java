/**
 * The load generator: many clients on few event loops, frames patched instead of encoded, inbound
 * bytes scanned instead of decoded.
 */
@NullMarked
package io.troupe.loadtest.load;

import org.jspecify.annotations.NullMarked;
