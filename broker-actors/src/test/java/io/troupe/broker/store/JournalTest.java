package io.troupe.broker.store;

import static java.util.stream.IntStream.rangeClosed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.ActorIdentity;
import akka.actor.ActorRef;
import akka.actor.ActorSystem;
import akka.persistence.AtomicWrite;
import akka.persistence.DeleteMessagesSuccess;
import akka.persistence.JournalProtocol;
import akka.persistence.Persistence;
import akka.persistence.PersistentEnvelope;
import akka.persistence.PersistentRepr;
import akka.testkit.javadsl.TestKit;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.troupe.protocol.conformance.Promise;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** What Akka's technology compatibility kit asks of a journal, and what we add. */
class JournalTest {
  private static final String ID = "p-1";
  private static final int INSTANCE = 4;

  @TempDir Path folder;
  private ActorSystem system;
  private ActorRef journal;
  private TestKit probe;
  private final String writer = UUID.randomUUID().toString();

  @BeforeEach
  void start() {
    system = ActorSystem.create("journal", config());
    probe = new TestKit(system);
    journal = Persistence.get(system).journalFor("troupe.store.journal", ConfigFactory.empty());
  }

  @AfterEach
  void stop() {
    TestKit.shutdownActorSystem(system);
  }

  private com.typesafe.config.Config config() {
    return StoreTesting.config(folder)
        .withValue("akka.actor.provider", ConfigValueFactory.fromAnyRef("local"))
        .withValue("akka.test.single-expect-default", ConfigValueFactory.fromAnyRef("60s"));
  }

  private void restart() {
    stop();
    start();
  }

  private PersistentRepr event(String id, long sequenceNr, Object payload) {
    return PersistentRepr.apply(payload, sequenceNr, id, "", false, ActorRef.noSender(), writer);
  }

  private AtomicWrite atomically(PersistentRepr... events) {
    return new AtomicWrite(CollectionConverters.asScala(List.of(events)).toList());
  }

  private void tell(AtomicWrite... writes) {
    List<PersistentEnvelope> envelopes = List.of(writes);
    journal.tell(
        new JournalProtocol.WriteMessages(
            CollectionConverters.asScala(envelopes).toList(), probe.getRef(), INSTANCE),
        probe.getRef());
  }

  /** Stores one event per write, as five commands of an actor would. */
  private void write(String id, long from, long to) {
    List<AtomicWrite> writes = new ArrayList<>();
    for (long number = from; number <= to; number++) {
      writes.add(atomically(event(id, number, "a-" + number)));
    }
    tell(writes.toArray(AtomicWrite[]::new));
    probe.expectMsg(JournalProtocol.WriteMessagesSuccessful$.MODULE$);
    for (long number = from; number <= to; number++) {
      assertEquals(
          number,
          probe
              .expectMsgClass(JournalProtocol.WriteMessageSuccess.class)
              .persistent()
              .sequenceNr());
    }
  }

  /** Replays and returns the payloads; the highest sequence number goes to {@link #highest}. */
  private List<Object> replay(String id, long from, long to, long max) {
    return replayed(id, from, to, max).stream().map(PersistentRepr::payload).toList();
  }

  private long highest;

  private List<PersistentRepr> replayed(String id, long from, long to, long max) {
    journal.tell(
        new JournalProtocol.ReplayMessages(from, to, max, id, probe.getRef()), ActorRef.noSender());
    List<PersistentRepr> events = new ArrayList<>();
    while (true) {
      Object answer =
          probe.expectMsgAnyClassOf(
              JournalProtocol.ReplayedMessage.class, JournalProtocol.RecoverySuccess.class);
      if (answer instanceof JournalProtocol.RecoverySuccess success) {
        highest = success.highestSequenceNr();
        return events;
      }
      events.add(((JournalProtocol.ReplayedMessage) answer).persistent());
    }
  }

  private void delete(String id, long to) {
    journal.tell(new JournalProtocol.DeleteMessagesTo(id, to, probe.getRef()), ActorRef.noSender());
    probe.expectMsgClass(DeleteMessagesSuccess.class);
  }

  private static List<Object> payloads(int from, int to) {
    return rangeClosed(from, to).<Object>mapToObj(n -> "a-" + n).toList();
  }

