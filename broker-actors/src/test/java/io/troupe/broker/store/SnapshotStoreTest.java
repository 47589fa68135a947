package io.troupe.broker.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.ActorRef;
import akka.actor.ActorSystem;
import akka.persistence.DeleteSnapshotSuccess;
import akka.persistence.DeleteSnapshotsSuccess;
import akka.persistence.Persistence;
import akka.persistence.SaveSnapshotFailure;
import akka.persistence.SaveSnapshotSuccess;
import akka.persistence.SelectedSnapshot;
import akka.persistence.SnapshotMetadata;
import akka.persistence.SnapshotProtocol;
import akka.persistence.SnapshotSelectionCriteria;
import akka.testkit.javadsl.TestKit;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** What Akka's technology compatibility kit asks of a snapshot store, and what we add. */
class SnapshotStoreTest {
  private static final String ID = "p-1";
  private static final SnapshotSelectionCriteria LATEST = SnapshotSelectionCriteria.latest();

  @TempDir Path folder;
  private ActorSystem system;
  private ActorRef snapshots;
  private TestKit probe;
  private final List<SnapshotMetadata> saved = new ArrayList<>();

  @BeforeEach
  void start() {
    system = ActorSystem.create("snapshots", config());
    probe = new TestKit(system);
    snapshots =
        Persistence.get(system).snapshotStoreFor("troupe.store.snapshot", ConfigFactory.empty());
    saved.clear();
    for (int i = 1; i <= 5; i++) {
      saved.add(save(SnapshotMetadata.apply(ID, i + 10), "s-" + i));
    }
  }

  @AfterEach
  void stop() {
    TestKit.shutdownActorSystem(system);
  }

  private Config config() {
    return StoreTesting.config(folder)
        .withValue("akka.actor.provider", ConfigValueFactory.fromAnyRef("local"))
        .withValue("akka.test.single-expect-default", ConfigValueFactory.fromAnyRef("60s"));
  }

  private SnapshotMetadata save(SnapshotMetadata metadata, Object snapshot) {
    snapshots.tell(new SnapshotProtocol.SaveSnapshot(metadata, snapshot), probe.getRef());
    return probe.expectMsgClass(SaveSnapshotSuccess.class).metadata();
  }

  private Option<SelectedSnapshot> load(String id, SnapshotSelectionCriteria criteria, long to) {
    snapshots.tell(new SnapshotProtocol.LoadSnapshot(id, criteria, to), probe.getRef());
    var result = probe.expectMsgClass(SnapshotProtocol.LoadSnapshotResult.class);
    assertEquals(to, result.toSequenceNr());
    return result.snapshot();
  }

  private static SnapshotSelectionCriteria upTo(long sequenceNr, long timestamp) {
    return SnapshotSelectionCriteria.create(sequenceNr, timestamp);
  }

  private void assertLoads(int index, SnapshotSelectionCriteria criteria, long to) {
    SelectedSnapshot found = load(ID, criteria, to).get();
    assertEquals(saved.get(index), found.metadata());
    assertEquals("s-" + (index + 1), found.snapshot());
  }

  private void delete(SnapshotMetadata metadata) {
    snapshots.tell(new SnapshotProtocol.DeleteSnapshot(metadata), probe.getRef());
    probe.expectMsgClass(DeleteSnapshotSuccess.class);
  }

  private void delete(SnapshotSelectionCriteria criteria) {
    snapshots.tell(new SnapshotProtocol.DeleteSnapshots(ID, criteria), probe.getRef());
    probe.expectMsgClass(DeleteSnapshotsSuccess.class);
  }

  @Test
  void findsNothingForAnUnknownId() {
    assertTrue(load("invalid", LATEST, Long.MAX_VALUE).isEmpty());
    assertTrue(load("invalid", upTo(100, Long.MAX_VALUE), 100).isEmpty());
  }

  @Test
  void findsNothingBelowTheFirst() {
    assertTrue(load(ID, upTo(7, Long.MAX_VALUE), Long.MAX_VALUE).isEmpty());
    assertTrue(load(ID, upTo(Long.MAX_VALUE, 100), Long.MAX_VALUE).isEmpty());
    assertTrue(load(ID, LATEST, 7).isEmpty());
  }

  @Test
  void loadsTheYoungest() {
    assertLoads(4, LATEST, Long.MAX_VALUE);
  }

  @Test
  void loadsTheYoungestUpToASequenceNumber() {
    assertLoads(2, upTo(13, Long.MAX_VALUE), Long.MAX_VALUE);
    assertLoads(2, LATEST, 13);
  }

  @Test
  void loadsTheYoungestUpToSequenceNumberAndTime() {
    assertLoads(2, upTo(13, saved.get(2).timestamp()), Long.MAX_VALUE);
    assertLoads(2, upTo(Long.MAX_VALUE, saved.get(2).timestamp()).limit(13), 13);
  }

  @Test
  void deletesOneByItsSequenceNumber() {
    delete(SnapshotMetadata.apply(ID, 13));

    assertTrue(load(ID, new SnapshotSelectionCriteria(13, Long.MAX_VALUE, 13, 0), 13).isEmpty());
    assertLoads(1, upTo(13, Long.MAX_VALUE), Long.MAX_VALUE);
    assertLoads(4, LATEST, Long.MAX_VALUE);
  }

