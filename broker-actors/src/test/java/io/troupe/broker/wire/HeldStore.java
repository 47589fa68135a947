package io.troupe.broker.wire;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.netty.channel.EventLoop;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.config.InvalidConfiguration;
import io.troupe.broker.config.MqttConfig;
import io.troupe.broker.config.RoutingConfig;
import io.troupe.broker.config.SessionConfig;
import io.troupe.broker.config.SharedStrategies;
import io.troupe.broker.config.SharedStrategy;
import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.connection.ConnectionSurroundings;
import io.troupe.broker.connection.Connections;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.limits.ConnectionQuota;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.retained.RetainedPartitionActor;
import io.troupe.broker.routing.DurableRoute;
import io.troupe.broker.routing.Partitions;
import io.troupe.broker.routing.RouteCache;
import io.troupe.broker.routing.TopicPartitionActor;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionPost;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.InboundFlow;
import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.transport.EventLoops;
import io.troupe.protocol.transport.ListenerException;
import io.troupe.protocol.transport.ListenerSettings;
import io.troupe.protocol.transport.MqttConnection;
import io.troupe.protocol.transport.MqttListener;
import io.troupe.protocol.transport.Transport;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A listener with real connections on one event loop, behind which nothing is stored unless the
 * test says so. Topics are {@value #TOPIC}, with a durable queue in two partitions, and {@value
 * #SESSION_TOPIC}, with a session that takes nothing unless the test does.
 */
final class HeldStore implements ConnectionSurroundings, Partitions, AutoCloseable {
  static final String TOPIC = "held/topic";
  static final String SESSION_TOPIC = "session/topic";

  /** Whether the node surely is in its cluster. */
  volatile boolean mayAcknowledge = true;

  private final ActorTestKit akka = ActorTestKit.create();
  private final EventLoops loops = EventLoops.create(1);
  private final BrokerMetrics metrics = new BrokerMetrics();
  private final RouteCache routes = DurableRoute.to(TOPIC, 64, TOPIC, "held/#");
  private final BlockingQueue<TopicPartitionActor.Append> appends = new LinkedBlockingQueue<>();
  private final BlockingQueue<ClientSessionActor.Deliver> deliveries = new LinkedBlockingQueue<>();
  private final AtomicLong appendedBytes = new AtomicLong();
  private final AtomicInteger acksOpen = new AtomicInteger();
  private final AtomicInteger acksMax = new AtomicInteger();
  private final BlockingQueue<ClientSessionActor.Acknowledge> acknowledged =
      new LinkedBlockingQueue<>();
  private final AtomicLong sequences = new AtomicLong();
  private final AtomicLong clockNanos = new AtomicLong();
  private final BrokerConfig config;
  private final ConnectionQuota quota;
  private final Connections connections;
  private final MqttListener listener;

  /**
   * @param settings of the node
   */
  HeldStore(Map<String, ?> settings) {
    try {
      DurableRoute.online(routes, SESSION_TOPIC, akka.spawn(heldSession(), "session"));
      config = BrokerConfig.of(settings);
      quota = new ConnectionQuota(config.limits(), System.nanoTime());
      List<EventLoop> all = new ArrayList<>();
      loops.workers().forEach(loop -> all.add((EventLoop) loop));
      connections = new Connections(this, all, (behavior, name) -> akka.spawn(behavior, name));
      listener =
          new MqttListener(
              ListenerSettings.of("tcp", Transport.TCP, "127.0.0.1", 0, null), loops, connections);
      listener.start();
    } catch (InvalidConfiguration | ListenerException e) {
      throw new AssertionError(e);
    }
  }

  /** A client whose CONNECT was accepted. */
  WireClient connect(Version version, String clientId) {
    return connect(new ConnectPacket(version, clientId));
  }

  /** A client whose CONNECT was accepted. */
  WireClient connect(ConnectPacket connect) {
    var client = new WireClient(port(), connect.version, connect.clientId);
    client.send(connect.toArray());
    client.expectConnack(0);
    return client;
  }

  /** Moves the clock of the connections' keep alive, which stands still otherwise. */
  void pass(Duration time) {
    clockNanos.addAndGet(time.toNanos());
  }

  @Override
  public long nanoTime() {
    return clockNanos.get();
  }

  /** What a partition was asked to store, one batch after the other. */
  TopicPartitionActor.Append nextAppend() {
    try {
      TopicPartitionActor.Append append = appends.poll(60, TimeUnit.SECONDS);
      if (append == null) {
        throw new AssertionError("nothing was given to the store");
      }
      return append;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Behavior<ClientSessionActor.Command> heldSession() {
    return Behaviors.receiveMessage(
        command -> {
          deliveries.add((ClientSessionActor.Deliver) command);
          return Behaviors.same();
        });
  }

  /** What the session got next; null: nothing within this time. */
  ClientSessionActor.@Nullable Deliver nextDelivery(long millis) {
    try {
      return deliveries.poll(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The session sees to the next acknowledgements of one socket read; returns how many. */
  int handleAcks() {
    try {
      ClientSessionActor.Acknowledge acks = acknowledged.poll(60, TimeUnit.SECONDS);
      if (acks == null) {
        throw new AssertionError("no acknowledgements");
      }
      acksOpen.addAndGet(-acks.acks().size());
      port(acks.connectionId()).handled(acks.acks().size());
      return acks.acks().size();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The most acknowledgements that waited for the session at any time. */
  int acksMax() {
    return acksMax.get();
  }

  int port() {
    return listener.boundAddress().getPort();
  }

  long dropped(DropReason reason) {
    return Objects.requireNonNull(metrics.totals().dropped().get(reason));
  }

  /** Bytes of all messages given to partitions so far. */
  long appendedBytes() {
    return appendedBytes.get();
  }

  static void stored(TopicPartitionActor.Append append) {
    append.replyTo().tell(new IngressActor.Appended(append.batchId(), 0, List.of()));
  }

  static void failed(TopicPartitionActor.Append append) {
    append.replyTo().tell(new IngressActor.AppendFailed(append.batchId(), 0, "the disk is full"));
  }

  @Override
  public void append(int partition, TopicPartitionActor.Append append) {
    append.entries().forEach(entry -> appendedBytes.addAndGet(entry.message().sizeBytes()));
    appends.add(append);
  }

  @Override
  public void tell(TopicPartitionActor.FilterCommand command) {
    throw new AssertionError(command);
  }

  @Override
  public void tellSession(String node, String clientId, ClientSessionActor.Command command) {
    if (command instanceof ClientSessionActor.Attach attach) {
      port(attach.connectionId()).attached(false);
    } else if (command instanceof ClientSessionActor.Admit admit) {
      List<InboundFlow.Admission> admissions = new ArrayList<>();
      for (int packetId : admit.packetIds()) {
        admissions.add(
            new InboundFlow.Admission(packetId, sequences.incrementAndGet(), false, false));
      }
      port(admit.connectionId()).admitted(admissions, 1);
    } else if (command instanceof ClientSessionActor.Acknowledge acks) {
      acknowledged.add(acks);
      acksMax.accumulateAndGet(acksOpen.addAndGet(acks.acks().size()), Math::max);
    }
  }

  ConnectionPort port(long connectionId) {
    return connections.connection(connectionId).orElseThrow();
  }

  @Override
  public String serverReference() {
    return config.drain().serverReference();
  }

  @Override
  public MqttConfig mqtt() {
    return config.mqtt();
  }

  @Override
  public SessionConfig session() {
    return config.session();
  }

  @Override
  public RoutingConfig routing() {
    return config.routing();
  }

  @Override
  public boolean mayAcknowledge() {
    return mayAcknowledge;
  }

  @Override
  public SessionPost sessions() {
    return ActorRef::tell;
  }

  @Override
  public String incarnation() {
    return "node#1";
  }

  @Override
  public BrokerMetrics metrics() {
    return metrics;
  }

  @Override
  public ConnectionQuota.Slot admit(SocketAddress address, boolean encrypted) {
    return quota.admit(address, !encrypted, null, System.nanoTime());
  }

  @Override
  public CompletionStage<Access> authenticate(
      Connect connect, String clientId, MqttConnection connection) {
    return CompletableFuture.completedStage(
        new Access(ReasonCode.SUCCESS, null, ClientLimits.DEVICE));
  }

  @Override
  public boolean mayPublish(
      String clientId, @Nullable String username, String topic, Qos qos, boolean retain) {
    return true;
  }

  @Override
  public boolean maySubscribe(String clientId, @Nullable String username, TopicFilter filter) {
    return true;
  }

  @Override
  public RouteCache routes() {
    return routes;
  }

  @Override
  public SharedStrategies sharedStrategies() {
    return SharedStrategies.all(SharedStrategy.ROUND_ROBIN);
  }

  @Override
  public void resolve(String topic, ActorRef<IngressActor.Command> replyTo) {
    throw new AssertionError(topic);
  }

  @Override
  public Partitions partitions() {
    return this;
  }

  @Override
  public int retainedPartition(String topic) {
    return 0;
  }

  @Override
  public void tellRetained(int partition, RetainedPartitionActor.Store store) {
    throw new AssertionError(store);
  }

  @Override
  public void close() {
    listener.closeConnections();
    listener.close();
    loops.close();
    akka.shutdownTestKit();
  }
}
