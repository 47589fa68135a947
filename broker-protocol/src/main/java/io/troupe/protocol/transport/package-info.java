/** Listeners and connections on Netty: TCP, TLS, WebSocket and secure WebSocket. */
@NullMarked
package io.troupe.protocol.transport;

import org.jspecify.annotations.NullMarked;
