package io.troupe.broker.routing;

import java.util.ArrayList;
import java.util.List;

/**
 * Chooses the prefixes a node gives up: those no topic has needed between two looks, and if there
 * are more than the limit also others, any.
 */
final class PrefixEviction {
  private final RouteCache cache;
  private final int prefixesMax;

  PrefixEviction(RouteCache cache, int prefixesMax) {
    this.cache = cache;
    this.prefixesMax = prefixesMax;
  }

  boolean isOverfull() {
    return cache.size() > prefixesMax;
  }

  /** Looks once. What is not loaded yet stays. */
  List<CachedPrefix> sweep() {
    cache.forgetUnused();
    List<CachedPrefix> unused = new ArrayList<>();
    List<CachedPrefix> used = new ArrayList<>();
    for (CachedPrefix prefix : cache.all()) {
      if (prefix.isLoaded()) {
        (prefix.used ? used : unused).add(prefix);
        prefix.used = false;
      }
    }
    int excess = cache.size() - unused.size() - prefixesMax;
    if (excess > 0) {
      unused.addAll(used.subList(0, Math.min(used.size(), excess + prefixesMax / 10)));
    }
    return unused;
  }
}
