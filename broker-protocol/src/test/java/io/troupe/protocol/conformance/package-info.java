/** Which test proves which normative statement of MQTT 3.1.1 and 5.0, and which promise. */
@NullMarked
package io.troupe.protocol.conformance;

import org.jspecify.annotations.NullMarked;