  @Test
  void replaysAllEvents() {
    write(ID, 1, 5);

    List<PersistentRepr> events = replayed(ID, 1, Long.MAX_VALUE, Long.MAX_VALUE);

    assertEquals(payloads(1, 5), events.stream().map(PersistentRepr::payload).toList());
    assertEquals(5, highest);
    assertEquals(writer, events.get(0).writerUuid());
    assertEquals(ID, events.get(0).persistenceId());
    assertEquals(
        List.of(1L, 2L, 3L, 4L, 5L), events.stream().map(PersistentRepr::sequenceNr).toList());
  }

  @Test
  void replaysWithinBoundsAndLimit() {
    write(ID, 1, 5);

    assertEquals(payloads(3, 5), replay(ID, 3, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(payloads(1, 3), replay(ID, 1, 3, Long.MAX_VALUE));
    assertEquals(payloads(1, 3), replay(ID, 1, Long.MAX_VALUE, 3));
    assertEquals(payloads(2, 3), replay(ID, 2, 3, Long.MAX_VALUE));
    assertEquals(payloads(2, 3), replay(ID, 2, 5, 2));
    assertEquals(payloads(2, 2), replay(ID, 2, 2, Long.MAX_VALUE));
    assertEquals(payloads(2, 2), replay(ID, 2, 4, 1));
    assertEquals(5, highest);
  }

  @Test
  void replaysNothingForAnEmptyRangeOrLimit() {
    write(ID, 1, 5);

    assertEquals(List.of(), replay(ID, 2, 4, 0));
    assertEquals(List.of(), replay(ID, 3, 2, Long.MAX_VALUE));
    assertEquals(5, highest);
  }

  @Test
  void replaysNothingOfAnUnknownActor() {
    write(ID, 1, 5);

    assertEquals(List.of(), replay("non-existing-pid", 0, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(0, highest);
  }

  @Test
  void doesNotReplayDeletedEvents() {
    write(ID, 1, 5);

    delete(ID, 3);

    assertEquals(payloads(4, 5), replay(ID, 1, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(5, highest);
  }

  @Test
  void keepsTheHighestSequenceNumberWhenEventsAreDeleted() {
    write(ID, 1, 5);
    delete(ID, 3);
    replay(ID, 0, Long.MAX_VALUE, Long.MAX_VALUE);
    assertEquals(5, highest);

    delete(ID, Long.MAX_VALUE);
    assertEquals(List.of(), replay(ID, 0, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(5, highest);

    restart();
    assertEquals(List.of(), replay(ID, 0, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(5, highest);
  }

  @Test
  void deletesManyEventsAndGoesOn() {
    write(ID, 1, 300);
    write("p-10", 1, 3);
    delete(ID, 200);
    delete(ID, 100);
    write(ID, 301, 302);

    assertEquals(payloads(201, 302), replay(ID, 0, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(302, highest);
    assertEquals(payloads(1, 3), replay("p-10", 0, Long.MAX_VALUE, Long.MAX_VALUE));
  }

  @Test
  void rejectsEventsThatCannotBeSerialised() {
    Object notSerialisable = new Object();
    tell(
        atomically(event(ID, 6, "b-6")),
        atomically(event(ID, 7, notSerialisable)),
        atomically(event(ID, 8, "b-8")));

    probe.expectMsg(JournalProtocol.WriteMessagesSuccessful$.MODULE$);
    probe.expectMsgClass(JournalProtocol.WriteMessageSuccess.class);
    var rejected = probe.expectMsgClass(JournalProtocol.WriteMessageRejected.class);
    assertEquals(7, rejected.message().sequenceNr());
    probe.expectMsgClass(JournalProtocol.WriteMessageSuccess.class);
    assertEquals(List.of("b-6", "b-8"), replay(ID, 0, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(8, highest);
  }

  @Test
  void anAtomicWriteIsRejectedAsAWhole() {
    tell(
        atomically(event(ID, 1, "a-1"), event(ID, 2, "a-2")),
        atomically(event(ID, 3, "a-3"), event(ID, 4, new Object())));

    probe.expectMsg(JournalProtocol.WriteMessagesSuccessful$.MODULE$);
    probe.expectMsgClass(JournalProtocol.WriteMessageSuccess.class);
    probe.expectMsgClass(JournalProtocol.WriteMessageSuccess.class);
    probe.expectMsgClass(JournalProtocol.WriteMessageRejected.class);
    probe.expectMsgClass(JournalProtocol.WriteMessageRejected.class);
    assertEquals(payloads(1, 2), replay(ID, 0, Long.MAX_VALUE, Long.MAX_VALUE));
  }

  @Test
  void aBatchOfRejectedEventsOnlyIsAnsweredToo() {
    tell(atomically(event(ID, 1, new Object())));

    probe.expectMsg(JournalProtocol.WriteMessagesSuccessful$.MODULE$);
    probe.expectMsgClass(JournalProtocol.WriteMessageRejected.class);
  }

  @Test
  void anEventCanHoldAnActorReference() {
    Object identity = new ActorIdentity("x", Option.apply(probe.getRef()));
    tell(atomically(event(ID, 1, identity)));
    probe.expectMsg(JournalProtocol.WriteMessagesSuccessful$.MODULE$);
    probe.expectMsgClass(JournalProtocol.WriteMessageSuccess.class);

    assertEquals(List.of(identity), replay(ID, 1, 1, 1));
  }

  @Test
  void keepsMetadataManifestAndTimestamp() {
    tell(
        atomically(
            event(ID, 1, "a-1")
                .withManifest("adapted")
                .withTimestamp(123_456_789L)
                .withMetadata("meta")));
    probe.expectMsg(JournalProtocol.WriteMessagesSuccessful$.MODULE$);
    probe.expectMsgClass(JournalProtocol.WriteMessageSuccess.class);

    PersistentRepr read = replayed(ID, 1, 1, 1).get(0);

    assertEquals("meta", read.metadata().get());
    assertEquals("adapted", read.manifest());
    assertEquals(123_456_789L, read.timestamp());
  }

  @Test
  void keepsAWriterNameThatIsNoUuid() {
    PersistentRepr event =
        PersistentRepr.apply("x", 1, ID, "", false, ActorRef.noSender(), "some writer");
    tell(atomically(event));
    probe.expectMsg(JournalProtocol.WriteMessagesSuccessful$.MODULE$);
    probe.expectMsgClass(JournalProtocol.WriteMessageSuccess.class);

    assertEquals("some writer", replayed(ID, 1, 1, 1).get(0).writerUuid());
  }

  @Test
  @Promise("F13")
  void idsThatBeginAlikeStayApart() {
    for (String id : List.of("a", "a\0", "a\0\0\0\0\0\0\0\0", "ä", "", "a|b", "a/../b")) {
      write(id, 1, 2);
    }
    delete("a", 1);

    assertEquals(payloads(2, 2), replay("a", 0, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(payloads(1, 2), replay("a\0", 0, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(payloads(1, 2), replay("", 0, Long.MAX_VALUE, Long.MAX_VALUE));
  }

  @Test
  void everythingIsThereAfterARestart() {
    write(ID, 1, 100);

    restart();

    assertEquals(payloads(1, 100), replay(ID, 0, Long.MAX_VALUE, Long.MAX_VALUE));
    assertEquals(100, highest);
  }

  @Test
  void aRecoveryRightAfterAWriteSeesIt() {
    for (int number = 1; number <= 50; number++) {
      tell(atomically(event(ID, number, "a-" + number)));
      journal.tell(
          new JournalProtocol.ReplayMessages(1, 0, 0, ID, probe.getRef()), ActorRef.noSender());
      long seen = -1;
      for (int answers = 0; answers < 3; answers++) {
        Object answer = probe.expectMsgClass(Object.class);
        if (answer instanceof JournalProtocol.RecoverySuccess success) {
          seen = success.highestSequenceNr();
        }
      }
      assertEquals(number, seen);
    }
  }

  @Test
  void aDamagedEventFailsTheRecovery() {
    write(ID, 1, 3);
    EmbeddedStore store = EmbeddedStore.share(StoreSettings.from(config()));
    Mutations damage = new Mutations(100);
    damage.startPut(Family.EVENTS, Keys.numbered("another", 1), 5);
    damage.int8(1);
    damage.int32(0);
    damage.seal();
    byte[] sealedForAnother = damage.toWriteBatch();
    Mutations moved = new Mutations(100);
    moved.startPut(Family.EVENTS, Keys.numbered(ID, 2), 1);
    moved.int8(sealedForAnother[0]);
    moved.seal();
    StoreTesting.await(store.committer().submit(moved, true));

    journal.tell(
        new JournalProtocol.ReplayMessages(1, 3, 10, ID, probe.getRef()), ActorRef.noSender());
    probe.expectMsgClass(JournalProtocol.ReplayedMessage.class);
    var failure = probe.expectMsgClass(JournalProtocol.ReplayMessagesFailure.class);

    assertTrue(failure.cause().getMessage().contains("event 2 of 'p-1'"), failure.toString());
    store.release();
  }
}
