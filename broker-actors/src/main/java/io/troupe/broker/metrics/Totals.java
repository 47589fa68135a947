package io.troupe.broker.metrics;

import java.util.EnumMap;
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

  /** These and those of another node. The sum of the most connections is more than there were. */
  public Totals plus(Totals other) {
    Map<DropReason, Long> sums = new EnumMap<>(DropReason.class);
    dropped.forEach((reason, count) -> sums.merge(reason, count, Long::sum));
    other.dropped.forEach((reason, count) -> sums.merge(reason, count, Long::sum));
    return new Totals(
        socketsOpened + other.socketsOpened,
        connections + other.connections,
        connectionsMax + other.connectionsMax,
        storedSessions + other.storedSessions,
        disconnectedSessions + other.disconnectedSessions,
        sessionsExpired + other.sessionsExpired,
        packetsReceived + other.packetsReceived,
        packetsSent + other.packetsSent,
        connectPacketsReceived + other.connectPacketsReceived,
        networkBytesReceived + other.networkBytesReceived,
        networkBytesSent + other.networkBytesSent,
        messagesReceived + other.messagesReceived,
        messagesSent + other.messagesSent,
        payloadBytesReceived + other.payloadBytesReceived,
        payloadBytesSent + other.payloadBytesSent,
        Map.copyOf(sums),
        subscriptions + other.subscriptions,
        retainedMessages + other.retainedMessages,
        retainedBytes + other.retainedBytes,
        queuedMessages + other.queuedMessages,
        queuedBytes + other.queuedBytes);
  }

  /** All dropped messages, whatever the reason. */
  public long droppedMessages() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }
}
