package io.troupe.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestInbox;
import akka.actor.typed.ActorRef;
import com.sun.management.ThreadMXBean;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Numbers that must not need a quadratic amount of work, told by what is allocated: that does not
 * depend on the machine's load, and a copy of all for each one more would take fifty times the
 * limit.
 */
class RouteCacheScaleTest {
  private static final ActorRef<ClientSessionActor.Command> SESSION =
      TestInbox.<ClientSessionActor.Command>create().getRef();

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long BYTES_EACH_MAX = 4_096;

  private static long allocatedBytes() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  private static void assertLinear(long before, long count) {
    long each = (allocatedBytes() - before) / count;
    assertTrue(each <= BYTES_EACH_MAX, () -> each + " bytes each");
  }

  private static RouteChange change(String clientId, String filter) {
    TopicFilter parsed = TopicFilter.of(filter);
    return new RouteChange(
        parsed,
        false,
        clientId,
        new Subscriber(
            clientId,
            new Subscription(parsed, Qos.AT_MOST_ONCE, false, false, 0, 0),
            false,
            ClientLimits.DEVICE,
            1,
            SESSION));
  }

  private static void loadAll(RouteCache cache, String topic) {
    for (String key : cache.missing(topic)) {
      cache.hold(key, 1).load(new PartitionUpdate.Content(key, 1, List.of(), true, true));
    }
  }

  @Test
  void aHundredThousandSubscribersOfOneFilter() {
    RouteCache cache = new RouteCache(new Partitioner(64), 1_000);
    loadAll(cache, "t");
    CachedPrefix prefix = cache.get("t");

    long before = allocatedBytes();
    for (int i = 0; i < 100_000; i++) {
      prefix.apply(change("c" + i, "t"));
    }
    prefix.changed();
    cache.changed();
    assertLinear(before, 100_000);

    Route route = cache.match("t");
    assertNotNull(route);
    assertEquals(100_000, route.direct(Qos.AT_MOST_ONCE).size());
  }

  @Test
  void manyWildcardFiltersUnderOnePrefix() {
    RouteCache cache = new RouteCache(new Partitioner(64), 1_000);
    loadAll(cache, "x/7/y");
    CachedPrefix root = cache.get(Partitioner.ROOT);

    long before = allocatedBytes();
    for (int i = 0; i < 100_000; i++) {
      root.apply(change("c", "+/" + i + "/y"));
    }
    root.changed();
    cache.changed();
    assertLinear(before, 100_000);

    Route route = cache.match("x/7/y");
    assertNotNull(route);
    assertEquals(1, route.direct(Qos.AT_MOST_ONCE).size());
  }

  @Test
  void aMillionFiltersInOneTable() {
    SubscriptionTable table = new SubscriptionTable();

    long before = allocatedBytes();
    for (int i = 0; i < 1_000_000; i++) {
      table.getOrAdd(TopicFilter.of("device/" + i + "/#"));
    }
    assertLinear(before, 1_000_000);

    int[] found = {0};
    table.match("device/77/a", filter -> found[0]++);
    assertEquals(1, found[0]);
    assertEquals(1_000_000, table.size());
  }

  @Test
  @Promise("I25")
  void aFloodOfTopicsWithoutSubscribersLeavesNothingBehind() {
    RouteCache cache = new RouteCache(new Partitioner(64), 1_000);
    PrefixEviction eviction = new PrefixEviction(cache, 1_000);
    for (int i = 0; i < 20_000; i++) {
      String topic = "flood/" + i;
      loadAll(cache, topic);
      cache.match(topic);
      if (eviction.isOverfull()) {
        eviction.sweep().forEach(cache::giveUp);
      }
    }
    assertTrue(cache.size() <= 1_000 + 10, "prefixes " + cache.size());

    for (int i = 0; i < 3; i++) {
      eviction.sweep().forEach(cache::giveUp);
    }

    assertEquals(0, cache.size());
  }

  /** A hundred million characters and more; each is matched right all the same. */
  @Test
  void aFloodOfLongTopicsIsForgotten() {
    RouteCache cache = new RouteCache(new Partitioner(64), 100_000);
    loadAll(cache, "short");
    cache.get(Partitioner.ROOT).apply(change("c", "#"));
    for (int i = 0; i < 2_000; i++) {
      String topic = i + "x".repeat(65_000);
      loadAll(cache, topic);
      Route route = cache.match(topic);
      assertNotNull(route);
      assertEquals(1, route.direct(Qos.AT_MOST_ONCE).size());
      cache.giveUp(cache.get(topic));
    }
    assertTrue(cache.topicCharacters() <= 65_000_000, () -> "kept " + cache.topicCharacters());
  }
}
