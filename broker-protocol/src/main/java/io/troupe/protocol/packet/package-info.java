/**
 * MQTT control packets and application messages as immutable values; one record per control packet,
 * the same for all protocol versions.
 */
@NullMarked
package io.troupe.protocol.packet;

import org.jspecify.annotations.NullMarked;
