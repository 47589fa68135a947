/**
 * Bytes to packets and back; every difference between MQTT 3.1, 3.1.1 and 5.0 on the wire ends
 * here.
 */
@NullMarked
package io.troupe.protocol.codec;

import org.jspecify.annotations.NullMarked;
