package io.troupe.loadtest.load;

import io.troupe.loadtest.wire.ConnectSpec.Credentials;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The broker a run is against.
 *
 * @param pid process whose CPU time and memory are read, 0 for none
 * @param data its data folder, whose growth is measured, or null
 */
public record Target(
    InetSocketAddress address, @Nullable Credentials credentials, long pid, @Nullable Path data) {}
