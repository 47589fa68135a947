package io.troupe.broker.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.partition.PersistentActorFixture;
import io.troupe.broker.session.ClientSessionActor.Command;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.Will;
import io.troupe.protocol.session.QueuedMessage;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A session actor on a {@link FakeNode}, with a journal in memory and time that stands still. */
abstract class SessionFixture extends PersistentActorFixture {
  static final String CLIENT = "a|b/c";
  static final String PERSISTENCE_ID = "session|" + CLIENT;

  final FakeNode node = new FakeNode(clock);
  final TestProbe<ClusterSharding.ShardCommand> shard =
      testKit.createTestProbe(ClusterSharding.ShardCommand.class);
  final TestProbe<Command> region = testKit.createTestProbe(Command.class);
  ActorRef<Command> session = spawn();

  @Override
  protected Config config() {
    return ConfigFactory.parseString("akka.loglevel = ERROR");
  }

  private ActorRef<Command> spawn() {
    clock.compareAndSet(1_000_000, 1_700_000_000_000L);
    return testKit.spawn(
        ClientSessionActor.create(CLIENT, node, shard.getRef(), region.getRef()::tell));
  }

  /** Another incarnation of the session, when the one before has stopped. */
  void restart() {
    session.tell(new ClientSessionActor.Stop());
    awaitStop();
    session = spawn();
  }

  /** Another incarnation; what the one before did when it failed is behind us. */
  void respawn() {
    awaitStop();
    session = spawn();
  }

  /** As sharding starts an entity: with its first command in the mailbox. */
  void spawnWith(Command first) {
    session =
        testKit.spawn(
            Behaviors.setup(
                context -> {
                  context.getSelf().tell(first);
                  return ClientSessionActor.create(
                      CLIENT, node, shard.getRef(), region.getRef()::tell);
                }));
  }

  void awaitStop() {
    testKit.createTestProbe().expectTerminated(session);
  }

  void expect(String... expected) {
    for (String each : expected) {
      assertEquals(each, next());
    }
  }

  /** The same, with others before it. */
  void expectAtLast(String expected) {
    String each = next();
    while (each != null && !each.equals(expected)) {
      each = next();
    }
    assertEquals(expected, each);
  }

  private @Nullable String next() {
    try {
      return node.log.poll(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** All commands told so far are handled, and nothing came of them that was not expected. */
  void expectNothing() {
    for (int i = 0; i < 3; i++) { // what the session told itself comes behind
      // an orphan subscription is given up at once, in any state
      session.tell(new ClientSessionActor.SubscriptionEffective("barrier", false, 0));
      expect("unsubscribe barrier");
    }
  }

  // Commands

  ClientSessionActor.Attach attach(
      long id, boolean cleanStart, long expirySeconds, @Nullable Will will) {
    node.open(id);
    return new ClientSessionActor.Attach(
        node.incarnation,
        id,
        CLIENT,
        null,
        ClientLimits.DEVICE,
        cleanStart,
        expirySeconds,
        10,
        Connect.NO_LIMIT,
        will);
  }

  /** Connects with a session that outlives the connection. */
  void connect(long id, boolean present) {
    session.tell(attach(id, false, 3600, null));
    expect("directory node#1", id + " attached " + present);
  }

  void detach(long id, boolean withWill) {
    session.tell(new ClientSessionActor.Detach(id, withWill, -1));
  }

  ClientSessionActor.Subscribe subscribe(long id, String... filters) {
    List<ClientSessionActor.Requested> entries =
        Arrays.stream(filters)
            .map(
                filter ->
                    new ClientSessionActor.Requested(
                        new Subscription(
                            TopicFilter.of(filter), Qos.EXACTLY_ONCE, false, false, 2, 0),
                        null))
            .toList();
    return new ClientSessionActor.Subscribe(id, 1, entries);
  }

  /** Connects and subscribes to "t", in step with its queue. */
  void connectAndSubscribe() {
    connect(1, false);
    session.tell(subscribe(1, "t"));
    expect("subscribe t from 0", "1 suback [GRANTED_QOS_2]", "read t from 1");
  }

  void push(long offset, Qos qos) {
    Message message =
        new Message(
            "t", Payload.utf8("m" + offset), qos, false, MessageProperties.NONE, "p", clock.get());
    session.tell(
        new ClientSessionActor.QueueBatch(
            "t", offset, List.of(new QueuedMessage(offset, message)), offset + 1, 0, true));
  }

  /** A message of a shared subscription is assigned to this session. */
  void assign(String filter, long offset) {
    Message message =
        new Message(
            "t",
            Payload.utf8("m" + offset),
            Qos.AT_LEAST_ONCE,
            false,
            MessageProperties.NONE,
            "p",
            clock.get());
    session.tell(
        new ClientSessionActor.SharedBatch(
            filter, List.of(new QueuedMessage(offset, message)), List.of()));
  }

  static Will will(long delaySeconds) {
    return new Will(
        "w", Payload.utf8("gone"), Qos.AT_LEAST_ONCE, false, delaySeconds, MessageProperties.NONE);
  }

  /** Kinds of the events stored, in order. */
  List<String> stored() {
    return journal.persistedInStorage(PERSISTENCE_ID).stream()
        .map(event -> event.getClass().getSimpleName())
        .toList();
  }
}
