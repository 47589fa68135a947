package io.troupe.broker.auth;

import io.troupe.protocol.packet.Payload;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a client says it is.
 *
 * @param clientId as sent, or as assigned by the server when it was empty
 * @param username null if absent
 * @param password null if absent
 * @param remoteAddress of the peer
 * @param listener the name of the listener it came through
 */
public record Credentials(
    String clientId,
    @Nullable String username,
    @Nullable Payload password,
    SocketAddress remoteAddress,
    String listener) {}
