package io.troupe.loadtest.check;

import io.troupe.loadtest.history.History;
import io.troupe.loadtest.wire.ConnectSpec.Credentials;
import io.troupe.loadtest.wire.Loops;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What all clients of a run share. */
record ClientSite(
    Loops loops,
    InetSocketAddress address,
    History history,
    long run,
    FaultClock faults,
    @Nullable Credentials credentials) {}
