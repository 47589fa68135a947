package io.troupe.broker.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * This node's copies of the filters under those prefixes on which it publishes, kept coherent by
 * the partitions. Event loops {@link #match} without locks; {@link RouteCacheActor} alone writes.
 *
 * <p>Finished routes are kept by topic in two generations: when the younger is full, in topics, in
 * sessions that its routes name or in their characters, the elder is forgotten, so that topics used
 * lately stay and a flood of distinct ones leaves nothing behind. A route is used only while no
 * filter under its prefixes has changed.
 */
public final class RouteCache {
  private final Partitioner partitioner;
  private final int generationMax;
  private final ConcurrentMap<String, CachedPrefix> prefixes = new ConcurrentHashMap<>();

  /**
   * Of the routes of a generation, all together: many topics may match one filter with many
   * subscribers, and a topic may have 64 KB. In units of {@link Route#weight}.
   */
  private static final long GENERATION_WEIGHT_MAX = 1_000_000;

  private final AtomicLong youngWeight = new AtomicLong();
  private final AtomicBoolean turning = new AtomicBoolean();
  private volatile ConcurrentHashMap<String, Route> young = new ConcurrentHashMap<>();
  private volatile ConcurrentHashMap<String, Route> old = new ConcurrentHashMap<>();

  /** How often anything has changed; raised after the change. */
  private volatile long changes;

  /**
   * @param topicsMax for how many topics routes are kept
   */
  public RouteCache(Partitioner partitioner, int topicsMax) {
    this.partitioner = partitioner;
    this.generationMax = Math.max(1, topicsMax / 2);
  }

  /**
   * Where messages of a topic go. Safe on any thread; allocates nothing when the topic was matched
   * lately and nothing has changed for it.
   *
   * @param topic a valid topic name
   * @return null if a prefix of the topic is not loaded: tell {@link RouteCacheActor.Resolve} and
   *     ask again after {@link io.troupe.broker.connection.IngressActor.RouteReady}
   */
  public @Nullable Route match(String topic) {
    long now = changes;
    Route route = young.get(topic);
    if (route != null && route.isCurrent(now)) {
      route.use();
      return route;
    }
    if (route == null) {
      route = old.get(topic);
      if (route != null && route.isCurrent(now)) {
        route.use();
        keep(topic, route);
        return route;
      }
    }
    return build(topic, now);
  }

  private @Nullable Route build(String topic, long now) {
    List<CachedPrefix> found = new ArrayList<>();
    for (String key : Partitioner.keys(topic)) {
      CachedPrefix prefix = prefixes.get(key);
      if (prefix == null) {
        return null;
      }
      found.add(prefix);
    }
    CachedPrefix[] array = found.toArray(new CachedPrefix[0]);
    int[] versions = new int[array.length];
    RouteBuilder builder = new RouteBuilder();
    for (int i = 0; i < array.length; i++) {
      // The version first: see CachedPrefix.
      versions[i] = array[i].version;
      PrefixFilters<CachedFilter> content = array[i].content;
      if (content == null) {
        return null;
      }
      content.match(topic, builder::add);
    }
    Route route = new Route(topic, array, versions, now, builder);
    route.markUsed();
    if (!route.versionsStand()) {
      // Changed meanwhile: still right for messages published before the change took effect.
      return route;
    }
    keep(topic, route);
    return route;
  }

  @SuppressWarnings("ReferenceEquality") // the very map
  private void keep(String topic, Route route) {
    ConcurrentHashMap<String, Route> generation = young;
    Route before = generation.put(topic, route);
    long weight = youngWeight.addAndGet(route.weight() - (before == null ? 0 : before.weight()));
    if ((generation.mappingCount() > generationMax || weight > GENERATION_WEIGHT_MAX)
        && turning.compareAndSet(false, true)) {
      if (young == generation) {
        old = generation;
        young = new ConcurrentHashMap<>();
        youngWeight.set(0);
      }
      turning.set(false);
    }
  }

  // For the writer.

  @Nullable CachedPrefix get(String key) {
    return prefixes.get(key);
  }

  Collection<CachedPrefix> all() {
    return prefixes.values();
  }

  /** Of the topics for which routes are kept. */
  long topicCharacters() {
    return Stream.of(young, old)
        .flatMap(generation -> generation.keySet().stream())
        .mapToLong(String::length)
        .sum();
  }

  int size() {
    return prefixes.size();
  }

  /** Those of the topic's prefixes that are not loaded; the ones that are count as used. */
  List<String> missing(String topic) {
    List<String> missing = new ArrayList<>();
    for (String key : Partitioner.keys(topic)) {
      CachedPrefix prefix = prefixes.get(key);
      if (prefix == null || !prefix.isLoaded()) {
        missing.add(key);
      }
      if (prefix != null) {
        prefix.used = true;
      }
    }
    return missing;
  }

  CachedPrefix hold(String key, int holdId) {
    CachedPrefix prefix = new CachedPrefix(key, partitioner.partition(key), holdId);
    prefixes.put(key, prefix);
    return prefix;
  }

  void giveUp(CachedPrefix prefix) {
    prefixes.remove(prefix.key, prefix);
    prefix.giveUp();
    changed();
  }

  /** After changes to prefixes: routes are checked again. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void changed() {
    changes++;
  }

  /** Marks the prefixes of routes used since this was last called, and forgets other routes. */
  void forgetUnused() {
    old.values().removeIf(route -> !route.markIfUsed());
    young.values().removeIf(route -> !route.markIfUsed());
  }
}
