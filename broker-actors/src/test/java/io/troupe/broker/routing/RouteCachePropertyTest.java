package io.troupe.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import akka.actor.testkit.typed.javadsl.TestInbox;
import akka.actor.typed.ActorRef;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class RouteCachePropertyTest {
  private static final ActorRef<ClientSessionActor.Command> SESSION =
      TestInbox.<ClientSessionActor.Command>create().getRef();

  record Step(String clientId, TopicFilter filter, Qos qos, boolean durable, boolean gone) {
    Subscriber subscriber() {
      return new Subscriber(
          clientId,
          new Subscription(filter, qos, false, false, 0, 0),
          durable,
          ClientLimits.DEVICE,
          1,
          SESSION);
    }
  }

  @Provide
  Arbitrary<Step> steps() {
    return Combinators.combine(
            Arbitraries.of("c1", "c2", "c3"),
            FilterArbitraries.filtersAndGroups(),
            Arbitraries.of(Qos.class),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false, false))
        .as(Step::new);
  }

  @Provide
  Arbitrary<String> topics() {
    return FilterArbitraries.topics();
  }

  @Property(tries = 400)
  void agreesWithMergingEachMatchingSubscription(
      @ForAll @Size(max = 50) List<@From("steps") Step> steps,
      @ForAll @Size(min = 1, max = 10) List<@From("topics") String> topics) {
    RouteCache cache = new RouteCache(new Partitioner(4), 100);
    Map<String, Subscriber> present = new TreeMap<>();
    int at = 0;
    for (String topic : topics) {
      load(cache, topic, present.values());
      for (int end = Math.min(steps.size(), at + 5); at < end; at++) {
        apply(cache, steps.get(at), present);
      }
    }
    for (; at < steps.size(); at++) {
      apply(cache, steps.get(at), present);
    }

    for (String topic : topics) {
      Route route = cache.match(topic);
      assertNotNull(route);
      check(topic, route, List.copyOf(present.values()));
      assertEquals(route, cache.match(topic));
    }
  }

  private static void load(RouteCache cache, String topic, Iterable<Subscriber> present) {
    for (String key : cache.missing(topic)) {
      CachedPrefix prefix = cache.hold(key, 1);
      List<RouteChange> content = new ArrayList<>();
      for (Subscriber subscriber : present) {
        TopicFilter filter = subscriber.subscription().filter();
        if (Partitioner.key(filter).equals(key)) {
          content.add(new RouteChange(filter, queued(present, filter), "", null));
          content.add(
              new RouteChange(filter, queued(present, filter), subscriber.clientId(), subscriber));
        }
      }
      prefix.load(new PartitionUpdate.Content(key, 1, List.copyOf(content), true, true));
      cache.changed();
    }
  }

  private static void apply(RouteCache cache, Step step, Map<String, Subscriber> present) {
    Subscriber subscriber = step.subscriber();
    String key = step.clientId() + " " + step.filter();
    if (step.gone()) {
      present.remove(key);
    } else {
      present.put(key, subscriber);
    }
    CachedPrefix prefix = cache.get(Partitioner.key(step.filter()));
    if (prefix != null) {
      prefix.apply(
          new RouteChange(
              step.filter(),
              queued(present.values(), step.filter()),
              step.clientId(),
              step.gone() ? null : subscriber));
      prefix.changed();
      cache.changed();
    }
  }

  private static boolean queued(Iterable<Subscriber> present, TopicFilter filter) {
    for (Subscriber subscriber : present) {
      if (subscriber.queued() && subscriber.subscription().filter().equals(filter)) {
        return true;
      }
    }
    return false;
  }

  private static void check(String topic, Route route, List<Subscriber> present) {
    List<Subscriber> matching =
        present.stream().filter(s -> s.subscription().filter().matches(topic)).toList();
    Map<String, Qos> all = new TreeMap<>();
    TreeSet<String> queued = new TreeSet<>();
    TreeSet<Integer> partitions = new TreeSet<>();
    TreeMap<String, TreeSet<String>> groups = new TreeMap<>();
    for (Subscriber s : matching) {
      TopicFilter filter = s.subscription().filter();
      if (s.queued()) {
        partitions.add(new Partitioner(4).partition(filter));
      }
      if (filter.isShared()) {
        groups.computeIfAbsent(filter.text(), text -> new TreeSet<>()).add(s.clientId());
        continue;
      }
      all.merge(s.clientId(), s.subscription().qos(), (x, y) -> x.compareTo(y) > 0 ? x : y);
      if (s.queued()) {
        queued.add(s.clientId());
      }
    }
    assertEquals(all, qosByClient(route.direct(Qos.AT_MOST_ONCE)));
    all.keySet().removeAll(queued);
    assertEquals(all, qosByClient(route.direct(Qos.EXACTLY_ONCE)));
    assertEquals(
        List.copyOf(partitions), java.util.Arrays.stream(route.partitions()).boxed().toList());
    assertEquals(groups.size(), route.shared(Qos.AT_MOST_ONCE).size());
  }

  private static Map<String, Qos> qosByClient(List<Target> targets) {
    return targets.stream()
        .collect(
            Collectors.toMap(Target::clientId, t -> t.delivery().qos(), (x, y) -> x, TreeMap::new));
  }
}
