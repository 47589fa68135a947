package io.troupe.broker;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Cluster;
import io.netty.channel.EventLoop;
import io.troupe.broker.auth.AclRules;
import io.troupe.broker.auth.Authenticator;
import io.troupe.broker.auth.AuthenticatorChain;
import io.troupe.broker.auth.Authorizer;
import io.troupe.broker.auth.MalformedFileException;
import io.troupe.broker.auth.OpenAuthorizer;
import io.troupe.broker.cassandra.CassandraSettings;
import io.troupe.broker.cassandra.CassandraStore;
import io.troupe.broker.cluster.ClusterLimits;
import io.troupe.broker.cluster.ClusterView;
import io.troupe.broker.cluster.FenceActor;
import io.troupe.broker.cluster.Fences;
import io.troupe.broker.cluster.JoinException;
import io.troupe.broker.cluster.Membership;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClusterConfig;
import io.troupe.broker.config.ListenerConfig;
import io.troupe.broker.connection.Connections;
import io.troupe.broker.directory.DirectorySharding;
import io.troupe.broker.limits.ConnectionQuota;
import io.troupe.broker.limits.NodeReadings;
import io.troupe.broker.limits.OverloadGuard;
import io.troupe.broker.link.Links;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.ClusterFigures;
import io.troupe.broker.metrics.DropLog;
import io.troupe.broker.metrics.Totals;
import io.troupe.broker.retained.RetainedSharding;
import io.troupe.broker.routing.NodeQueueBytes;
import io.troupe.broker.routing.PartitionSharding;
import io.troupe.broker.routing.PartitionSurroundings;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionSharding;
import io.troupe.broker.store.BackupException;
import io.troupe.broker.store.EmbeddedStore;
import io.troupe.broker.store.NodeStore;
import io.troupe.broker.store.StoreCheckpoint;
import io.troupe.broker.store.StoreHealth;
import io.troupe.broker.store.StoreSettings;
import io.troupe.broker.store.StoreStartException;
import io.troupe.broker.sys.SysTopics;
import io.troupe.protocol.codec.DecoderSettings;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.SessionState;
import io.troupe.protocol.transport.EventLoops;
import io.troupe.protocol.transport.ListenerException;
import io.troupe.protocol.transport.ListenerSettings;
import io.troupe.protocol.transport.MqttListener;
import io.troupe.protocol.transport.Traffic;
import io.troupe.protocol.transport.WebSocketSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node of the broker: starts store, cluster, shards and listeners in this order, and stops them
 * in the reverse.
 *
 * <p>{@link #start} returns when clients can connect. Thread-safe.
 */
public final class Broker {
  private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
  private static final String ALIVE_MARK = "alive";
  private static final int WRITE_BUFFER_LOW = 32 * 1024;

  private final BrokerConfig config;
  private final BrokerMetrics metrics = new BrokerMetrics();
  private final List<MqttListener> listeners = new ArrayList<>();
  private final Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
  private @Nullable NodeStore store;
  private @Nullable ActorSystem<Void> system;
  private @Nullable Membership membership;
  private @Nullable ClusterFigures figures;
  private @Nullable EventLoops eventLoops;
  private @Nullable Connections connections;
  private @Nullable Authenticator authenticator;
  private volatile boolean stopping;
  private @Nullable CompletableFuture<Void> stopped;

  private Broker(BrokerConfig config) {
    this.config = config;
  }

  /**
   * Starts a node.
   *
   * @throws BrokerStartException if it cannot; says what to do. Nothing is left running
   */
  public static Broker start(BrokerConfig config) throws BrokerStartException {
    Broker broker = new Broker(config);
    try {
      broker.start();
      return broker;
    } catch (StoreStartException
        | JoinException
        | ListenerException
        | IOException
        | MalformedFileException e) {
      broker.stop().toCompletableFuture().join();
      throw new BrokerStartException(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      broker.stop().toCompletableFuture().join();
      throw e;
    }
  }

  private void start()
      throws JoinException, ListenerException, IOException, MalformedFileException {
    AuthenticatorChain chain = AuthenticatorChain.of(config.auth());
    authenticator = chain;
    Path aclFile = config.auth().aclFile();
    Authorizer authorizer = aclFile == null ? new OpenAuthorizer() : AclRules.read(aclFile);
    NodeStore opened = openStore();
    store = opened;
    long begun = SessionState.firstSequence(System.currentTimeMillis());
    opened
        .endedSessions()
        .ifPresent(ended -> ended.sweepMarks(ClientSessionActor::persistenceId, begun));
    long lastAlive = opened.nodeMarks().get(ALIVE_MARK).orElse(System.currentTimeMillis());
    ActorSystem<Void> actors =
        ActorSystem.create(Behaviors.empty(), ClusterConfig.SYSTEM_NAME, config.akka());
    system = actors;
    Membership joined = Membership.join(actors, config.cluster(), opened.lease());
    membership = joined;
    opened
        .lease()
        .begin(
            DirectorySharding.incarnation(Cluster.get(actors).selfMember().uniqueAddress()),
            this::onRemoved);
    Fences fences = new Fences(opened.lease());
    FenceActor.start(actors, fences, DirectorySharding::incarnation);
    keepAliveMark(actors, opened);
    OverloadGuard overload = new OverloadGuard(config.limits(), NodeReadings::ofThisProcess);
    ClusterLimits caps = new ClusterLimits(config.limits());
    ConnectionQuota quota =
        new ConnectionQuota(config.limits(), caps.connections(), System.nanoTime());
    metrics.unauthenticated(quota::unauthenticated);
    metrics.connecting(quota::connecting);
    every(actors, Duration.ofSeconds(1), () -> sample(overload, quota));
    DropLog drops = new DropLog(() -> metrics.totals().dropped(), LOG::warn);
    every(actors, Duration.ofMinutes(1), drops::log);

    Links links = new Links(metrics, config.session().pendingBytesMax());
    PartitionSharding partitions =
        PartitionSharding.init(
            actors,
            config.routing(),
            new PartitionSurroundings(
                opened.queueLog(),
                config.queue(),
                new NodeQueueBytes(nodeBytesMax()),
                config.routing().sharedStrategies(),
                links,
                metrics,
                System::currentTimeMillis),
            fences::settled);
    RetainedSharding retained =
        RetainedSharding.start(
            actors, config.retained(), links, metrics, System::currentTimeMillis);
    SessionSharding sessions = SessionSharding.of(actors);
    DirectorySharding directory =
        DirectorySharding.start(
            actors,
            config.directory(),
            config.cluster().isSingleNode(),
            caps.sessions(),
            lastAlive,
            (clientId, lost, lostAt) ->
                sessions.tell(clientId, new ClientSessionActor.Wake(clientId, lost, lostAt)),
            metrics,
            System::currentTimeMillis);
    ClusterFigures heard =
        new ClusterFigures(directory.incarnation(), config.nodeName(), System::nanoTime);
    figures = heard;
    Node node =
        new Node(
            new Node.Parts(
                config,
                metrics,
                directory,
                chain,
                authorizer,
                quota,
                overload,
                partitions,
                retained,
                sessions,
                links,
                heard,
                opened.lease(),
                opened.endedSessions()));
    links.start(actors, node);
    Runnable tell = () -> tellFigures(caps, quota, heard, links, node);
    tell.run();
    every(actors, Duration.ofSeconds(1), tell);
    sessions.init(node);
    startListeners(actors, node);
    directory.startAll();
    joined.whenDowned(this::leaveClients);
  }

  private void tellFigures(
      ClusterLimits caps, ConnectionQuota quota, ClusterFigures heard, Links links, Node node) {
    ClusterView view = cluster();
    node.storage(view.hasStorage());
    links.tellAll(
        caps.renew(config.nodeName(), quota, metrics::totals, heard.others(), view.inReach()));
  }

  /** The rest of the cluster goes on without this node, which must not serve any more. */
  private void leaveClients() {
    LOG.error("The cluster has removed this node: it could not be reached. It ends.");
    stopping = true;
    listeners.forEach(MqttListener::close);
    listeners.forEach(MqttListener::closeConnections);
  }

  /**
   * The others have removed this node, which was out of their reach: whatever it says now could be
   * wrong. Its clients are disconnected at once; the program ends with the actor system.
   */
  private void onRemoved() {
    listeners.forEach(MqttListener::closeConnections);
    ActorSystem<Void> actors = system;
    if (actors != null) {
      actors.terminate();
    }
  }

  /** What all durable queues of this node may hold; the store takes up to twice that on disk. */
  private long nodeBytesMax() throws IOException {
    long configured = config.queue().nodeBytesMax();
    if (configured > 0) {
      return configured;
    }
    // Of Cassandra's disks a node knows nothing.
    return config.store().cassandra() != null
        ? Long.MAX_VALUE
        : Files.getFileStore(config.dataDir()).getTotalSpace() / 10 * 4;
  }

  private NodeStore openStore() {
    CassandraSettings shared = config.store().cassandra();
    return shared == null
        ? EmbeddedStore.open(StoreSettings.from(config.akka()))
        : CassandraStore.open(shared, config.nodeName(), config.store().settings().slowCommit());
  }

  private static void sample(OverloadGuard overload, ConnectionQuota quota) {
    overload.sample();
    quota.sample(overload.descriptorsFree(), overload.latest().descriptorsMax());
  }

  private void keepAliveMark(ActorSystem<Void> actors, NodeStore opened) {
    every(
        actors,
        Duration.ofSeconds(1),
        () -> opened.nodeMarks().put(ALIVE_MARK, System.currentTimeMillis()));
  }

  private static void every(ActorSystem<Void> actors, Duration interval, Runnable work) {
    actors
        .scheduler()
        .scheduleWithFixedDelay(Duration.ZERO, interval, work, actors.executionContext());
  }

  private void startListeners(ActorSystem<Void> actors, Node node) throws ListenerException {
    EventLoops loops = EventLoops.create(Runtime.getRuntime().availableProcessors());
    eventLoops = loops;
    List<EventLoop> all = new ArrayList<>();
    loops.workers().forEach(executor -> all.add((EventLoop) executor));
    Connections started =
        new Connections(
            node, all, (behavior, name) -> actors.systemActorOf(behavior, name, Props.empty()));
    connections = started;
    node.start(started);
    for (ListenerConfig listener : config.listeners()) {
      MqttListener mqtt = new MqttListener(settings(listener), loops, started);
      listeners.add(mqtt);
      Traffic traffic = mqtt.traffic();
      metrics.network(listener.transport(), traffic::bytesReceived, traffic::bytesSent);
      addresses.put(listener.name(), mqtt.start());
    }
  }

  private ListenerSettings settings(ListenerConfig listener) {
    return new ListenerSettings(
        listener.name(),
        listener.transport(),
        listener.address().getHostString(),
        listener.port(),
        listener.tls(),
        new WebSocketSettings(
            listener.path(), listener.origins(), config.mqtt().maximumPacketSize()),
        new DecoderSettings(
            config.mqtt().connectSizeMax(),
            config.mqtt().connectWithWillSizeMax(),
            config.mqtt().payloadFormatCheck()),
        1024,
        listener.connectionsMax(),
        config.mqtt().connectTimeout(),
        WRITE_BUFFER_LOW,
        (int) Math.max(WRITE_BUFFER_LOW, config.session().unsentBytesMax()));
  }

  /** Where each listener is bound, by its configured name, with the real port. */
  public Map<String, InetSocketAddress> addresses() {
    return Map.copyOf(addresses);
  }

  public BrokerConfig config() {
    return config;
  }

  public BrokerMetrics metrics() {
    return metrics;
  }

  /** For the administration server, which runs in the same actor system. */
  public ActorSystem<?> system() {
    ActorSystem<Void> actors = system;
    if (actors == null) {
      throw new IllegalStateException("the broker has not started");
    }
    return actors;
  }

  /** How the store is doing. */
  public StoreHealth storeHealth() {
    NodeStore opened = store;
    if (opened == null) {
      throw new IllegalStateException("the broker has not started");
    }
    return opened.health();
  }

  /**
   * All that is stored on this node, for a backup; to be closed.
   *
   * @throws BackupException when it cannot be had, or is stored elsewhere
   */
  public StoreCheckpoint checkpoint() throws BackupException {
    NodeStore opened = store;
    if (opened == null) {
      throw new IllegalStateException("the broker has not started");
    }
    return opened.checkpoint();
  }

  /** The cluster as this node sees it now. */
  public ClusterView cluster() {
    Membership joined = membership;
    return joined == null ? new ClusterView(List.of()) : joined.view();
  }

  /** What all nodes have counted together, as far as this one has heard. */
  public Totals clusterTotals() {
    ClusterFigures heard = figures;
    return heard == null ? metrics.totals() : heard.sum(metrics.totals());
  }

  /** Connections open now. */
  public int connectionCount() {
    Connections all = connections;
    return all == null ? 0 : all.count();
  }

  /**
   * Publishes a message of the broker itself, such as {@code $SYS}; {@code done} runs on any
   * thread.
   */
  public void publish(Message message, Consumer<ReasonCode> done) {
    Connections all = connections;
    if (all != null && !stopping) {
      all.publish(message, 0, false, done);
    } else {
      done.accept(ReasonCode.SERVER_UNAVAILABLE);
    }
  }

  /**
   * Publishes the {@code $SYS} topics from now on, unless they are turned off.
   *
   * @param version of the program, to be shown there
   */
  public void publishSys(String version) {
    ActorSystem<Void> actors = system;
    Duration interval = config.sys().interval();
    ClusterFigures heard = figures;
    if (actors != null && heard != null && !interval.equals(BrokerConfig.NEVER)) {
      SysTopics topics =
          new SysTopics(
              metrics,
              heard,
              config.nodeName(),
              version,
              System::currentTimeMillis,
              message -> publish(message, result -> {}));
      every(actors, interval, topics::publish);
    }
  }

  /**
   * Stops in order: no new connections, DISCONNECT 0x8B or 0x9C to 5.0 clients, at a pace where
   * other nodes serve, sessions store their last state, shards go to other nodes, the store closes.
   * May be repeated.
   */
  public synchronized CompletionStage<Void> stop() {
    CompletableFuture<Void> already = stopped;
    if (already != null) {
      return already;
    }
    stopping = true;
    CompletableFuture<Void> done = new CompletableFuture<>();
    stopped = done;
    Thread thread =
        new Thread(
            () -> {
              try {
                stopInOrder();
              } finally {
                done.complete(null);
              }
            },
            "broker-stop");
    thread.start();
    return done;
  }

  private void stopInOrder() {
    StopSequence sequence = new StopSequence(config.drain());
    Connections all = connections;
    if (all != null) {
      sequence.letClientsGo(listeners, all, cluster().hasOthersServing());
    }
    ActorSystem<Void> actors = system;
    if (actors != null) {
      sequence.leave(actors);
    }
    if (eventLoops != null) {
      eventLoops.close();
    }
    if (authenticator instanceof AuthenticatorChain chain) {
      chain.close();
    }
    if (store != null) {
      store.lease().release();
      store.close();
    }
  }
}
