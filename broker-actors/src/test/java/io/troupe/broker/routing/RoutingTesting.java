package io.troupe.broker.routing;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.persistence.testkit.PersistenceTestKitPlugin;
import akka.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import akka.persistence.testkit.javadsl.PersistenceTestKit;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.config.QueueConfig;
import io.troupe.broker.config.RoutingConfig;
import io.troupe.broker.config.SharedStrategies;
import io.troupe.broker.config.SharedStrategy;
import io.troupe.broker.config.WhenFull;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.TopicPartitionActor.Append;
import io.troupe.broker.routing.TopicPartitionActor.AppendEntry;
import io.troupe.broker.routing.TopicPartitionActor.Subscribe;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.QueuedMessage;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A node with routing, an in-memory journal and a {@link MemoryQueueLog}. */
final class RoutingTesting implements AutoCloseable {
  static final int NODE_BYTES_MAX = 1 << 20;
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final MemoryQueueLog log = new MemoryQueueLog();
  final BrokerMetrics metrics = new BrokerMetrics();
  final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
  final ActorTestKit kit;
  final PartitionSharding routing;
  final TestProbe<IngressActor.Command> ingress;
  private long batches;

  RoutingTesting() {
    this(limits(100_000, WhenFull.DROP_OLDEST), limits(100_000, WhenFull.DROP_OLDEST));
  }

  RoutingTesting(QueueConfig.Limits device, QueueConfig.Limits application) {
    this(device, application, SharedStrategy.ROUND_ROBIN);
  }

  RoutingTesting(
      QueueConfig.Limits device, QueueConfig.Limits application, SharedStrategy strategy) {
    this(device, application, strategy, null);
  }

  /** Another node of the same cluster. */
  RoutingTesting(RoutingTesting first) {
    this(
        limits(100_000, WhenFull.DROP_OLDEST),
        limits(100_000, WhenFull.DROP_OLDEST),
        SharedStrategy.ROUND_ROBIN,
        first);
  }

