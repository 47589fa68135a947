package io.troupe.broker.metrics;

import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.transport.Transport;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts what happens on this node. Every method may be called on any thread, allocates nothing
 * once warm and costs a few striped additions, so event loops and actors call it as they go; {@link
 * MetricsExport} copies the figures to Kamon in the background, and {@link #totals} gives them to
 * {@code $SYS} and REST.
 */
public final class BrokerMetrics {
  private static final int PACKET_TYPES = 16;
  private static final int TRANSPORTS = Transport.values().length;
  private static final int VERSIONS = ProtocolVersion.values().length;
  private static final int QOS_LEVELS = Qos.values().length;

  final LongAdder[] socketsOpened = adders(TRANSPORTS);
  final LongAdder[] connections = adders(TRANSPORTS * VERSIONS);
  final LongAdder[] closed = adders(DisconnectReason.values().length);
  final LongAdder[] connacks = adders(ReasonCode.values().length);
  final LongAdder[] protocolErrors = adders(ReasonCode.values().length);
  final LongAdder[] packetsReceived = adders(PACKET_TYPES);
  final LongAdder[] packetsSent = adders(PACKET_TYPES);
  final List<List<LongSupplier>> networkReceived = suppliers(TRANSPORTS);
  final List<List<LongSupplier>> networkSent = suppliers(TRANSPORTS);
  final LongAdder[] dropped = adders(DropReason.values().length);
  final LongAdder[] retransmitted = adders(QOS_LEVELS);
  final LongAdder[] sessionChanges = adders(SessionChange.values().length);
  final LongAdder pausedConnections = new LongAdder();
  final LongAdder pausesForStore = new LongAdder();
  final List<LongSupplier> waitingForStore = new CopyOnWriteArrayList<>();
  final LongAdder pausesForSession = new LongAdder();
  final List<LongSupplier> waitingForSessions = new CopyOnWriteArrayList<>();
  final List<LongSupplier> unauthenticated = new CopyOnWriteArrayList<>();
  final List<LongSupplier> connecting = new CopyOnWriteArrayList<>();
  final Distribution[] receivedSizes = distributions(QOS_LEVELS);
  final Distribution[] sentSizes = distributions(QOS_LEVELS);
  final Distribution[] publishAckNanos = distributions(QOS_LEVELS);
  final Distribution connectNanos = new Distribution();
  final Distribution refusedConnectNanos = new Distribution();
  final PartitionSums storedSessions = new PartitionSums();
  final PartitionSums disconnectedSessions = new PartitionSums();
  final PartitionSums exactSubscriptions = new PartitionSums();
  final PartitionSums wildcardSubscriptions = new PartitionSums();
  final PartitionSums sharedSubscriptions = new PartitionSums();
  final PartitionSums queuedMessages = new PartitionSums();
  final PartitionSums queuedBytes = new PartitionSums();
  final PartitionSums retainedMessages = new PartitionSums();
  final PartitionSums retainedBytes = new PartitionSums();
  private final ActorFailures actorFailures = new ActorFailures();
  private final UnreadSessions unreadSessions = new UnreadSessions(System::nanoTime);
  private final LinkMetrics links = new LinkMetrics();
  private final LongAdder payloadReceived = new LongAdder();
  private final LongAdder payloadSent = new LongAdder();
  private final LongAccumulator connectionsMax = new LongAccumulator(Math::max, 0);

  private static LongAdder[] adders(int count) {
    LongAdder[] adders = new LongAdder[count];
    for (int i = 0; i < count; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  private static List<List<LongSupplier>> suppliers(int count) {
    List<List<LongSupplier>> suppliers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      suppliers.add(new CopyOnWriteArrayList<>());
    }
    return suppliers;
  }

  private static Distribution[] distributions(int count) {
    Distribution[] distributions = new Distribution[count];
    for (int i = 0; i < count; i++) {
      distributions[i] = new Distribution();
    }
    return distributions;
  }

  // Connections.

  /** A network connection was accepted; nothing is known of its peer yet. */
  public void socketOpened(Transport transport) {
    socketsOpened[transport.ordinal()].increment();
  }

  /** A client is connected: its CONNECT was accepted. */
  public void connectionOpened(Transport transport, ProtocolVersion version) {
    connections[index(transport, version)].increment();
    connectionsMax.accumulate(sum(connections));
  }

  /**
   * A network connection ended.
   *
   * @param version as given to {@link #connectionOpened}, or null if that was never called
   */
  public void connectionClosed(
      Transport transport, @Nullable ProtocolVersion version, DisconnectReason reason) {
    closed[reason.ordinal()].increment();
    if (version != null) {
      connections[index(transport, version)].decrement();
    }
  }

  /**
   * CONNECT was answered.
   *
   * @param nanos since it was read
   */
  public void connack(ReasonCode code, long nanos) {
    connacks[code.ordinal()].increment();
    (code.isError() ? refusedConnectNanos : connectNanos).record(nanos);
  }

  /** A peer broke the protocol. */
  public void protocolError(ReasonCode code) {
    protocolErrors[code.ordinal()].increment();
  }

  /** Reading from a connection stopped until earlier work is done. */
  public void readingPaused() {
    pausedConnections.increment();
  }

  /** A paused connection is read again, or has closed. */
  public void readingResumed() {
    pausedConnections.decrement();
  }

  /** Connections that are not read now. */
  public long pausedConnections() {
    return pausedConnections.sum();
  }

  /** Network connections that ended for this reason. */
  public long connectionsClosed(DisconnectReason reason) {
    return closed[reason.ordinal()].sum();
  }

  /** A publisher waits because the store has as much to do as this node allows. */
  public void pausedForStore() {
    pausesForStore.increment();
  }

  /**
   * @param bytes that publishers of this node wait for, now
   */
  public void waitingForStore(LongSupplier bytes) {
    waitingForStore.add(bytes);
  }

  /** A publisher waits because a session has as many messages on their way to it as it may. */
  public void pausedForSession() {
    pausesForSession.increment();
  }

  /**
   * @param bytes on their way from an event loop to sessions, now
   */
  public void waitingForSessions(LongSupplier bytes) {
    waitingForSessions.add(bytes);
  }

  /**
   * @param count of connections whose credentials were not accepted, now
   */
  public void unauthenticated(LongSupplier count) {
    unauthenticated.add(count);
  }

  /**
   * @param count of clients that wait for CONNACK, now
   */
  public void connecting(LongSupplier count) {
    connecting.add(count);
  }

  public ActorFailures actorFailures() {
    return actorFailures;
  }

  public UnreadSessions unreadSessions() {
    return unreadSessions;
  }

  public LinkMetrics links() {
    return links;
  }

  // Packets and bytes.

  /**
   * @param type the packet type of the fixed header, 1 to 15
   */
  public void packetReceived(int type) {
    packetsReceived[type].increment();
  }

  public void packetSent(int type) {
    packetsSent[type].increment();
  }

  public void packetsSent(int type, long count) {
    packetsSent[type].add(count);
  }

  /**
   * A listener counts its MQTT bytes, without TLS and WebSocket framing.
   *
   * @param received since the listener was made
   * @param sent likewise
   */
  public void network(Transport transport, LongSupplier received, LongSupplier sent) {
    networkReceived.get(transport.ordinal()).add(received);
    networkSent.get(transport.ordinal()).add(sent);
  }

  // Messages.

  /** A PUBLISH from a client; not also a {@link #packetReceived}. */
  public void received(Qos qos, int payloadBytes) {
    receivedSizes[qos.ordinal()].record(payloadBytes);
    payloadReceived.add(payloadBytes);
  }

  /** A PUBLISH to a client; not also a {@link #packetSent}. */
  public void sent(Qos qos, int payloadBytes) {
    sentSizes[qos.ordinal()].record(payloadBytes);
    payloadSent.add(payloadBytes);
  }

  /** A PUBLISH sent again with DUP; counts besides {@link #sent}. */
  public void retransmitted(Qos qos) {
    retransmitted[qos.ordinal()].increment();
  }

  public void dropped(DropReason reason, long messages) {
    dropped[reason.ordinal()].add(messages);
  }

  /**
   * PUBACK or PUBREC was sent.
   *
   * @param nanos since the PUBLISH was read
   */
  public void publishAcknowledged(Qos qos, long nanos) {
    publishAckNanos[qos.ordinal()].record(nanos);
  }

  // State.

  public void sessionChanged(SessionChange change) {
    sessionChanges[change.ordinal()].increment();
  }

  /** What a directory partition on this node holds; 0 and 0 when it leaves the node. */
  public void storedSessions(int partition, long sessions, long disconnected) {
    storedSessions.set(partition, sessions);
    disconnectedSessions.set(partition, disconnected);
  }

  /** The subscriptions of a topic partition on this node; all 0 when it leaves the node. */
  public void subscriptions(int partition, long exact, long wildcard, long shared) {
    exactSubscriptions.set(partition, exact);
    wildcardSubscriptions.set(partition, wildcard);
    sharedSubscriptions.set(partition, shared);
  }

  /** The durable queues of a topic partition on this node; 0 and 0 when it leaves the node. */
  public void queued(int partition, long messages, long bytes) {
    queuedMessages.set(partition, messages);
    queuedBytes.set(partition, bytes);
  }

  /** What a retained partition on this node holds; 0 and 0 when it leaves the node. */
  public void retained(int partition, long messages, long bytes) {
    retainedMessages.set(partition, messages);
    retainedBytes.set(partition, bytes);
  }

  // Reading.

  /** The figures of this node now. */
  public Totals totals() {
    return new Totals(
        sum(socketsOpened),
        Math.max(0, sum(connections)),
        connectionsMax.get(),
        storedSessions.sum(),
        disconnectedSessions.sum(),
        sessionChanges[SessionChange.EXPIRED.ordinal()].sum(),
        sum(packetsReceived) + counts(receivedSizes),
        sum(packetsSent) + counts(sentSizes),
        packetsReceived[1].sum(),
        networkReceived.stream().mapToLong(BrokerMetrics::sum).sum(),
        networkSent.stream().mapToLong(BrokerMetrics::sum).sum(),
        counts(receivedSizes),
        counts(sentSizes),
        payloadReceived.sum(),
        payloadSent.sum(),
        droppedByReason(),
        exactSubscriptions.sum() + wildcardSubscriptions.sum() + sharedSubscriptions.sum(),
        retainedMessages.sum(),
        retainedBytes.sum(),
        queuedMessages.sum(),
        queuedBytes.sum());
  }

  private Map<DropReason, Long> droppedByReason() {
    Map<DropReason, Long> byReason = new EnumMap<>(DropReason.class);
    for (DropReason reason : DropReason.values()) {
      byReason.put(reason, dropped[reason.ordinal()].sum());
    }
    return Map.copyOf(byReason);
  }

  static int index(Transport transport, ProtocolVersion version) {
    return transport.ordinal() * VERSIONS + version.ordinal();
  }

  private static long sum(LongAdder[] adders) {
    long sum = 0;
    for (LongAdder adder : adders) {
      sum += adder.sum();
    }
    return sum;
  }

  static long sum(List<LongSupplier> suppliers) {
    return suppliers.stream().mapToLong(LongSupplier::getAsLong).sum();
  }

  static long counts(Distribution[] distributions) {
    long count = 0;
    for (Distribution distribution : distributions) {
      count += distribution.count();
    }
    return count;
  }
}
