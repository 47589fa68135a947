/**
 * The generator's and the checker's own MQTT framing, apart from the broker's codec: a checker that
 * shared it could not see its mistakes, and the generator patches and scans bytes where a codec
 * makes objects.
 */
@NullMarked
package io.troupe.loadtest.wire;

import org.jspecify.annotations.NullMarked;
