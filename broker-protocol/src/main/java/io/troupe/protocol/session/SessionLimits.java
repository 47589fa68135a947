package io.troupe.protocol.session;

/**
 * Bounds of one session's memory.
 *
 * @param inflightMax unacknowledged messages sent to a client that announces no lower Receive
 *     Maximum, 1 to 65,535
 * @param pendingMessagesMax messages held in memory for a full window; further ones that are in no
 *     queue are dropped
 * @param pendingBytesMax the same in bytes
 * @param inflightBytesMax bytes of unacknowledged messages beyond which the next one waits
 * @param checkpointEvery settled messages of a queue after which its cursor is stored
 * @param leavingMillis how long after an unsubscription messages received before it may still come
 *     into the queue
 * @param clockSkewMillis how far the clocks of two nodes may differ; 0 for one node
 */
public record SessionLimits(
    int inflightMax,
    int pendingMessagesMax,
    int pendingBytesMax,
    long inflightBytesMax,
    int checkpointEvery,
    long leavingMillis,
    long clockSkewMillis) {}
