package io.troupe.broker.routing;

import akka.actor.testkit.typed.javadsl.TestInbox;
import akka.actor.typed.ActorRef;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Routes among 100,000 filters: {@code device/<i>/temperature} and {@code +/<i>/#}, half of each.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MatchingBenchmark {
  private static final int DEVICES = 50_000;

  private final ActorRef<ClientSessionActor.Command> session =
      TestInbox.<ClientSessionActor.Command>create().getRef();
  private final String[] topics = new String[DEVICES];
  private final RouteCache known = new RouteCache(new Partitioner(64), DEVICES * 2);
  private final RouteCache forgetful = new RouteCache(new Partitioner(64), 1);
  private final LevelTrie<String> trie = new LevelTrie<>();
  private int next;
  private int matches;

  @Setup
  public void prepare() {
    for (int i = 0; i < DEVICES; i++) {
      topics[i] = "device/" + i + "/temperature";
      trie.put("+/" + i + "/#", 0, topics[i]);
      for (RouteCache cache : List.of(known, forgetful)) {
        for (String key : cache.missing(topics[i])) {
          cache.hold(key, 1).load(new PartitionUpdate.Content(key, 1, List.of(), true, true));
        }
        cache.get(topics[i]).apply(change("d" + i, topics[i]));
        cache.get(Partitioner.ROOT).apply(change("d" + i, "+/" + i + "/#"));
      }
    }
    for (RouteCache cache : List.of(known, forgetful)) {
      cache.all().forEach(CachedPrefix::changed);
      cache.changed();
    }
  }

  private RouteChange change(String clientId, String filter) {
    TopicFilter parsed = TopicFilter.of(filter);
    Subscription subscription = new Subscription(parsed, Qos.AT_LEAST_ONCE, false, false, 0, 0);
    Subscriber subscriber =
        new Subscriber(clientId, subscription, false, ClientLimits.DEVICE, 1, session);
    return new RouteChange(parsed, false, clientId, subscriber);
  }

  private String topic() {
    next = next + 7919 < DEVICES ? next + 7919 : next + 7919 - DEVICES;
    return topics[next];
  }

  /** The route of a topic published on before. */
  @Benchmark
  public @Nullable Route routeKnown() {
    return known.match(topic());
  }

  /** The route of a topic that is new to this node's event loops. */
  @Benchmark
  public @Nullable Route routeNew() {
    return forgetful.match(topic());
  }

  /** Wildcard filters alone. */
  @Benchmark
  public int trie() {
    trie.match(topic(), 0, found -> matches++);
    return matches;
  }
}
