package io.troupe.broker.retained;

import static io.troupe.broker.serialization.Messages.expiring;
import static io.troupe.broker.serialization.Messages.retained;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.metrics.ActorFailures;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.partition.PersistentActorFixture;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetainedPartitionActorTest extends PersistentActorFixture {
  private static final String PERSISTENCE_ID = "retained|0";

  private final TestProbe<IngressActor.Command> publisher = testKit.createTestProbe();
  private final TestProbe<ClientSessionActor.Command> session = testKit.createTestProbe();
  private final BrokerMetrics metrics = new BrokerMetrics();
  private final List<Integer> passedOnTo = new ArrayList<>();
  private RetainedLimits limits = new RetainedLimits(1_000, 100_000_000);
  private RetainedPlacement placement = new RetainedPlacement(1, 2);
  private long batchId;

  @Test
  void aStoredMessageIsAnsweredAndFound() {
    ActorRef<RetainedPartitionActor.Command> partition = start();

    store(partition, retained("a", "1"));

    publisher.expectMessage(new IngressActor.RetainedStored(1, 0, List.of()));
    assertEquals(List.of("a=1"), find(partition, "#"));
    assertEquals(1, metrics.totals().retainedMessages());
  }

  @Test
  void theAnswerComesAfterTheJournal() {
    ActorRef<RetainedPartitionActor.Command> partition = start();

    store(partition, retained("a", "1"));

    publisher.receiveMessage();
    journal.expectNextPersisted(
        PERSISTENCE_ID, new RetainedEvent.Changed(List.of(retained("a", "1")), List.of()));
  }

  @Test
  void aFailingJournalMeansNotStored() {
    journal.failNextPersisted(PERSISTENCE_ID);
    ActorRef<RetainedPartitionActor.Command> partition = start();

    store(partition, retained("a", "1"));

    publisher.expectMessageClass(IngressActor.RetainFailed.class);
    partition.tell(new RetainedPartitionActor.Find("#", "", 7, session.getRef()));
    var found = (ClientSessionActor.RetainedFound) inTime(session);
    assertEquals(List.of(), found.messages());
  }

  @Test
  void afterAFailureThePartitionGoesOnWithWhatCameLater() {
    journal.failNextPersisted(PERSISTENCE_ID);
    ActorRef<RetainedPartitionActor.Command> partition = start();
    store(partition, retained("a", "1"));
    publisher.expectMessageClass(IngressActor.RetainFailed.class);

    store(partition, retained("b", "1"));

    assertEquals(new IngressActor.RetainedStored(2, 0, List.of()), inTime(publisher));
    assertEquals(List.of("b=1"), find(partition, "#"));
  }

  @Test
  void aCommandThatFailsIsLeftOutAndTheOthersAreDone() {
    ActorRef<RetainedPartitionActor.Command> partition = start();
    store(partition, retained("a", "1"));

    partition.tell(new RetainedPartitionActor.Find(null, "", 7, session.getRef()));
    store(partition, retained("b", "1"));

    for (int batch = 1; batch <= 2; batch++) {
      assertEquals(new IngressActor.RetainedStored(batch, 0, List.of()), inTime(publisher));
    }
    assertEquals(List.of("a=1", "b=1"), find(partition, "#"));
    assertTrue(metrics.actorFailures().count(ActorFailures.Kind.RETAINED) >= 1);
  }

  @Test
  void aRefusedMessageIsToldApart() {
    limits = new RetainedLimits(1, 1_000_000);
    ActorRef<RetainedPartitionActor.Command> partition = start();

    store(partition, retained("a", "1"), retained("b", "1"));

    publisher.expectMessage(
        new IngressActor.RetainedStored(
            1, 0, List.of(ReasonCode.SUCCESS, ReasonCode.QUOTA_EXCEEDED)));
  }

  @Test
  @Promise("I8")
  void aRestartFindsTheSame() {
    ActorRef<RetainedPartitionActor.Command> partition = start();
    store(partition, retained("a", "1"), retained("b", "1"), retained("c", "1"));
    store(partition, retained("a", "2"), retained("b", ""));
    publisher.receiveSeveralMessages(2);

    partition = restart(partition);

    assertEquals(List.of("a=2", "c=1"), find(partition, "#"));
  }

  @Test
  @Promise("I11")
  void expiryCountsWhileTheBrokerIsDown() {
    ActorRef<RetainedPartitionActor.Command> partition = start();
    store(partition, expiring("a", "1", clock.get(), 60), expiring("b", "1", clock.get(), 120));
    publisher.receiveMessage();
    testKit.stop(partition);
    clock.addAndGet(60_000);

    partition = start();

    assertEquals(List.of("b=1"), find(partition, "#"));
    assertEquals(1, metrics.totals().retainedMessages());
  }

  @Test
  void expiredMessagesLeaveMemory() {
    ActorRef<RetainedPartitionActor.Command> partition = start();
    store(partition, expiring("a", "1", clock.get(), 5));
    publisher.receiveMessage();

    pass(Duration.ofSeconds(10));

    session.awaitAssert(
        () -> {
          assertEquals(0, metrics.totals().retainedMessages());
          return null;
        });
  }

  @Test
  void whatComesTogetherIsWrittenTogether() {
    ActorRef<RetainedPartitionActor.Command> partition = start();

    for (int i = 0; i < 5_000; i++) {
      store(partition, retained("t/" + i % 100, "" + i));
    }

    publisher.receiveSeveralMessages(5_000);
    assertTrue(journal.persistedInStorage(PERSISTENCE_ID).size() < 2_000);
    assertEquals(100, find(partition, "#").size());
  }

  @Test
  void aSnapshotReplacesTheEventsBeforeIt() {
    ActorRef<RetainedPartitionActor.Command> partition = start();
    String large = "x".repeat(10_000);
    for (int i = 0; i < 100; i++) {
      store(partition, retained("t/" + i % 3, large + i));
      publisher.receiveMessage();
    }
    session.awaitAssert(
        () -> {
          assertTrue(journal.persistedInStorage(PERSISTENCE_ID).size() < 60);
          return null;
        });

    partition = restart(partition);

    assertEquals(
        List.of("t/0=" + large + 99, "t/1=" + large + 97, "t/2=" + large + 98),
        find(partition, "#"));
  }

  @Test
  void pagesComeOneByOne() {
    limits = new RetainedLimits(1_000, 1_000_000, 2, 1 << 20, 1_000);
    ActorRef<RetainedPartitionActor.Command> partition = start();
    store(partition, retained("a", "1"), retained("b", "1"), retained("c", "1"));
    publisher.receiveMessage();

    ClientSessionActor.RetainedFound first = page(partition, "#", "");
    ClientSessionActor.RetainedFound second = page(partition, "#", first.next());

    assertEquals(2, first.messages().size());
    assertEquals(1, second.messages().size());
    assertTrue(second.last());
  }

  @Test
  void aFilterOfFewLevelsGoesOnInTheNextPartition() {
    placement = new RetainedPlacement(2, 2);
    ActorRef<RetainedPartitionActor.Command> partition = start();
    store(partition, retained("a", "1"));
    publisher.receiveMessage();

    ClientSessionActor.RetainedFound found = page(partition, "+", "");
    partition.tell(new RetainedPartitionActor.Find("+/none", "", 7, session.getRef()));

    assertEquals("1:", found.next());
    session.awaitAssert(
        () -> {
          assertEquals(List.of(1), passedOnTo);
          return null;
        });
  }

  @Test
  void whatOthersHoldCountsForTheLimit() {
    limits = new RetainedLimits(10, 1_000_000);
    placement = new RetainedPlacement(2, 2);
    RetainedUsage usage = new RetainedUsage(2);
    usage.set(1, 9, 900);
    ActorRef<RetainedPartitionActor.Command> partition = start(usage);

    store(partition, retained("a", "1"), retained("b", "1"));

    publisher.expectMessage(
        new IngressActor.RetainedStored(
            1, 0, List.of(ReasonCode.SUCCESS, ReasonCode.QUOTA_EXCEEDED)));
  }

  private ActorRef<RetainedPartitionActor.Command> start() {
    return start(new RetainedUsage(placement.partitions()));
  }

  private ActorRef<RetainedPartitionActor.Command> start(RetainedUsage usage) {
    return testKit.spawn(
        RetainedPartitionActor.create(
            0,
            new RetainedPartitionActor.Surroundings(
                limits,
                placement,
                usage,
                metrics,
                clock::get,
                (command, partition) -> passedOnTo.add(partition),
                ActorRef::tell)));
  }

  private ActorRef<RetainedPartitionActor.Command> restart(
      ActorRef<RetainedPartitionActor.Command> partition) {
    testKit.stop(partition);
    return start();
  }

  private void store(ActorRef<RetainedPartitionActor.Command> partition, Message... messages) {
    partition.tell(
        new RetainedPartitionActor.Store(++batchId, List.of(messages), true, publisher.getRef()));
  }

  /** The next message, once the actor has waited as long as it does after a failure. */
  private <M> M inTime(TestProbe<M> probe) {
    return probe.awaitAssert(
        () -> {
          pass(Duration.ofSeconds(1));
          return probe.receiveMessage(Duration.ofMillis(100));
        });
  }

  private ClientSessionActor.RetainedFound page(
      ActorRef<RetainedPartitionActor.Command> partition, String filter, String cursor) {
    partition.tell(new RetainedPartitionActor.Find(filter, cursor, 7, session.getRef()));
    return session.expectMessageClass(ClientSessionActor.RetainedFound.class);
  }

  private List<String> find(ActorRef<RetainedPartitionActor.Command> partition, String filter) {
    return page(partition, filter, "").messages().stream()
        .map(message -> message.topic() + "=" + message.payload().asUtf8())
        .toList();
  }
}
