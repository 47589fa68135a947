package io.troupe.broker.partition;

import static io.troupe.broker.serialization.Messages.retained;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.persistence.testkit.PersistenceTestKitPlugin;
import akka.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import com.typesafe.config.ConfigFactory;
import io.troupe.broker.config.DirectoryConfig;
import io.troupe.broker.config.RetainedConfig;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.directory.ClientDirectoryActor;
import io.troupe.broker.directory.ClientPage;
import io.troupe.broker.directory.ClientRecord;
import io.troupe.broker.directory.DirectorySharding;
import io.troupe.broker.limits.ClusterCap;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.retained.RetainedPartitionActor;
import io.troupe.broker.retained.RetainedSharding;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.topic.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Retained messages and the directory as others use them, on a cluster of one node. */
class ShardedPartitionsTest {
  private static final ActorTestKit TEST_KIT =
      ActorTestKit.create(
          ConfigFactory.parseString(
                  "akka.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }\n"
                      + "akka.jvm-exit-on-fatal-error = off")
              .withFallback(PersistenceTestKitPlugin.config())
              .withFallback(PersistenceTestKitSnapshotPlugin.config())
              .withFallback(ActorTestKit.applicationTestConfig())
              .resolve());
  private static final Duration WITHIN = Duration.ofSeconds(60);

  private final BrokerMetrics metrics = new BrokerMetrics();

  @BeforeAll
  static void joinItself() {
    Cluster cluster = Cluster.get(TEST_KIT.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    TEST_KIT
        .createTestProbe()
        .awaitAssert(
            WITHIN,
            () -> {
              assertEquals(MemberStatus.up(), cluster.selfMember().status());
              return null;
            });
  }

  @AfterAll
  static void shutDown() {
    TEST_KIT.shutdownTestKit();
  }

  @Test
  void aSearchVisitsAllPartitionsAndEndsOnce() {
    TestProbe<IngressActor.Command> publisher = TEST_KIT.createTestProbe();
    TestProbe<ClientSessionActor.Command> session = TEST_KIT.createTestProbe();
    RetainedSharding retained =
        RetainedSharding.start(
            TEST_KIT.system(),
            new RetainedConfig(7, 10_000, 10_000_000, 2),
            ActorRef::tell,
            metrics,
            System::currentTimeMillis);
    TreeSet<String> topics = new TreeSet<>();
    for (int i = 0; i < 50; i++) {
      String topic = "site/" + i + "/state";
      topics.add(topic);
      retained.store(
          retained.partition(topic),
          new RetainedPartitionActor.Store(
              i, List.of(retained(topic, "1")), true, publisher.getRef()));
    }
    publisher.receiveSeveralMessages(50, WITHIN);

    TreeSet<String> found = new TreeSet<>();
    TopicFilter filter = TopicFilter.of("site/+/state");
    ClientSessionActor.RetainedFound page;
    String cursor = "";
    do {
      retained.find(filter, cursor, 1, session.getRef());
      page = session.expectMessageClass(ClientSessionActor.RetainedFound.class, WITHIN);
      page.messages().stream().map(Message::topic).forEach(found::add);
      cursor = page.next();
    } while (!page.last());

    assertEquals(topics, found);
    retained.find(TopicFilter.of("site/7/#"), "", 2, session.getRef());
    page = session.expectMessageClass(ClientSessionActor.RetainedFound.class, WITHIN);
    assertEquals(1, page.messages().size());
    assertTrue(page.last());
    assertEquals(50, metrics.totals().retainedMessages());
  }

  @Test
  void theDirectoryListsClientsOfAllPartitionsAndWakesThem() throws Exception {
    TestProbe<ClientDirectoryActor.Stored> done = TEST_KIT.createTestProbe();
    TestProbe<String> woken = TEST_KIT.createTestProbe();
    DirectorySharding directory =
        DirectorySharding.start(
            TEST_KIT.system(),
            new DirectoryConfig(5),
            true,
            ClusterCap.NONE,
            0,
            (clientId, lost, lostAt) -> woken.getRef().tell(clientId + " " + lost),
            metrics,
            System::currentTimeMillis);
    directory.startAll();
    for (int i = 0; i < 30; i++) {
      directory.put(
          new ClientRecord("client-" + (10 + i), directory.incarnation(), Long.MAX_VALUE),
          i,
          done.getRef());
    }
    done.receiveSeveralMessages(30, WITHIN);
    directory.put(new ClientRecord("due", "", System.currentTimeMillis()), 30, done.getRef());
    directory.put(new ClientRecord("lost", "node#0", Long.MAX_VALUE), 31, done.getRef());

    ClientPage first = get(directory.list("client-", "", 20, WITHIN));
    ClientPage second = get(directory.list("client-", "client-29", 20, WITHIN));

    assertEquals(20, first.clients().size());
    assertTrue(first.more());
    assertEquals("client-10", first.clients().get(0).clientId());
    assertEquals(10, second.clients().size());
    assertEquals("client-39", second.clients().get(9).clientId());
    assertEquals(
        List.of("due ", "lost node#0"),
        woken.receiveSeveralMessages(2, WITHIN).stream().sorted().toList());
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get();
  }
}
