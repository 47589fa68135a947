package io.troupe.loadtest.check;

import io.troupe.loadtest.history.History;
import io.troupe.loadtest.wire.ConnectSpec.Credentials;
import io.troupe.loadtest.wire.Loops;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all clients of a run share.
 *
 * @param addresses of the broker's nodes; a client takes another each time it connects
 */
record ClientSite(
    Loops loops,
    List<InetSocketAddress> addresses,
    History history,
    long run,
    FaultClock faults,
    @Nullable Credentials credentials) {}
