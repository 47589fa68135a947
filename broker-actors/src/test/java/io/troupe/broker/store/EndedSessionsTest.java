package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigValueFactory;
import io.troupe.broker.store.EndedSessions.Ended;
import io.troupe.broker.store.EventSourcedTest.Add;
import io.troupe.broker.store.EventSourcedTest.Summing;
import io.troupe.broker.store.QueueLog.DedupKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of sessions that have ended: nothing, and others lose nothing. */
class EndedSessionsTest {
  private static final int PARTITIONS = 64;

  @TempDir Path folder;
  private EmbeddedStore store;
  private ActorTestKit kit;

  @BeforeEach
  void start() {
    store = StoreTesting.open(folder);
    kit =
        ActorTestKit.create(
            StoreTesting.config(folder)
                .withValue("akka.actor.provider", ConfigValueFactory.fromAnyRef("local")));
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
    store.close();
  }

  private EndedSessions sessions() {
    return store.endedSessions().orElseThrow();
  }

  private void forget(String id, long toSequenceNr) {
    await(sessions().forget(new Ended(id, toSequenceNr, id, 0, PARTITIONS)));
  }

  /** A persistent actor adds 1 so many times, with a snapshot each tenth, and stops. */
  private long add(String id, int times) {
    ActorRef<Add> actor = kit.spawn(Summing.create(id));
    TestProbe<Long> probe = kit.createTestProbe();
    for (int i = 0; i < Math.max(1, times); i++) {
      actor.tell(new Add(times == 0 ? 0 : 1, probe.ref()));
    }
    int answers = Math.max(1, times);
    long sum = probe.receiveSeveralMessages(answers, StoreTesting.PATIENCE).get(answers - 1);
    kit.stop(actor, StoreTesting.PATIENCE);
    return sum;
  }

  @Test
  void eventsSnapshotsAndTheMemoryOfThemGo() {
    add("gone", 25);
    add("gone too", 3);
    add("stays", 25);

    forget("gone", 25);
    forget("gone too", 3);

    assertEquals(List.of(), StoredRows.of(store, "gone"));
    assertEquals(25, add("stays", 0));
    assertEquals(0, add("gone", 0));
  }

  @Test
  void whoComesBackAtOnceLosesNothing() {
    for (int round = 0; round < 30; round++) {
      assertEquals(21, add("back", 21)); // its old events are still being deleted
      forget("back", 21);
      assertEquals(12, add("back", 12));
      assertEquals(12, add("back", 0));
      forget("back", 12);
    }
    assertEquals(List.of(), StoredRows.of(store, "back"));
  }

  @Test
  void laterEventsStayWhenAnEarlierEndIsForgottenLate() {
    add("late", 25);

    forget("late", 22);

    assertEquals(3, add("late", 0));
    assertEquals(4, add("late", 1));
    forget("late", 26);
    assertEquals(List.of(), StoredRows.of(store, "late"));
  }

  private void mark(DedupKey... keys) {
    await(store.queueLog().append(List.of(), List.of(keys), List.of()));
  }

  private Set<Long> marks(int partition, String publisher) {
    return await(store.queueLog().openSequences(partition, publisher));
  }

  @Test
  void marksOfItsMessagesGoInAllPartitions() {
    mark(
        new DedupKey(0, "a", 7),
        new DedupKey(63, "a", 8),
        new DedupKey(63, "a", 9),
        new DedupKey(63, "ab", 8),
        new DedupKey(63, "", 8));

    await(sessions().forget(new Ended("none", 0, "a", 8, PARTITIONS)));

    assertEquals(Set.of(), marks(0, "a"));
    assertEquals(Set.of(9L), marks(63, "a")); // of the session after it
    assertEquals(Set.of(8L), marks(63, "ab"));
    assertEquals(Set.of(8L), marks(63, ""));
  }

  @Test
  void marksOfPublishersThatAreGoneAreSwept() {
    add("stored", 1);
    mark(new DedupKey(1, "stored", 5));
    List<DedupKey> left = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      left.add(new DedupKey(i % PARTITIONS, "gone" + i / 2, i));
    }
    left.add(new DedupKey(2, "connected since", 10_000));
    mark(left.toArray(DedupKey[]::new));

    sessions().sweepMarks(publisher -> publisher, 10_000);

    StoreTesting.until("the marks are swept", () -> StoredRows.marks(store).size() == 2);
    assertEquals(Set.of(5L), marks(1, "stored"));
    assertEquals(Set.of(10_000L), marks(2, "connected since"));
  }

  @Test
  void whatIsForgottenStaysForgotten() {
    add("gone", 25);
    mark(new DedupKey(1, "gone", 5));
    await(sessions().forget(new Ended("gone", 25, "gone", 5, PARTITIONS)));
    stop();

    start();

    assertEquals(List.of(), StoredRows.of(store, "gone"));
    assertEquals(List.of(), StoredRows.marks(store));
    assertEquals(0, add("gone", 0));
  }
}
