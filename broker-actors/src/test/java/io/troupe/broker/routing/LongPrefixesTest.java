package io.troupe.broker.routing;

import static io.troupe.broker.routing.RoutingTesting.PATIENCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.routing.TopicPartitionActor.FromNode;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Publishers of many long and deep topics, with a partition that answers and one that does not: the
 * prefixes take no more memory than they may.
 */
class LongPrefixesTest {
  private static final Partitioner ONE = new Partitioner(1);
  private static final int FLOOD = 30;

  private final ActorTestKit kit = ActorTestKit.create(RoutingTesting.config());
  private final RouteCache cache = new RouteCache(ONE, 100);
  private final TestProbe<IngressActor.Command> loop =
      kit.createTestProbe(IngressActor.Command.class);

  @AfterEach
  void close() {
    kit.shutdownTestKit();
  }

  /** About two million characters in 128 prefixes: with the flood, four times the limit. */
  private static String deep(int i) {
    return "flood" + i + ("/" + "x".repeat(255)).repeat(127);
  }

  private ActorRef<RouteCacheActor.Command> node(ActorRef<TopicPartitionActor.Command> partition) {
    return kit.spawn(
        RouteCacheActor.create(cache, ONE, 100_000, (number, command) -> partition.tell(command)));
  }

  private long held() {
    return cache.all().stream().mapToLong(prefix -> prefix.key.length()).sum();
  }

  private void assertBounded() {
    assertTrue(held() <= PrefixEviction.LONG_CHARACTERS_MIN + 10_000, () -> "held " + held());
  }

  private static boolean awaits(IngressActor.Command answer, String topic) {
    return answer instanceof IngressActor.RouteReady ready && ready.topic().equals(topic);
  }

  /** As an event loop does; {@code #} has a durable queue in each partition. */
  private Route route(ActorRef<RouteCacheActor.Command> node, String topic) {
    Route route = cache.match(topic);
    while (route == null) {
      node.tell(new RouteCacheActor.Resolve(topic, loop.getRef()));
      assertTrue(awaits(loop.receiveMessage(PATIENCE), topic));
      route = cache.match(topic);
    }
    return route;
  }

  @Test
  void theOldestAreGivenUpAtOnce() {
    Partition partition = new Partition();
    var node = node(kit.spawn(partition.behavior(), "partition"));
    Route known = route(node, "known/topic");

    for (int i = 0; i < FLOOD; i++) {
      assertEquals(1, route(node, deep(i)).partitions().length);
      assertBounded();
      assertEquals(known, cache.match("known/topic"));
    }

    assertEquals(1, route(node, deep(0)).partitions().length);
    assertBounded();
  }

  @Test
  void thoseThatWaitForAPartitionAreBoundedToo() {
    Partition partition = new Partition();
    var node = node(kit.spawn(partition.behavior(), "partition"));
    route(node, "known/topic");
    partition.silent = true;

    for (int i = 0; i < FLOOD; i++) {
      node.tell(new RouteCacheActor.Resolve(deep(i), loop.getRef()));
    }
    node.tell(new RouteCacheActor.Resolve("known/topic", loop.getRef()));

    assertTrue(awaits(loop.receiveMessage(PATIENCE), "known/topic"));
    assertTrue(held() > PrefixEviction.LONG_CHARACTERS_MIN / 2, () -> "held " + held());
    assertBounded();
  }

  /** Answers what it is asked, as long as it is not silent. */
  private static final class Partition {
    private static final long INCARNATION = 1;

    volatile boolean silent;
    private long sequence;

    Behavior<TopicPartitionActor.Command> behavior() {
      return Behaviors.setup(
          context ->
              Behaviors.receiveMessage(
                  message -> {
                    if (!silent && message instanceof FromNode asked) {
                      answer(asked, context.getSelf());
                    }
                    return Behaviors.same();
                  }));
    }

    private void answer(FromNode asked, ActorRef<TopicPartitionActor.Command> self) {
      if (asked.incarnation() != INCARNATION) {
        asked.node().tell(new RouteCacheActor.Hello(0, INCARNATION));
        return;
      }
      asked
          .node()
          .tell(new RouteCacheActor.PartitionAcknowledged(0, INCARNATION, asked.sequence()));
      List<PartitionUpdate> updates = new ArrayList<>();
      for (NodeRequest request : asked.requests()) {
        if (request instanceof NodeRequest.Hold hold) {
          updates.add(content(hold));
        }
      }
      asked
          .node()
          .tell(
              new RouteCacheActor.FromPartition(
                  0, INCARNATION, ++sequence, List.copyOf(updates), self));
    }

    private static PartitionUpdate content(NodeRequest.Hold hold) {
      List<RouteChange> filters =
          hold.prefix().equals(Partitioner.ROOT)
              ? List.of(new RouteChange(TopicFilter.of("#"), true, "", null))
              : List.of();
      return new PartitionUpdate.Content(hold.prefix(), hold.holdId(), filters, true, true);
    }
  }
}
