package io.troupe.broker.routing;

import static io.troupe.broker.routing.RoutingTesting.PATIENCE;
import static io.troupe.broker.routing.RoutingTesting.limits;
import static io.troupe.broker.routing.RoutingTesting.payloads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.config.WhenFull;
import io.troupe.broker.connection.IngressActor.Appended;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.TopicPartitionActor.AppendEntry;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.QueueBatch;
import io.troupe.protocol.packet.ReasonCode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartitionLimitsTest {
  private RoutingTesting node;

  private void start(WhenFull whenFull) {
    node = new RoutingTesting(limits(3, whenFull), limits(1_000, WhenFull.DROP_OLDEST));
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void theOldestAreDroppedAndTheSessionIsTold() {
    start(WhenFull.DROP_OLDEST);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, true, 0);
    node.publish("t", "1", "2", "3", "4", "5");

    QueueBatch batch = node.read(session, "c", "t", 1);

    assertEquals(List.of("3", "4", "5"), payloads(batch.messages()));
    assertEquals(2, batch.dropped());
    assertTrue(batch.inStep());
    assertEquals(2, node.dropped(DropReason.QUEUE_FULL));
  }

  @Test
  void theNewestAreDroppedAndTheSessionIsTold() {
    start(WhenFull.DROP_NEWEST);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, true, 0);
    node.publish("t", "1", "2", "3", "4", "5");

    QueueBatch batch = node.read(session, "c", "t", 1);
    node.publish("t", "6");
    QueueBatch pushed = session.expectMessageClass(QueueBatch.class, PATIENCE);

    assertEquals(List.of("1", "2", "3"), payloads(batch.messages()));
    assertEquals(2, batch.dropped());
    assertTrue(batch.inStep());
    assertEquals(List.of("6"), payloads(pushed.messages()));
    assertEquals(2, node.dropped(DropReason.QUEUE_FULL));
  }

  @Test
  void thePublisherIsRefusedBeforeAnythingIsStored() {
    start(WhenFull.REFUSE_PUBLISHER);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(session, "c", "t", 1, true, 0);
    AppendEntry[] entries = new AppendEntry[5];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = new AppendEntry(node.message("t", "" + i, 1), 0, 0, false);
    }

    node.append(node.partition("t"), entries);

    Appended answer = node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(
        List.of(
            ReasonCode.SUCCESS,
            ReasonCode.SUCCESS,
            ReasonCode.SUCCESS,
            ReasonCode.QUOTA_EXCEEDED,
            ReasonCode.QUOTA_EXCEEDED),
        answer.results());
    assertEquals(3, node.log.storedMessages());
    node.routing.tell(new TopicPartitionActor.Settled("t", "c", 2));
    node.publish("t", "more");
    assertEquals(4, node.log.storedMessages());
  }

  private TestProbe<ClientSessionActor.Command> subscribe(String clientId, String limits) {
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.routing.tell(
        new TopicPartitionActor.Subscribe(
            new Subscriber(
                clientId,
                RoutingTesting.subscription("t", 1),
                true,
                ClientLimits.parse(limits),
                2,
                session.getRef()),
            0,
            session.getRef()));
    session.expectMessageClass(ClientSessionActor.SubscriptionEffective.class, PATIENCE);
    return session;
  }

  @Test
  void subscribersOfOneQueueHaveLimitsOfTheirOwn() {
    start(WhenFull.DROP_OLDEST);
    TestProbe<ClientSessionActor.Command> device = subscribe("device", "");
    TestProbe<ClientSessionActor.Command> newest = subscribe("newest", "when-full=drop-newest");
    TestProbe<ClientSessionActor.Command> five = subscribe("five", "messages-max=5");
    TestProbe<ClientSessionActor.Command> application = subscribe("app", "type=application");
    node.publish("t", "1", "2", "3", "4", "5", "6", "7");

    List<String> ofDevice = payloads(node.read(device, "device", "t", 1).messages());
    List<String> ofNewest = payloads(node.read(newest, "newest", "t", 1).messages());
    List<String> ofFive = payloads(node.read(five, "five", "t", 1).messages());
    List<String> all = payloads(node.read(application, "app", "t", 1).messages());

    assertEquals(List.of("5", "6", "7"), ofDevice);
    assertEquals(List.of("1", "2", "3"), ofNewest);
    assertEquals(List.of("3", "4", "5", "6", "7"), ofFive);
    assertEquals(List.of("1", "2", "3", "4", "5", "6", "7"), all);
    assertEquals(4 + 4 + 2, node.dropped(DropReason.QUEUE_FULL));
  }

  @Test
  void limitsOfACredentialSurviveARestartOfThePartition() {
    start(WhenFull.DROP_OLDEST);
    TestProbe<ClientSessionActor.Command> session = subscribe("c", "messages-max=5");
    node.restart(node.partition("t"));
    session.expectMessageClass(QueueBatch.class, PATIENCE); // it is told to read
    node.publish("t", "1", "2", "3", "4", "5", "6");

    assertEquals(
        List.of("2", "3", "4", "5", "6"), payloads(node.read(session, "c", "t", 1).messages()));
  }

  @Test
  void whoIsInStepIsNeverFull() {
    start(WhenFull.REFUSE_PUBLISHER);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.follow(session, "c", "t", 1);
    AppendEntry[] entries = new AppendEntry[5];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = new AppendEntry(node.message("t", "" + i, 1), 0, 0, false);
    }

    node.append(node.partition("t"), entries);

    Appended answer = node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(List.of(), answer.results());
  }

  @Test
  void whoLeavesStepHasWhatItDidNotSettleBeforeIt() {
    start(WhenFull.REFUSE_PUBLISHER);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.follow(session, "c", "t", 1);
    node.publish("t", "1", "2", "3");
    node.routing.tell(new TopicPartitionActor.Offline("t", "c", session.getRef()));
    node.subscribe(node.session(), "later", "t", 1, true, 0); // behind the other in the mailbox

    node.append(node.partition("t"), new AppendEntry(node.message("t", "4", 1), 0, 0, false));

    Appended answer = node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(List.of(ReasonCode.QUOTA_EXCEEDED), answer.results());
    assertEquals(1, node.dropped(DropReason.QUEUE_REFUSED));
  }

  @Test
  void whatIsTooOldIsDroppedAndCountedAsThat() {
    start(WhenFull.DROP_OLDEST);
    TestProbe<ClientSessionActor.Command> session = subscribe("c", "age-max=10s");
    node.publish("t", "old");
    node.clock.addAndGet(11_000);
    node.publish("t", "young");

    assertEquals(List.of("young"), payloads(node.read(session, "c", "t", 1).messages()));
    assertEquals(1, node.dropped(DropReason.QUEUE_AGED));
    assertEquals(0, node.dropped(DropReason.EXPIRED));
  }

  @Test
  void aFullNodeRefusesWhatQueuesWouldTakeAndNothingElse() {
    start(WhenFull.DROP_OLDEST);
    subscribe("c", "type=application");
    String large = "x".repeat(RoutingTesting.NODE_BYTES_MAX);
    node.publish("t", large);

    node.append(node.partition("t"), new AppendEntry(node.message("t", "more", 1), 0, 0, false));

    Appended answer = node.ingress.expectMessageClass(Appended.class, PATIENCE);
    assertEquals(List.of(ReasonCode.QUOTA_EXCEEDED), answer.results());
    assertEquals(1, node.dropped(DropReason.NODE_QUEUES_FULL));
    node.routing.tell(new TopicPartitionActor.Settled("t", "c", 2));
    node.awaitUpkeep(
        "t",
        () -> {
          node.append(
              node.partition("t"), new AppendEntry(node.message("t", "room", 1), 0, 0, false));
          assertEquals(
              List.of(), node.ingress.expectMessageClass(Appended.class, PATIENCE).results());
        });
  }

  @Test
  void onePersistentlyAbsentSubscriberDoesNotHoldTheSpaceOfOthers() {
    start(WhenFull.DROP_OLDEST);
    TestProbe<ClientSessionActor.Command> session = node.session();
    node.subscribe(node.session(), "away", "t", 1, true, 0);
    node.follow(session, "c", "t", 1);
    for (int i = 0; i < 20; i++) {
      node.publish("t", "" + i);
    }
    node.routing.tell(new TopicPartitionActor.Settled("t", "c", 21));

    awaitStored(3);
  }

  private void awaitStored(int messages) {
    node.awaitUpkeep("t", () -> assertEquals(messages, node.log.storedMessages()));
  }

  @Test
  void oneThatDropsTheNewestHoldsNoSpaceEither() {
    start(WhenFull.DROP_NEWEST);
    node.subscribe(node.session(), "away", "t", 1, true, 0);
    node.follow(node.session(), "c", "t", 1);
    publishHundreds(20);
    node.routing.tell(new TopicPartitionActor.Settled("t", "c", 1_501));
    awaitStored(3 + 500);

    QueueBatch before = node.read(node.session(), "away", "t", 1);
    node.restart(node.partition("t"));
    QueueBatch after = node.read(node.session(), "away", "t", 1);

    assertEquals(List.of("0-0", "0-1", "0-2"), payloads(before.messages()));
    assertEquals(1_997, before.dropped());
    assertEquals(List.of("0-0", "0-1", "0-2"), payloads(after.messages()));
    assertEquals(2_001, after.nextOffset());
    assertEquals("15-0", payloads(node.read(node.session(), "c", "t", 1_501).messages()).get(0));
    publishHundreds(1);
    node.routing.tell(new TopicPartitionActor.Settled("t", "c", 2_101));
    node.routing.tell(new TopicPartitionActor.Settled("t", "away", 2_101));
    awaitStored(0);
  }

  private void publishHundreds(int hundreds) {
    for (int i = 0; i < hundreds; i++) {
      AppendEntry[] entries = new AppendEntry[100];
      for (int j = 0; j < entries.length; j++) {
        entries[j] = new AppendEntry(node.message("t", i + "-" + j, 1), 0, 0, false);
      }
      node.append(node.partition("t"), entries);
      node.ingress.expectMessageClass(Appended.class, PATIENCE);
    }
  }
}
