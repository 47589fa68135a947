package io.troupe.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestInbox;
import io.troupe.broker.config.SharedStrategy;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.QueuedMessage;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class SharedGroupPropertyTest {
  enum Kind {
    PUBLISH,
    SETTLE,
    COME,
    GO,
    LEAVE,
    END
  }

  record Step(Kind kind, int member, int count) {}

  @Provide
  Arbitrary<Step> steps() {
    return Combinators.combine(
            Arbitraries.of(
                Kind.PUBLISH,
                Kind.PUBLISH,
                Kind.SETTLE,
                Kind.SETTLE,
                Kind.COME,
                Kind.GO,
                Kind.LEAVE,
                Kind.END),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(1, 3))
        .as(Step::new);
  }

  @Provide
  Arbitrary<SharedStrategy> strategies() {
    return Arbitraries.of(SharedStrategy.class);
  }

  private static SubscriberState member(int number) {
    Qos qos = number == 0 ? Qos.EXACTLY_ONCE : Qos.AT_LEAST_ONCE;
    SubscriberState subscriber =
        new SubscriberState(
            "m" + number, new Subscription(TopicFilter.of("$share/g/t"), qos, false, false, 0, 0));
    subscriber.credit = 2;
    subscriber.session = TestInbox.<ClientSessionActor.Command>create().getRef();
    return subscriber;
  }

  private static QueuedMessage message(long offset) {
    return new QueuedMessage(
        offset,
        new Message(
            "t", Payload.EMPTY, Qos.EXACTLY_ONCE, false, MessageProperties.NONE, "p" + offset, 0));
  }

  /**
   * Every message is with one member at most, nobody has more than its credit, QoS 2 messages never
   * change hands, and in the end all are settled.
   */
  @Property(tries = 500)
  @Promise("I9")
  void nothingIsLostAndNothingIsWithTwo(
      @ForAll @Size(max = 80) List<@From("steps") Step> steps,
      @ForAll("strategies") SharedStrategy strategy) {
    SharedGroup group = new SharedGroup();
    Map<String, SubscriberState> online = new HashMap<>();
    Map<Long, String> holders = new HashMap<>();
    Map<Long, String> owners = new HashMap<>();
    Set<Long> settled = new HashSet<>();
    long end = 1;
    for (Step step : steps) {
      String clientId = "m" + step.member();
      switch (step.kind()) {
        case PUBLISH -> {
          List<QueuedMessage> stored = new ArrayList<>();
          for (int i = 0; i < step.count(); i++) {
            stored.add(message(end++));
          }
          group.offerStored(stored, end);
        }
        case SETTLE -> settle(group, holders, settled, clientId, step.count());
        case COME -> {
          if (!online.containsKey(clientId)) {
            SubscriberState subscriber = member(step.member());
            online.put(clientId, subscriber);
            group.online(subscriber).forEach(offset -> holders.put(offset, clientId));
          }
        }
        case GO -> {
          online.remove(clientId);
          group.offline(clientId);
          holders.values().removeIf(clientId::equals);
        }
        case LEAVE -> {
          online.remove(clientId);
          List<Long> taken = owners.keySet().stream().filter(offset -> offset % 2 == 0).toList();
          List<Long> rest = group.notTaken(clientId, taken);
          group.assignForGood("", rest);
          owners.keySet().removeAll(rest);
          group.offline(clientId);
          holders.values().removeIf(clientId::equals);
        }
        case END -> {
          online.remove(clientId);
          group.gone(clientId);
          holders.values().removeIf(clientId::equals);
          owners.forEach(
              (offset, owner) -> {
                if (owner.equals(clientId)) {
                  settled.add(offset);
                }
              });
        }
      }
      dispatch(group, strategy, end, holders, owners, settled);
      for (String each : online.keySet()) {
        assertTrue(holders.values().stream().filter(each::equals).count() <= 2);
      }
    }
    for (int i = 0; i < 3; i++) {
      String clientId = "m" + i;
      if (!online.containsKey(clientId)) {
        SubscriberState subscriber = member(i);
        group.online(subscriber).forEach(offset -> holders.put(offset, clientId));
      }
    }
    for (long i = 0; i < end + 10; i++) {
      dispatch(group, strategy, end, holders, owners, settled);
      for (int m = 0; m < 3; m++) {
        settle(group, holders, settled, "m" + m, 10);
      }
    }
    assertEquals(end, group.below());
    assertEquals(end - 1, settled.size());
  }

  private static void settle(
      SharedGroup group, Map<Long, String> holders, Set<Long> settled, String id, int count) {
    List<Long> offsets =
        holders.entrySet().stream()
            .filter(entry -> entry.getValue().equals(id))
            .map(Map.Entry::getKey)
            .sorted()
            .limit(count)
            .toList();
    group.settle(id, offsets);
    offsets.forEach(holders::remove);
    settled.addAll(offsets);
  }

  private static void dispatch(
      SharedGroup group,
      SharedStrategy strategy,
      long end,
      Map<Long, String> holders,
      Map<Long, String> owners,
      Set<Long> settled) {
    while (true) {
      SharedGroup.Assignments assignments =
          group.dispatch(strategy, 0, bound -> bound - 1, refusedBy -> false);
      assignments.forGood().forEach(group::assignForGood);
      assignments
          .batches()
          .forEach(
              (subscriber, messages) -> {
                for (QueuedMessage message : messages) {
                  assertEquals(null, holders.put(message.offset(), subscriber.clientId));
                  assertTrue(!settled.contains(message.offset()));
                  String owner = owners.get(message.offset());
                  assertTrue(owner == null || owner.equals(subscriber.clientId));
                  if (subscriber.subscription.qos() == Qos.EXACTLY_ONCE) {
                    owners.put(message.offset(), subscriber.clientId);
                  }
                }
              });
      long from = group.wantsFrom(end);
      if (from == 0) {
        return;
      }
      TreeSet<Long> page = new TreeSet<>();
      for (long offset = from; offset < Math.min(end, from + 3); offset++) {
        page.add(offset);
      }
      group.offerPage(
          from, page.stream().map(SharedGroupPropertyTest::message).toList(), page.last() + 1);
    }
  }
}
