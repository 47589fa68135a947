package io.troupe.broker.metrics;

import java.util.Map;

/**
 * What this node has counted since it started, and what it holds now: for {@code $SYS}, REST and
 * UI. The values are read one after the other, not at one instant.
 *
 * @param socketsOpened network connections accepted
 * @param connections clients connected now
 * @param connectionsMax the most at one time
 * @param storedSessions sessions that outlive their connection, connected or not
 * @param disconnectedSessions those of them without connection
 * @param sessionsExpired sessions whose expiry interval passed
 * @param packetsReceived MQTT packets of any type
 * @param connectPacketsReceived CONNECT packets
 * @param networkBytesReceived bytes on the wire, before TLS or WebSocket framing
 * @param messagesReceived PUBLISH packets from clients
 * @param messagesSent PUBLISH packets to clients
 * @param payloadBytesReceived their payloads
 * @param dropped by reason, every reason present
 * @param queuedMessages held in durable queues
 */
public record Totals(
    long socketsOpened,
    long connections,
    long connectionsMax,
    long storedSessions,
    long disconnectedSessions,
    long sessionsExpired,
    long packetsReceived,
    long packetsSent,
    long connectPacketsReceived,
    long networkBytesReceived,
    long networkBytesSent,
    long messagesReceived,
    long messagesSent,
    long payloadBytesReceived,
    long payloadBytesSent,
    Map<DropReason, Long> dropped,
    long subscriptions,
    long retainedMessages,
    long retainedBytes,
    long queuedMessages,
    long queuedBytes) {

  /** All dropped messages, whatever the reason. */
  public long droppedMessages() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }
}
