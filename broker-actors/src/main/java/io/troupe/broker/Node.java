package io.troupe.broker;

import akka.actor.typed.ActorRef;
import io.troupe.broker.auth.AuthResult;
import io.troupe.broker.auth.Authenticator;
import io.troupe.broker.auth.Authorizer;
import io.troupe.broker.auth.Credentials;
import io.troupe.broker.auth.Identity;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.config.MqttConfig;
import io.troupe.broker.config.RoutingConfig;
import io.troupe.broker.config.SessionConfig;
import io.troupe.broker.config.SharedStrategies;
import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.connection.ConnectionSurroundings;
import io.troupe.broker.connection.Connections;
import io.troupe.broker.connection.FromSession;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.directory.ClientDirectoryActor;
import io.troupe.broker.directory.ClientRecord;
import io.troupe.broker.directory.DirectorySharding;
import io.troupe.broker.limits.ConnectionQuota;
import io.troupe.broker.limits.OverloadGuard;
import io.troupe.broker.link.Links;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.ClusterFigures;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.metrics.NodeFigures;
import io.troupe.broker.retained.RetainedPartitionActor;
import io.troupe.broker.retained.RetainedSharding;
import io.troupe.broker.routing.PartitionSharding;
import io.troupe.broker.routing.Partitions;
import io.troupe.broker.routing.RouteCache;
import io.troupe.broker.routing.RouteCacheActor;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionPost;
import io.troupe.broker.session.SessionSharding;
import io.troupe.broker.session.SessionSurroundings;
import io.troupe.broker.store.EndedSessions;
import io.troupe.broker.store.NodeLease;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.SessionLimits;
import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.transport.MqttConnection;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions and connections of this node share; assembled by {@link Broker}. Thread-safe.
 */
final class Node implements SessionSurroundings, ConnectionSurroundings, Links.Receiver {
  /** A publish that was given up may be stored this much later all the same. */
  private static final long LEAVING_MARGIN_MILLIS = 5_000;

  private static final int SHARED_CREDIT = 100;

  /** What the node is made of, apart from what is started after it. */
  record Parts(
      BrokerConfig config,
      BrokerMetrics metrics,
      DirectorySharding directory,
      Authenticator authenticator,
      Authorizer authorizer,
      ConnectionQuota quota,
      OverloadGuard overload,
      PartitionSharding partitions,
      RetainedSharding retained,
      SessionSharding sessions,
      Links links,
      ClusterFigures figures,
      NodeLease lease,
      Optional<EndedSessions> endedSessions) {}

  private final Parts parts;
  private final SessionLimits limits;
  private final long startedMillis = System.currentTimeMillis();
  private volatile @Nullable Connections connections;
  private volatile boolean storage = true;

  Node(Parts parts) {
    this.parts = parts;
    SessionConfig session = parts.config.session();
    this.limits =
        new SessionLimits(
            parts.config.mqtt().inflightMax(),
            session.pendingMessagesMax(),
            (int) Math.min(Integer.MAX_VALUE, session.pendingBytesMax()),
            parts.config.mqtt().inflightBytesMax(),
            session.cursorCheckpointMessages(),
            parts.config.routing().appendTimeout().toMillis() + LEAVING_MARGIN_MILLIS,
            0);
  }

  void start(Connections started) {
    connections = started;
  }

