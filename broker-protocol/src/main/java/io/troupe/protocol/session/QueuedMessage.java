package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;

/**
 * A message of a durable queue with its place there.
 *
 * @param offset 1, 2, 3 ... in the queue of one filter; ascending, gaps where messages were dropped
 *     or expired
 */
public record QueuedMessage(long offset, Message message) {}