  @Test
  void doesNotDeleteOneOfAnotherTime() {
    delete(SnapshotMetadata.apply(ID, 13, saved.get(2).timestamp() - 1));

    assertLoads(2, upTo(13, Long.MAX_VALUE), Long.MAX_VALUE);
  }

  @Test
  void deletesAllUpToSequenceNumberAndTime() {
    delete(upTo(13, saved.get(2).timestamp()));

    assertTrue(load(ID, upTo(13, saved.get(2).timestamp()), Long.MAX_VALUE).isEmpty());
    assertLoads(3, upTo(14, saved.get(3).timestamp()), Long.MAX_VALUE);
  }

  @Test
  void doesNotDeleteWhatIsYounger() {
    delete(upTo(14, saved.get(0).timestamp() - 1));

    assertLoads(3, upTo(14, saved.get(3).timestamp()), Long.MAX_VALUE);
  }

  @Test
  void anotherOfTheSameSequenceNumberReplacesIt() {
    SnapshotMetadata again = save(SnapshotMetadata.apply(ID, 15), "s-5-modified");

    SelectedSnapshot found = load(ID, LATEST, Long.MAX_VALUE).get();
    assertEquals("s-5-modified", found.snapshot());
    assertEquals(again, found.metadata());
    assertTrue(again.timestamp() >= saved.get(4).timestamp());
  }

  @Test
  void savesLargeOnes() {
    byte[] large = StoreTesting.bytes(1, 1, 5_000_000);

    save(SnapshotMetadata.apply(ID, 100), large);

    org.junit.jupiter.api.Assertions.assertArrayEquals(
        large, (byte[]) load(ID, LATEST, Long.MAX_VALUE).get().snapshot());
  }

  @Test
  void keepsMetadata() {
    save(SnapshotMetadata.apply(ID, 20).withMetadata("meta"), "s");

    assertEquals("meta", load(ID, LATEST, Long.MAX_VALUE).get().metadata().metadata().get());
  }

  @Test
  void failsToSaveWhatCannotBeSerialised() {
    snapshots.tell(
        new SnapshotProtocol.SaveSnapshot(SnapshotMetadata.apply(ID, 30), new Object()),
        probe.getRef());

    probe.expectMsgClass(SaveSnapshotFailure.class);
    assertLoads(4, LATEST, Long.MAX_VALUE);
  }

  @Test
  void everythingIsThereAfterARestart() {
    List<SnapshotMetadata> before = List.copyOf(saved);
    stop();
    system = ActorSystem.create("again", config());
    probe = new TestKit(system);
    snapshots =
        Persistence.get(system).snapshotStoreFor("troupe.store.snapshot", ConfigFactory.empty());

    assertEquals(before.get(4), load(ID, LATEST, Long.MAX_VALUE).get().metadata());
  }

  private void damage(long sequenceNr) {
    EmbeddedStore store = EmbeddedStore.share(StoreSettings.from(config()));
    Mutations batch = new Mutations(100);
    batch.startPut(Family.SNAPSHOTS, Keys.numbered(ID, sequenceNr), 10);
    batch.int8(99);
    batch.int8(0);
    batch.int64(saved.get(0).timestamp());
    batch.seal();
    StoreTesting.await(store.committer().submit(batch, true));
    store.release();
  }

  private void eventsDeletedTo(long sequenceNr) {
    EmbeddedStore store = EmbeddedStore.share(StoreSettings.from(config()));
    Mutations batch = new Mutations(100);
    new Head(sequenceNr, 0).addTo(batch, Keys.journalHead(ID));
    StoreTesting.await(store.committer().submit(batch, true));
    store.release();
  }

  @Test
  void aDamagedOneFallsBackToAnOlderOneWhileTheJournalHasTheEvents() {
    eventsDeletedTo(14);
    damage(15);

    assertLoads(3, LATEST, Long.MAX_VALUE);
  }

  @Test
  void aDamagedOneFailsWhenTheEventsSinceTheOlderOneAreGone() {
    eventsDeletedTo(15);
    damage(15);

    snapshots.tell(new SnapshotProtocol.LoadSnapshot(ID, LATEST, Long.MAX_VALUE), probe.getRef());

    var failed = probe.expectMsgClass(SnapshotProtocol.LoadSnapshotFailed.class);
    assertTrue(failed.cause().getMessage().contains("snapshot 15 of 'p-1'"), failed.toString());
    assertTrue(failed.cause().getMessage().contains("backup"), failed.toString());
  }

  @Test
  void aDamagedOneWithoutOlderOnesLeavesTheWholeJournal() {
    delete(upTo(14, Long.MAX_VALUE));
    damage(15);

    assertTrue(load(ID, LATEST, Long.MAX_VALUE).isEmpty());
  }

  @Test
  void aDamagedOneCanBeDeleted() {
    damage(15);

    delete(upTo(15, Long.MAX_VALUE));

    assertTrue(load(ID, LATEST, Long.MAX_VALUE).isEmpty());
  }
}
