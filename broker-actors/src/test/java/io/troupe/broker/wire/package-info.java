/**
 * The broker seen from its sockets: every normative statement of MQTT 3.1.1 and 5.0 that binds a
 * server, each feature, and hostile input. The client here shares no code with the broker's codec,
 * so a mistake there cannot hide.
 */
@NullMarked
package io.troupe.broker.wire;

import org.jspecify.annotations.NullMarked;
