package io.troupe.loadtest.overload;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One run of abuses against a broker that somebody has started.
 *
 * @param admin of its administration server, or null
 * @param pid of its process, or 0
 * @param idle how long the victim is watched before each abuse
 * @param abuse how long each abuse lasts
 * @param stormClients persistent clients of the storm
 * @param restartCommand makes the broker restart during the storm; empty: its clients leave and
 *     come back only
 */
public record OverloadPlan(
    InetSocketAddress broker,
    @Nullable URI admin,
    long pid,
    Duration idle,
    Duration abuse,
    int stormClients,
    String restartCommand) {}
