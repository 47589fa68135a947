package io.troupe.broker.routing;

import static io.troupe.broker.routing.RoutingTesting.PATIENCE;
import static io.troupe.broker.routing.RoutingTesting.payloads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import io.troupe.broker.connection.IngressActor.AppendFailed;
import io.troupe.broker.connection.IngressActor.Appended;
import io.troupe.broker.routing.TopicPartitionActor.AppendEntry;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.QueueBatch;
import io.troupe.protocol.conformance.Promise;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartitionAppendTest {
  private final RoutingTesting node = new RoutingTesting();
  private final TestProbe<ClientSessionActor.Command> session = node.session();
  private final int partition = node.partition("t");

  @BeforeEach
  void subscribe() {
    node.follow(session, "c", "t", 2);
  }

  @AfterEach
  void close() {
    node.close();
  }

  private AppendEntry entry(String payload) {
    return new AppendEntry(node.message("t", payload, 1), 0, 0, false);
  }

  private AppendEntry once(String payload, long sequence, long forgetBelow, boolean retry) {
    return new AppendEntry(node.message("t", payload, 2), sequence, forgetBelow, retry);
  }

  @Test
  void whatComesWhileABatchIsUnderWayIsStoredTogether() {
    node.log.hold();
    node.append(partition, entry("1"));
    node.ingress.awaitAssert(
        () -> {
          assertEquals(1, node.log.heldAppends());
          return null;
        });
    int before = node.log.appends();
    for (int i = 2; i <= 10; i++) {
      node.append(partition, entry("" + i));
    }
    node.ingress.expectNoMessage();

    node.log.release();

    for (int i = 1; i <= 10; i++) {
      node.ingress.expectMessageClass(Appended.class, PATIENCE);
    }
    assertEquals(before + 1, node.log.appends());
    session.expectMessageClass(QueueBatch.class, PATIENCE);
    assertEquals(9, session.expectMessageClass(QueueBatch.class, PATIENCE).messages().size());
  }

  @Test
  @Promise({"I2", "I23"})
  void aFailedAppendIsNotAcknowledgedAndItsOffsetIsFreeAgain() {
    node.log.failAppends(MemoryQueueLog.Failure.NOTHING_STORED);
    node.append(partition, entry("lost"));
    node.ingress.expectMessageClass(AppendFailed.class, PATIENCE);
    node.log.failAppends(MemoryQueueLog.Failure.NONE);

    node.append(partition, entry("kept"));

    node.ingress.expectMessageClass(Appended.class, PATIENCE);
    QueueBatch batch = session.expectMessageClass(QueueBatch.class, PATIENCE);
    assertEquals(List.of("kept"), payloads(batch.messages()));
    assertEquals(1, batch.fromOffset());
  }

  @Test
  void aFailedAppendThatWasStoredAllTheSameIsRead() {
    node.log.failAppends(MemoryQueueLog.Failure.STORED_ALL_THE_SAME);
    node.append(partition, entry("stored"));
    node.ingress.expectMessageClass(AppendFailed.class, PATIENCE);
    node.log.failAppends(MemoryQueueLog.Failure.NONE);

    QueueBatch behind = session.expectMessageClass(QueueBatch.class, PATIENCE);
    QueueBatch batch = node.read(session, "c", "t", 1);

    assertFalse(behind.inStep());
    assertEquals(List.of("stored"), payloads(batch.messages()));
    assertTrue(batch.inStep());
  }

  @Test
  void whileTheStoreCannotBeReadAppendsToUnknownQueuesFail() {
    node.log.failAppends(MemoryQueueLog.Failure.NOTHING_STORED);
    node.log.failReads(true);
    node.append(partition, entry("1"));
    node.ingress.expectMessageClass(AppendFailed.class, PATIENCE);
    node.log.failAppends(MemoryQueueLog.Failure.NONE);
    node.append(partition, entry("2"));
    node.ingress.expectMessageClass(AppendFailed.class, PATIENCE);
    node.log.failReads(false);

    node.append(partition, entry("3"));

    node.ingress.expectMessageClass(Appended.class, PATIENCE);
    session.expectMessageClass(QueueBatch.class, PATIENCE);
  }

  @Test
  void anOverloadedStoreIsAskedAgain() {
    int before = node.log.appends();
    node.log.failAppends(MemoryQueueLog.Failure.OVERLOAD);
    node.append(partition, entry("1"));
    node.ingress.awaitAssert(
        PATIENCE,
        () -> {
          assertTrue(node.log.appends() > before + 1);
          return null;
        });
    node.ingress.expectNoMessage();

    node.log.failAppends(MemoryQueueLog.Failure.NONE);

    node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(1, node.log.storedMessages());
  }

  @Test
  void aFirstCopyThatComesAfterItsRepetitionIsNotStoredAgain() {
    node.append(partition, once("m", 7, 0, true));
    node.ingress.expectMessageClass(Appended.class, PATIENCE);

    node.append(partition, once("m", 7, 0, false));

    node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(1, node.log.storedMessages());
  }

  @Test
  @Promise("I3")
  void aRepeatedQos2MessageIsStoredOnce() {
    node.append(partition, once("one", 7, 0, false));
    node.ingress.expectMessageClass(Appended.class, PATIENCE);

    node.append(partition, once("one", 7, 0, true));

    node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(1, node.log.storedMessages());
  }

  @Test
  @Promise("I3")
  void aRepeatedQos2MessageIsRecognisedAfterARestartOfThePartition() {
    node.append(partition, once("one", 7, 0, false));
    node.ingress.expectMessageClass(Appended.class, PATIENCE);
    session.expectMessageClass(QueueBatch.class, PATIENCE);
    node.restart(partition);

    node.append(partition, once("one", 7, 0, true), once("two", 8, 0, false));

    node.ingress.fishForMessage(
        PATIENCE,
        message ->
            message instanceof Appended
                ? akka.actor.testkit.typed.javadsl.FishingOutcomes.complete()
                : akka.actor.testkit.typed.javadsl.FishingOutcomes.continueAndIgnore());
    assertEquals(2, node.log.storedMessages());
  }

  @Test
  void settledSequencesAreForgotten() {
    node.append(partition, once("one", 1, 0, false), once("two", 2, 0, false));
    node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(2, node.log.dedupKeys().size());

    node.append(partition, once("three", 3, 3, false));

    node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(1, node.log.dedupKeys().size());
  }
}
