package io.troupe.broker.routing;

import static io.troupe.broker.routing.RoutingTesting.PATIENCE;
import static io.troupe.broker.routing.RoutingTesting.subscriber;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.troupe.broker.routing.RouteCacheActor.Carry;
import io.troupe.broker.routing.RouteCacheActor.FromPartition;
import io.troupe.broker.routing.RouteCacheActor.Hello;
import io.troupe.broker.routing.TopicPartitionActor.FromNode;
import io.troupe.broker.session.ClientSessionActor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a node asks of a partition, played by a probe, that starts late or anew. */
class RouteCacheActorTest {
  private static final Partitioner ONE = new Partitioner(1);

  private final ActorTestKit kit = ActorTestKit.create(RoutingTesting.config());
  private final TestProbe<TopicPartitionActor.Command> partition =
      kit.createTestProbe(TopicPartitionActor.Command.class);
  private final TestProbe<ClientSessionActor.Command> session =
      kit.createTestProbe(ClientSessionActor.Command.class);
  private final ActorRef<RouteCacheActor.Command> node =
      kit.spawn(
          RouteCacheActor.create(
              new RouteCache(ONE, 100),
              ONE,
              100,
              (number, command) -> partition.getRef().tell(command)));

  @AfterEach
  void close() {
    kit.shutdownTestKit();
  }

  private void subscribe(int qos) {
    node.tell(
        new Carry(
            new TopicPartitionActor.Subscribe(
                subscriber("c", "t", qos, true, session), 0, session.getRef())));
  }

  private void unsubscribe() {
    node.tell(new Carry(new TopicPartitionActor.Unsubscribe("t", "c", session.getRef())));
  }

  private void offline() {
    node.tell(new Carry(new TopicPartitionActor.Offline("t", "c", session.getRef())));
  }

  /** The partition says hello; what the node then tells it, to the mark that this is complete. */
  private List<NodeRequest> hello(long incarnation) {
    node.tell(new Hello(0, incarnation));
    List<NodeRequest> all = new ArrayList<>();
    while (true) {
      if (partition.receiveMessage(PATIENCE) instanceof FromNode message
          && message.incarnation() == incarnation
          && message.sequence() > 0) {
        all.addAll(message.requests());
        if (all.get(all.size() - 1) instanceof NodeRequest.Complete) {
          return all;
        }
      }
    }
  }

  private static List<String> commands(List<NodeRequest> requests) {
    return requests.stream()
        .filter(NodeRequest.Change.class::isInstance)
        .map(request -> ((NodeRequest.Change) request).command().getClass().getSimpleName())
        .toList();
  }

  /** A takeover while the partition starts: the sessions wait for an answer each. */
  @Test
  void aPartitionThatStartsIsToldAllThatWasAskedMeanwhile() {
    subscribe(0);
    subscribe(1);
    unsubscribe();
    subscribe(2);

    assertEquals(List.of("Subscribe", "Subscribe", "Unsubscribe", "Subscribe"), commands(hello(1)));
  }

  @Test
  void anOfflineThatASubscribeFollowsIsToldFirst() {
    subscribe(1);
    offline();
    subscribe(1);

    assertEquals(List.of("Subscribe", "Offline", "Subscribe"), commands(hello(1)));
  }

  @Test
  void ofManyOfflinesTheLastIsTold() {
    subscribe(1);
    offline();
    subscribe(1);
    offline();

    assertEquals(List.of("Subscribe", "Subscribe", "Offline"), commands(hello(1)));
  }

  @Test
  void whatWaitsForAPartitionIsBounded() {
    for (int i = 0; i < 100; i++) {
      subscribe(i % 3);
      offline();
    }
    unsubscribe();

    List<String> told = commands(hello(1));

    assertEquals(16, told.size());
    assertEquals("Unsubscribe", told.get(15));
  }

  @Test
  void aPartitionThatStartsAnewIsToldWhatIsEffectiveAndWhatIsNotDone() {
    subscribe(0);
    subscribe(1);
    unsubscribe();
    List<NodeRequest> first = hello(1);
    long second = ((NodeRequest.Change) first.get(1)).requestId();
    node.tell(
        new FromPartition(
            0, 1, 1, List.of(new PartitionUpdate.Done("t", "c", second)), partition.getRef()));

    List<NodeRequest> anew = hello(2);

    assertEquals(3, anew.size(), anew::toString);
    assertTrue(
        anew.get(0) instanceof NodeRequest.Present present
            && present.subscriber().subscription().qos().level() == 1,
        anew::toString);
    assertEquals(List.of("Unsubscribe"), commands(anew));
  }
}