  private static <T> T started(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the node is still starting");
    }
    return part;
  }

  private static Identity identity(String clientId, @Nullable String username) {
    return username == null ? Identity.anonymous(clientId) : Identity.user(username, clientId);
  }

  // For sessions

  @Override
  public SessionLimits limits() {
    return limits;
  }

  @Override
  public BrokerMetrics metrics() {
    return parts.metrics;
  }

  @Override
  public String incarnation() {
    return parts.directory.incarnation();
  }

  @Override
  public long lastAliveMillis(String incarnation) {
    return parts.directory.lastAliveMillis(incarnation);
  }

  @Override
  public long startedMillis() {
    return startedMillis;
  }

  @Override
  public int subscriptionsMax() {
    return parts.config.mqtt().subscriptionsPerSessionMax();
  }

  @Override
  public int sharedCredit() {
    return SHARED_CREDIT;
  }

  @Override
  public int pageMessages() {
    return parts.config.queue().pageMessages();
  }

  @Override
  public int pageBytes() {
    return parts.config.queue().pageBytes();
  }

  @Override
  public Duration passivateAfter() {
    return parts.config.session().passivateAfter();
  }

  @Override
  public Optional<ConnectionPort> connection(
      String node,
      long connectionId,
      String clientId,
      ActorRef<ClientSessionActor.Command> session) {
    if (!node.equals(incarnation())) {
      return parts.links.connection(node, connectionId, clientId, session);
    }
    Connections all = connections;
    return all == null ? Optional.empty() : all.connection(connectionId);
  }

  @Override
  public Partitions partitions() {
    return parts.partitions;
  }

  @Override
  public void findRetained(
      TopicFilter filter,
      String cursor,
      long requestId,
      ActorRef<ClientSessionActor.Command> replyTo) {
    parts.retained.find(filter, cursor, requestId, replyTo);
  }

  @Override
  public void putDirectory(
      ClientRecord client, long requestId, ActorRef<ClientDirectoryActor.Stored> replyTo) {
    parts.directory.put(client, requestId, replyTo);
  }

  @Override
  public void removeFromDirectory(String clientId) {
    parts.directory.remove(clientId);
  }

  @Override
  public CompletionStage<Void> forget(
      String clientId, String persistenceId, long toSequenceNr, long marksTo) {
    EndedSessions.Ended ended =
        new EndedSessions.Ended(
            persistenceId, toSequenceNr, clientId, marksTo, parts.config.routing().partitions());
    return parts
        .endedSessions
        .map(sessions -> sessions.forget(ended))
        .orElse(CompletableFuture.completedStage(null));
  }

  @Override
  public void publishWill(
      Message will,
      @Nullable String username,
      long sequence,
      boolean retry,
      Consumer<ReasonCode> done) {
    if (mayPublish(will.publisher(), username, will.topic(), will.qos(), will.retain())) {
      started(connections).publish(will, sequence, retry, done);
    } else {
      parts.metrics.dropped(DropReason.NOT_AUTHORIZED, 1);
      done.accept(ReasonCode.SUCCESS); // settled: it is not tried again
    }
  }

  @Override
  public boolean mayReceive(String clientId, @Nullable String username, String topic) {
    return parts.authorizer.mayReceive(identity(clientId, username), topic);
  }

  // For connections

  @Override
  public MqttConfig mqtt() {
    return parts.config.mqtt();
  }

  @Override
  public SessionConfig session() {
    return parts.config.session();
  }

  @Override
  public RoutingConfig routing() {
    return parts.config.routing();
  }

  @Override
  public @Nullable String serverReference() {
    return parts.config.drain().serverReference();
  }

  @Override
  public ConnectionQuota.@Nullable Slot admit(SocketAddress address, boolean encrypted) {
    ReasonCode refusal = parts.overload.refusal();
    if (refusal == null && !storage) {
      refusal = ReasonCode.SERVER_UNAVAILABLE; // nobody could answer
    }
    return parts.quota.admit(address, !encrypted, refusal, System.nanoTime());
  }

  /** Whether a node that has sessions is in reach. */
  void storage(boolean inReach) {
    storage = inReach;
  }

  @Override
  public CompletionStage<Access> authenticate(
      Connect connect, String clientId, MqttConnection connection) {
    Credentials credentials =
        new Credentials(
            clientId,
            connect.username(),
            connect.password(),
            connection.remoteAddress(),
            connection.listener());
    return parts.authenticator.authenticate(credentials).thenApply(Node::access);
  }

  private static Access access(AuthResult result) {
    if (result instanceof AuthResult.Accepted accepted) {
      Identity identity = accepted.identity();
      return new Access(ReasonCode.SUCCESS, identity.username(), identity.limits());
    }
    ReasonCode reason =
        result instanceof AuthResult.Refused refused ? refused.reason() : ReasonCode.NOT_AUTHORIZED;
    return new Access(reason, null, ClientLimits.DEVICE);
  }

  @Override
  public boolean mayPublish(
      String clientId, @Nullable String username, String topic, Qos qos, boolean retain) {
    return parts.authorizer.mayPublish(identity(clientId, username), topic, qos, retain);
  }

  @Override
  public boolean maySubscribe(String clientId, @Nullable String username, TopicFilter filter) {
    return parts.authorizer.maySubscribe(identity(clientId, username), filter);
  }

  @Override
  public void tellSession(String node, String clientId, ClientSessionActor.Command command) {
    if (node.isEmpty() || !parts.links.toClient(node, clientId, command)) {
      parts.sessions.tell(clientId, command);
    }
  }

  @Override
  public boolean mayAcknowledge() {
    return parts.lease.isHeld();
  }

  @Override
  public SessionPost sessions() {
    return parts.links;
  }

  // From other nodes

  @Override
  public void toClient(String clientId, ClientSessionActor.Command command) {
    parts.sessions.tell(clientId, command);
  }

  @Override
  public boolean toConnection(String node, long connectionId, FromSession content) {
    Connections all = connections;
    return all != null && all.receive(node, connectionId, content);
  }

  @Override
  public void figures(String node, NodeFigures figures) {
    parts.figures.heard(node, figures);
  }

  @Override
  public void lost(String node) {
    Connections all = connections;
    if (all != null) {
      all.lost(node);
    }
  }

  // For connections

  @Override
  public RouteCache routes() {
    return parts.partitions.cache();
  }

  @Override
  public SharedStrategies sharedStrategies() {
    return parts.config.routing().sharedStrategies();
  }

  @Override
  public void resolve(String topic, ActorRef<IngressActor.Command> replyTo) {
    parts.partitions.cacheActor().tell(new RouteCacheActor.Resolve(topic, replyTo));
  }

  @Override
  public int retainedPartition(String topic) {
    return parts.retained.partition(topic);
  }

  @Override
  public void tellRetained(int partition, RetainedPartitionActor.Store store) {
    parts.retained.store(partition, store);
  }
}
