package io.troupe.broker.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.troupe.broker.limits.ClusterCap;
import io.troupe.broker.metrics.ActorFailures;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.partition.PersistentActorFixture;
import io.troupe.protocol.conformance.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientDirectoryActorTest extends PersistentActorFixture {
  private static final String PERSISTENCE_ID = "directory|0";
  private static final long NEVER = Long.MAX_VALUE;
  private static final String SELF = "node#2";

  private record Woken(String clientId, String lostIncarnation, long lostAtMillis) {}

  private final TestProbe<ClientDirectoryActor.Stored> done = testKit.createTestProbe();
  private ClusterCap cap = ClusterCap.NONE;
  private final TestProbe<Woken> sessions = testKit.createTestProbe();
  private final TestProbe<ClientPage> pages = testKit.createTestProbe();
  private final BrokerMetrics metrics = new BrokerMetrics();
  private final long start = clock.get();
  private Duration step = Duration.ofSeconds(1);
  private int wakeBatch = 500;
  private long requests;
  private NodeIncarnations nodes = new NodeIncarnations(SELF, true, 0, clock::get);

  @Test
  void aRecordIsAnsweredWhenStored() {
    ActorRef<ClientDirectoryActor.Command> directory = start();

    put(directory, new ClientRecord("a", SELF, NEVER));

    assertEquals(1, done.receiveMessage().requestId());
    journal.expectNextPersisted(
        PERSISTENCE_ID,
        new DirectoryEvent.Changed(List.of(new ClientRecord("a", SELF, NEVER)), List.of()));
    assertEquals(1, metrics.totals().storedSessions());
    assertEquals(0, metrics.totals().disconnectedSessions());
  }

  @Test
  void anUnchangedRecordIsNotStoredAgain() {
    ActorRef<ClientDirectoryActor.Command> directory = start();
    put(directory, new ClientRecord("a", "", NEVER));
    done.receiveMessage();

    put(directory, new ClientRecord("a", "", NEVER));

    done.receiveMessage();
    assertEquals(1, journal.persistedInStorage(PERSISTENCE_ID).size());
  }

  @Test
  void whatAFailingJournalDidNotStoreIsStoredLater() {
    journal.failNextNPersisted(PERSISTENCE_ID, 2);
    ActorRef<ClientDirectoryActor.Command> directory = start();
    put(directory, new ClientRecord("a", "", NEVER));
    put(directory, new ClientRecord("b", "", NEVER));
    directory.tell(new ClientDirectoryActor.Remove("a"));
    done.expectNoMessage(Duration.ZERO);

    done.awaitAssert(
        () -> {
          pass(Duration.ofSeconds(1));
          assertEquals(1, metrics.totals().storedSessions());
          return null;
        });

    done.receiveSeveralMessages(2);
    assertEquals(List.of("b"), list(directory));
  }

  @Test
  void aCommandThatFailsIsLeftOutAndTheOthersAreDone() {
    ActorRef<ClientDirectoryActor.Command> directory = start();
    step = Duration.ofSeconds(10);
    put(directory, new ClientRecord("due", "", start + 60_000));
    put(directory, new ClientRecord("a", "", NEVER));

    directory.tell(new ClientDirectoryActor.Put(null, 1, done.getRef()));
    put(directory, new ClientRecord("b", "", NEVER));

    for (int i = 0; i < 3; i++) {
      done.awaitAssert(
          () -> {
            pass(Duration.ofSeconds(1));
            return done.receiveMessage(Duration.ofMillis(100));
          });
    }
    assertEquals(List.of("a", "b", "due"), list(directory));
    assertTrue(metrics.actorFailures().count(ActorFailures.Kind.DIRECTORY) >= 1);
    ticksUntil(directory, 60_000);
    sessions.expectMessage(new Woken("due", "", 0));
  }

  @Test
  @Promise("I10")
  void aSessionIsWokenAtItsDeadline() {
    ActorRef<ClientDirectoryActor.Command> directory = start();
    put(directory, new ClientRecord("a", "", start + 60_000));
    done.receiveMessage();

    pass(Duration.ofMillis(59_900));
    sessions.expectNoMessage(Duration.ofMillis(50));
    ticksUntil(directory, 60_100);

    sessions.expectMessage(new Woken("a", "", 0));
  }

  @Test
  void itIsWokenAgainEveryTenSecondsUntilItsRecordChanges() {
    ActorRef<ClientDirectoryActor.Command> directory = start();
    put(directory, new ClientRecord("a", "", start + 1_000));
    done.receiveMessage();
    ticksUntil(directory, 1_000);
    sessions.expectMessage(new Woken("a", "", 0));

    ticksUntil(directory, 12_000);
    sessions.expectMessage(new Woken("a", "", 0));
    put(directory, new ClientRecord("a", "", NEVER));
    done.receiveMessage();
    ticksUntil(directory, 30_000);

    sessions.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  void aRemovedClientIsNotWoken() {
    ActorRef<ClientDirectoryActor.Command> directory = start();
    put(directory, new ClientRecord("a", "", start + 1_000));
    done.receiveMessage();

    directory.tell(new ClientDirectoryActor.Remove("a"));
    assertEquals(List.of(), list(directory));
    ticksUntil(directory, 20_000);

    sessions.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  @Promise("I10")
  void deadlinesThatPassedWhileTheBrokerWasDownAreActedOnAtStart() {
    ActorRef<ClientDirectoryActor.Command> directory = start();
    put(directory, new ClientRecord("a", "", start + 1_000));
    done.receiveMessage();
    testKit.stop(directory);
    clock.addAndGet(3_600_000);

    start();
    pass(Duration.ofMillis(200));

    sessions.expectMessage(new Woken("a", "", 0));
  }

  @Test
  void connectionsOfTheLifeBeforeThisOneAreLostAtItsEnd() {
    ActorRef<ClientDirectoryActor.Command> directory = start();
    put(directory, new ClientRecord("a", SELF, NEVER));
    put(directory, new ClientRecord("b", "", NEVER));
    done.receiveSeveralMessages(2);
    testKit.stop(directory);

    nodes = new NodeIncarnations("node#3", true, start + 500, clock::get);
    start();
    pass(Duration.ofMillis(200));

    sessions.expectMessage(new Woken("a", SELF, start + 500));
    sessions.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  void connectionsOfARemovedNodeAreLostThen() {
    nodes = new NodeIncarnations(SELF, false, 0, clock::get);
    nodes.joined("other#1");
    ActorRef<ClientDirectoryActor.Command> directory = start();
    put(directory, new ClientRecord("a", "other#1", NEVER));
    put(directory, new ClientRecord("b", SELF, NEVER));
    done.receiveSeveralMessages(2);
    ticksUntil(directory, 5_000);
    sessions.expectNoMessage(Duration.ofMillis(50));

    nodes.removed("other#1");
    ticksUntil(directory, 7_000);

    sessions.expectMessage(new Woken("a", "other#1", start + 5_000));
    sessions.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  void thousandsDueAtOnceAreWokenInPacedBatches() {
    wakeBatch = 100;
    step = Duration.ofMillis(100);
    ActorRef<ClientDirectoryActor.Command> directory = start();
    for (int i = 0; i < 1_000; i++) {
      put(directory, new ClientRecord("c" + i, "", start + 1_000));
    }
    done.receiveSeveralMessages(1_000);

    ticksUntil(directory, 1_000);
    sessions.receiveSeveralMessages(100);
    sessions.expectNoMessage(Duration.ofMillis(50));
    ticksUntil(directory, 2_000);

    sessions.receiveSeveralMessages(900);
    sessions.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  void tensOfThousandsOfCommandsDuringAWriteAreAllDone() {
    ActorRef<ClientDirectoryActor.Command> directory = start();

    for (int i = 0; i < 50_000; i++) {
      put(directory, new ClientRecord("c" + i % 1_000, "", start + 1_000_000 + i));
      if (i % 100 == 0) {
        directory.tell(new ClientDirectoryActor.Ping());
      }
    }

    done.receiveSeveralMessages(50_000);
    assertEquals(1_000, list(directory).size());
  }

  @Test
  void replayLeadsToTheSameIndex() {
    ActorRef<ClientDirectoryActor.Command> directory = start();
    for (int i = 0; i < 5_000; i++) {
      put(directory, new ClientRecord("c" + i * 7 % 1_500, "", start + 1_000_000 + i));
      if (i % 3 == 0) {
        directory.tell(new ClientDirectoryActor.Remove("c" + i % 1_500));
      }
    }
    done.receiveSeveralMessages(5_000);
    List<ClientRecord> live = records(directory);

    testKit.stop(directory);
    directory = start();

    assertEquals(live, records(directory));
  }

  @Test
  void aSnapshotReplacesTheEventsBeforeIt() {
    ActorRef<ClientDirectoryActor.Command> directory = start();
    for (int i = 0; i < 1_500; i++) {
      put(directory, new ClientRecord("c" + i % 10, "", start + 1_000_000 + i));
      done.receiveMessage();
    }

    done.awaitAssert(
        () -> {
          assertTrue(journal.persistedInStorage(PERSISTENCE_ID).size() < 600);
          return null;
        });
  }

  @Test
  void whereTheClusterIsFullNoNewClientIsTakenAndThoseThereAreStay() {
    cap = new ClusterCap(2);
    cap.renew(() -> 0, 0, 1);
    var directory = start();
    for (String id : List.of("a", "b", "c")) {
      put(directory, new ClientRecord(id, "n#1", Long.MAX_VALUE));
    }
    put(directory, new ClientRecord("b", "n#1", Long.MAX_VALUE));
    put(directory, new ClientRecord("a", "", 5_000_000));
    put(directory, new ClientRecord("d", "", 5_000_000)); // an existing session must be woken

    List<Boolean> full = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      full.add(done.receiveMessage().full());
    }
    assertEquals(List.of(false, false, true, false, false, false), full);
    assertEquals(List.of("a", "b", "d"), list(directory));
  }

  private ActorRef<ClientDirectoryActor.Command> start() {
    ActorRef<ClientDirectoryActor.Command> directory =
        testKit.spawn(
            ClientDirectoryActor.create(
                0,
                new ClientDirectoryActor.Surroundings(
                    nodes,
                    (clientId, lost, lostAt) ->
                        sessions.getRef().tell(new Woken(clientId, lost, lostAt)),
                    cap,
                    metrics,
                    clock::get,
                    wakeBatch)));
    list(directory);
    return directory;
  }

  private void put(ActorRef<ClientDirectoryActor.Command> directory, ClientRecord client) {
    directory.tell(new ClientDirectoryActor.Put(client, ++requests, done.getRef()));
  }

  /** Lets time pass in ticks, each handled before the next, until so long after the start. */
  private void ticksUntil(ActorRef<ClientDirectoryActor.Command> directory, long millis) {
    while (clock.get() < start + millis) {
      pass(step);
      directory.tell(new ClientDirectoryActor.ListClients("", "", 1, pages.getRef()));
      pages.receiveMessage();
    }
  }

  private List<String> list(ActorRef<ClientDirectoryActor.Command> directory) {
    return records(directory).stream().map(ClientRecord::clientId).toList();
  }

  private List<ClientRecord> records(ActorRef<ClientDirectoryActor.Command> directory) {
    List<ClientRecord> all = new ArrayList<>();
    ClientPage page;
    do {
      String after = all.isEmpty() ? "" : all.get(all.size() - 1).clientId();
      directory.tell(new ClientDirectoryActor.ListClients("", after, 700, pages.getRef()));
      page = pages.receiveMessage();
      all.addAll(page.clients());
    } while (page.more());
    return all;
  }
}
