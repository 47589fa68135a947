package io.troupe.broker.routing;

import io.troupe.protocol.packet.Payload;

/** A partition's stored state as bytes, since the state itself goes on changing. */
public record PartitionSnapshot(Payload bytes) {}
