package io.troupe.broker.routing;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Chooses the prefixes a node gives up: those no topic has needed between two looks, and if there
 * are more than the limit also others, any.
 *
 * <p>Long prefixes are bounded by their characters too, at once when one is wanted: a topic of 64
 * KB has up to 8 million characters of prefixes. They go in the order in which they came, so that a
 * flood of long ones takes nothing from the short ones, which nearly all topics have.
 */
final class PrefixEviction {
  /** Prefixes with more characters are long; shorter ones are bounded by their number alone. */
  static final int SHORT_MAX = 128;

  /** Twice what the longest topic has. */
  static final long LONG_CHARACTERS_MIN = 2L * Partitioner.PREFIX_LEVELS_MAX * 65_535;

  private static final int CHARACTERS_PER_PREFIX = 32;

  private final RouteCache cache;
  private final int prefixesMax;
  private final long longCharactersMax;
  private final Set<CachedPrefix> longOnes = new LinkedHashSet<>();
  private long longCharacters;

  PrefixEviction(RouteCache cache, int prefixesMax) {
    this.cache = cache;
    this.prefixesMax = prefixesMax;
    this.longCharactersMax =
        Math.max(LONG_CHARACTERS_MIN, (long) prefixesMax * CHARACTERS_PER_PREFIX);
  }

  boolean isOverfull() {
    return cache.size() > prefixesMax;
  }

  void held(CachedPrefix prefix) {
    if (prefix.key.length() > SHORT_MAX && longOnes.add(prefix)) {
      longCharacters += prefix.key.length();
    }
  }

  /** Before the cache gives it up. */
  void givenUp(CachedPrefix prefix) {
    if (longOnes.remove(prefix)) {
      longCharacters -= prefix.key.length();
    }
  }

  /** Whether these can be held beside the others. */
  boolean hasRoom(List<String> keys) {
    long wanted = characters(keys);
    return wanted == 0 || longCharacters + wanted <= longCharactersMax;
  }

  /**
   * The long prefixes to give up for these, oldest first: so many that half of the limit stays, not
   * to be asked for each topic of a flood.
   *
   * @param isFree whether one may be given up
   */
  List<CachedPrefix> oldest(List<String> keys, Predicate<CachedPrefix> isFree) {
    long excess = longCharacters + characters(keys) - longCharactersMax / 2;
    List<CachedPrefix> oldest = new ArrayList<>();
    Iterator<CachedPrefix> all = longOnes.iterator();
    while (excess > 0 && all.hasNext()) {
      CachedPrefix prefix = all.next();
      if (prefix.isLoaded() && isFree.test(prefix)) {
        oldest.add(prefix);
        excess -= prefix.key.length();
      }
    }
    return oldest;
  }

  private long characters(List<String> keys) {
    long sum = 0;
    for (String key : keys) {
      if (key.length() > SHORT_MAX && cache.get(key) == null) {
        sum += key.length();
      }
    }
    return sum;
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
