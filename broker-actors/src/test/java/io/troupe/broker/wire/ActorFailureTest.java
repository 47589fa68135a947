package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.troupe.broker.directory.ClientDirectoryActor;
import io.troupe.broker.metrics.ActorFailures;
import io.troupe.broker.metrics.ActorFailures.Kind;
import io.troupe.broker.retained.RetainedPartitionActor;
import io.troupe.broker.routing.Partitioner;
import io.troupe.broker.routing.TopicPartitionActor;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionSharding;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.topic.TopicFilter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * A mistake of ours in one actor, here a command no client can cause, is that actor's alone: it
 * begins anew from what it has stored, nothing acknowledged is lost, others notice nothing.
 */
class ActorFailureTest extends WireTest {
  private static final int PARTITIONS = 4;
  private static final Set<String> ALL = Set.of("0", "1", "2", "3");

  private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ActorFailures.class);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          log.add(event.getFormattedMessage());
        }
      };
  private BrokerUnderTest broker;

  @BeforeEach
  void start() {
    broker =
        BrokerUnderTest.start(
            Map.of(
                "troupe.routing.partitions", PARTITIONS,
                "troupe.retained.partitions", PARTITIONS,
                "troupe.directory.partitions", PARTITIONS));
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(appender);
    broker.close();
  }

  @Override
  BrokerUnderTest broker() {
    return broker;
  }

  private <C> void tell(EntityTypeKey<C> key, String entity, C command) {
    ClusterSharding.get(broker.system()).entityRefFor(key, entity).tell(command);
  }

  /** Each partition of a kind gets this command. */
  private <C> void tellAll(Class<C> commands, String name, C command) {
    for (int i = 0; i < PARTITIONS; i++) {
      tell(EntityTypeKey.create(commands, name), Integer.toString(i), command);
    }
  }

  /** The failure of each is told and counted. */
  private void expectFailures(Kind kind, Set<String> names) throws InterruptedException {
    Set<String> told = new TreeSet<>();
    while (!told.equals(names)) {
      String line = log.poll(60, TimeUnit.SECONDS);
      assertTrue(line != null && line.startsWith(kind.label() + " "), line);
      told.add(line.split(" ")[1]);
    }
    assertTrue(broker.failures(kind) >= names.size());
  }

  @EachVersion
  @Promise("F9")
  void aSessionThatFailsCostsItsConnectionAndNothingElse(Version version) throws Exception {
    var topic = freshTopic();
    var client = connect(fresh(version).persistent());
    client.subscribe(topic, 1);
    var other = connect(version);
    other.subscribe(topic, 1);
    var publisher = connect(version);
    publisher.publish(publish(topic, "before").qos(1));
    int packetId = client.receive().packetId();
    other.receive("before");

    tell(
        SessionSharding.KEY,
        client.clientId,
        new ClientSessionActor.Deliver(null, null, null, null));

    client.expectClosed(0x88);
    expectFailures(Kind.SESSION, Set.of(client.clientId));
    publisher.publish(publish(topic, "after").qos(1));
    other.receive("after");
    var again = connect(new ConnectPacket(version, client.clientId).persistent());
    assertTrue(again.connack().sessionPresent());
    var repeated = again.receive("before");
    assertTrue(repeated.dup());
    assertEquals(packetId, repeated.packetId());
    again.receive("after");
  }

  @Test
  @Promise("F9")
  void aTopicPartitionThatFailsKeepsItsQueuesAndSubscribers() throws Exception {
    var partitioner = new Partitioner(PARTITIONS);
    String failing = "failing";
    String other = "other";
    while (partitioner.partition(TopicFilter.of(other))
        == partitioner.partition(TopicFilter.of(failing))) {
      other += "x";
    }
    var subscriber = connect(fresh(Version.V5).persistent());
    subscriber.subscribe(failing, 2);
    var away = connect(fresh(Version.V5).persistent());
    away.subscribe(failing, 1);
    away.disconnect();
    var canary = connect(Version.V5);
    canary.subscribe(other, 1);
    var publisher = connect(Version.V5);
    publisher.publish(publish(failing, "before").qos(1));
    subscriber.receive("before");

    int partition = partitioner.partition(TopicFilter.of(failing));
    tell(
        EntityTypeKey.create(TopicPartitionActor.Command.class, "topic-partition"),
        Integer.toString(partition),
        new TopicPartitionActor.Append(1, null, null));

    expectFailures(Kind.PARTITION, Set.of(Integer.toString(partition)));
    publisher.publish(publish(other, "elsewhere").qos(1));
    canary.receive("elsewhere");
    publisher.publish(publish(failing, "after").qos(2));
    subscriber.receive("after");
    var back = connect(new ConnectPacket(Version.V5, away.clientId).persistent());
    assertEquals(List.of("before", "after"), back.receive(2));
    subscriber.ping();
  }

  @Test
  @Promise("F9")
  void aRetainedPartitionThatFailsKeepsWhatItRetains() throws Exception {
    var publisher = connect(Version.V5);
    publisher.publish(publish("a/1", "one").qos(1).retain());

    tellAll(
        RetainedPartitionActor.Command.class,
        "retained",
        new RetainedPartitionActor.Find(null, "", 1, null));

    expectFailures(Kind.RETAINED, ALL);
    publisher.publish(publish("a/1/b", "two").qos(1).retain());
    var subscriber = connect(Version.V5);
    subscriber.subscribe("a/1/#", 1);
    var found = subscriber.receive(2);
    found.sort(null);
    assertEquals(List.of("one", "two"), found);
  }

  @Test
  @Promise("F9")
  void aDirectoryPartitionThatFailsKeepsItsDeadlines() throws Exception {
    var topic = freshTopic();
    var watcher = connect(Version.V5);
    watcher.subscribe(topic, 1);
    var will = publish(topic, "due").with(Properties5.WILL_DELAY, 2);
    connect(fresh(Version.V5).persistent().will(will)).close();

    tellAll(
        ClientDirectoryActor.Command.class,
        "directory",
        new ClientDirectoryActor.Put(null, 1, null));

    expectFailures(Kind.DIRECTORY, ALL);
    connect(fresh(Version.V5).persistent()).ping();
    watcher.receive("due");
  }
}