  private RoutingTesting(
      QueueConfig.Limits device,
      QueueConfig.Limits application,
      SharedStrategy strategy,
      @Nullable RoutingTesting first) {
    kit = ActorTestKit.create("routing", config());
    Cluster cluster = Cluster.get(kit.system());
    cluster
        .manager()
        .tell(
            Join.create(
                (first == null ? cluster : Cluster.get(first.kit.system()))
                    .selfMember()
                    .address()));
    routing =
        PartitionSharding.init(
            kit.system(),
            new RoutingConfig(
                8,
                1_000,
                SharedStrategies.all(strategy),
                64L << 20,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10)),
            new PartitionSurroundings(
                log,
                new QueueConfig(device, application, 0, 50, 64 * 1024),
                new NodeQueueBytes(NODE_BYTES_MAX),
                SharedStrategies.all(strategy),
                ActorRef::tell,
                metrics,
                clock::get),
            () -> CompletableFuture.completedFuture(null));
    ingress = kit.createTestProbe(IngressActor.Command.class);
  }

  static QueueConfig.Limits limits(long messages, WhenFull whenFull) {
    return new QueueConfig.Limits(messages, 1L << 30, BrokerConfig.NEVER, whenFull);
  }

  static Config config() {
    return PersistenceTestKitPlugin.config()
        .withFallback(PersistenceTestKitSnapshotPlugin.config())
        .withFallback(
            ConfigFactory.parseString(
                """
                akka.loglevel = WARNING
                akka.remote.artery.canonical.hostname = "127.0.0.1"
                akka.remote.artery.canonical.port = 0
                akka.cluster.jmx.multi-mbeans-in-same-jvm = on
                # Nobody takes over what this node has.
                akka.coordinated-shutdown.run-by-actor-system-terminate = off
                """))
        .withFallback(ActorTestKit.applicationTestConfig());
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
  }

  TestProbe<ClientSessionActor.Command> session() {
    return kit.createTestProbe(ClientSessionActor.Command.class);
  }

  // Sessions.

  static Subscription subscription(String filter, int qos) {
    return new Subscription(TopicFilter.of(filter), Qos.of(qos), false, false, 0, 0);
  }

  static Subscriber subscriber(
      String clientId,
      String filter,
      int qos,
      boolean durable,
      @Nullable TestProbe<ClientSessionActor.Command> session) {
    return new Subscriber(
        clientId,
        subscription(filter, qos),
        durable,
        ClientLimits.DEVICE,
        2,
        session == null ? null : session.getRef());
  }

  ClientSessionActor.SubscriptionEffective subscribe(
      TestProbe<ClientSessionActor.Command> session,
      String clientId,
      String filter,
      int qos,
      boolean durable,
      long nextOffset) {
    routing.tell(
        new Subscribe(
            subscriber(clientId, filter, qos, durable, session), nextOffset, session.getRef()));
    return session.expectMessageClass(ClientSessionActor.SubscriptionEffective.class, PATIENCE);
  }

  ClientSessionActor.QueueBatch read(
      TestProbe<ClientSessionActor.Command> session, String clientId, String filter, long from) {
    routing.tell(
        new TopicPartitionActor.Read(filter, clientId, from, 100, 1 << 20, session.getRef()));
    return session.expectMessageClass(ClientSessionActor.QueueBatch.class, PATIENCE);
  }

  /** Subscribes and reads to the end, so that new messages are pushed. */
  void follow(
      TestProbe<ClientSessionActor.Command> session, String clientId, String filter, int qos) {
    ClientSessionActor.SubscriptionEffective effective =
        subscribe(session, clientId, filter, qos, true, 0);
    ClientSessionActor.QueueBatch batch = read(session, clientId, filter, effective.endOffset());
    if (!batch.inStep()) {
      throw new AssertionError(batch);
    }
  }

  // Publishers.

  Message message(String topic, String payload, int qos) {
    return new Message(
        topic,
        Payload.utf8(payload),
        Qos.of(qos),
        false,
        MessageProperties.NONE,
        "publisher",
        clock.get());
  }

  AppendEntry expiring(String topic, String payload, int expirySeconds) {
    MessageProperties properties =
        new MessageProperties(MessageProperties.ABSENT, expirySeconds, null, null, null, List.of());
    return new AppendEntry(
        new Message(
            topic,
            Payload.utf8(payload),
            Qos.AT_LEAST_ONCE,
            false,
            properties,
            "publisher",
            clock.get()),
        0,
        0,
        false);
  }

  long dropped(DropReason reason) {
    return metrics.totals().dropped().get(reason);
  }

  Route route(String topic) {
    Route route = routing.cache().match(topic);
    while (route == null) {
      routing.cacheActor().tell(new RouteCacheActor.Resolve(topic, ingress.getRef()));
      ingress.expectMessageClass(IngressActor.RouteReady.class, PATIENCE);
      route = routing.cache().match(topic);
    }
    return route;
  }

  long append(int partition, AppendEntry... entries) {
    routing.append(partition, new Append(++batches, List.of(entries), ingress.getRef()));
    return batches;
  }

  /** Publishes at QoS 1 to all queues and waits until that is stored. */
  void publish(String topic, String... payloads) {
    for (String payload : payloads) {
      for (int partition : route(topic).partitions()) {
        append(partition, new AppendEntry(message(topic, payload, 1), 0, 0, false));
        ingress.expectMessageClass(IngressActor.Appended.class, PATIENCE);
      }
    }
  }

  static List<String> payloads(List<QueuedMessage> messages) {
    List<String> texts = new ArrayList<>();
    messages.forEach(each -> texts.add(each.message().payload().asUtf8()));
    return texts;
  }

  int partition(String filter) {
    return new Partitioner(8).partition(TopicFilter.of(filter));
  }

  void tell(int partition, TopicPartitionActor.Command command) {
    routing.tellPartition(partition, command);
  }

  /** Makes a partition start, if it has not. */
  void wake(int partition) {
    tell(
        partition,
        new TopicPartitionActor.FromNode(
            kit.createTestProbe(RouteCacheActor.Command.class).getRef(), 0, 0, List.of()));
  }

  void failNextPersist(int partition) {
    PersistenceTestKit.create(kit.system())
        .failNextPersisted(TopicPartitionActor.persistenceId(partition));
  }

  /** What a partition that has not started finds in its journal. */
  void stored(int partition, PartitionEvent event) {
    PersistenceTestKit.create(kit.system())
        .persistForRecovery(TopicPartitionActor.persistenceId(partition), List.of(event));
  }

  /** Restarts a partition through a failure of its journal. */
  void restart(int partition) {
    failNextPersist(partition);
    TestProbe<ClientSessionActor.Command> session = session();
    subscribe(session, "restart", inPartition(partition), 1, true, 0);
    routing.tell(
        new TopicPartitionActor.Unsubscribe(inPartition(partition), "restart", session.getRef()));
    session.expectMessageClass(ClientSessionActor.UnsubscriptionEffective.class, PATIENCE);
  }

  /** A filter of this partition that tests do not use otherwise. */
  private static String inPartition(int partition) {
    Partitioner partitioner = new Partitioner(8);
    int i = 0;
    while (partitioner.partition("restart" + i) != partition) {
      i++;
    }
    return "restart" + i;
  }

  /** Waits until an event of this kind is in the journal of any partition. */
  void awaitStored(Class<? extends PartitionEvent> type) {
    awaitStored(type::isInstance, "not stored: " + type);
  }

  void awaitStored(PartitionEvent event) {
    awaitStored(event::equals, "not stored: " + event);
  }

  private void awaitStored(Predicate<Object> wanted, String otherwise) {
    PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    ingress.awaitAssert(
        PATIENCE,
        () -> {
          for (int i = 0; i < 8; i++) {
            if (journal.persistedInStorage(TopicPartitionActor.persistenceId(i)).stream()
                .anyMatch(wanted)) {
              return null;
            }
          }
          throw new AssertionError(otherwise);
        });
  }

  /** Waits until this holds; meanwhile the partition does what it otherwise does now and then. */
  void awaitUpkeep(String filter, Runnable holds) {
    int partition = partition(filter);
    ingress.awaitAssert(
        PATIENCE,
        () -> {
          for (int i = 0; i < Upkeep.TICKS_PER_SURVEY; i++) {
            tell(partition, new TopicPartitionActor.Tick());
          }
          holds.run();
          return null;
        });
  }

  /** Waits until an event of this kind is in the journal of a filter's partition. */
  void awaitStored(String filter, Class<? extends PartitionEvent> type) {
    PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    String id = TopicPartitionActor.persistenceId(partition(filter));
    awaitUpkeep(
        filter,
        () -> {
          if (journal.persistedInStorage(id).stream().noneMatch(type::isInstance)) {
            throw new AssertionError("not stored: " + type);
          }
        });
  }
}
