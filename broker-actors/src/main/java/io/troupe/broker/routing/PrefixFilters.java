package io.troupe.broker.routing;

import io.troupe.protocol.topic.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The filters under one literal prefix, each with a value: the prefix itself as a filter, and those
 * that go on with wildcards, in a short list while they are few and in a trie when they are many.
 * One thread writes, any number match meanwhile.
 *
 * <p>Most prefixes have one filter, such as {@code device/17/#}: a million of them cost no tries.
 */
final class PrefixFilters<V> {
  private static final int FEW = 8;

  private record Few<V>(String filter, V value) {}

  private final String key;
  private volatile @Nullable V exact;
  private volatile List<Few<V>> few = List.of();
  private volatile @Nullable LevelTrie<V> trie;

  /** All filters in the trie; only the writer reads it. */
  private @Nullable Map<String, V> many;

  PrefixFilters(String key) {
    this.key = key;
  }

  boolean isEmpty() {
    return exact == null && few.isEmpty() && trie == null;
  }

  @Nullable V get(String filter) {
    if (filter.equals(key) && !key.equals(Partitioner.ROOT)) {
      return exact;
    }
    Map<String, V> map = many;
    if (map != null) {
      return map.get(filter);
    }
    for (Few<V> entry : few) {
      if (entry.filter().equals(filter)) {
        return entry.value();
      }
    }
    return null;
  }

  /** Adds a filter without share name that is not there yet. */
  void put(String filter, V value) {
    if (filter.equals(key) && !key.equals(Partitioner.ROOT)) {
      exact = value;
      return;
    }
    LevelTrie<V> levels = trie;
    Map<String, V> map = many;
    if (levels == null || map == null) {
      List<Few<V>> list = new ArrayList<>(few);
      list.add(new Few<>(filter, value));
      if (list.size() <= FEW) {
        few = List.copyOf(list);
        return;
      }
      levels = new LevelTrie<>();
      map = new HashMap<>();
      for (Few<V> entry : list) {
        levels.put(entry.filter(), LevelTrie.after(key), entry.value());
        map.put(entry.filter(), entry.value());
      }
      many = map;
      // First the trie, then without the list: a reader may see a filter twice, never not at all.
      trie = levels;
      few = List.of();
      return;
    }
    map.put(filter, value);
    levels.put(filter, LevelTrie.after(key), value);
  }

  void remove(String filter) {
    if (filter.equals(key) && !key.equals(Partitioner.ROOT)) {
      exact = null;
      return;
    }
    LevelTrie<V> levels = trie;
    Map<String, V> map = many;
    if (levels == null || map == null) {
      few = few.stream().filter(entry -> !entry.filter().equals(filter)).toList();
      return;
    }
    map.remove(filter);
    levels.remove(filter, LevelTrie.after(key));
    if (map.isEmpty()) {
      many = null;
      trie = null;
    }
  }

  /**
   * Hands over the values of the filters that match a topic that begins with this prefix.
   *
   * @param topic for {@link Partitioner#ROOT} one that does not begin with {@code $} (MQTT-4.7.2-1)
   */
  void match(String topic, Consumer<? super V> found) {
    V same = exact;
    if (same != null && topic.length() == key.length()) {
      found.accept(same);
    }
    for (Few<V> entry : few) {
      if (TopicName.matches(topic, entry.filter())) {
        found.accept(entry.value());
      }
    }
    LevelTrie<V> levels = trie;
    if (levels != null) {
      levels.match(topic, LevelTrie.after(key), found);
    }
  }

  /** All values; for the writer. */
  void forEach(Consumer<? super V> each) {
    V same = exact;
    if (same != null) {
      each.accept(same);
    }
    few.forEach(entry -> each.accept(entry.value()));
    Map<String, V> map = many;
    if (map != null) {
      map.values().forEach(each);
    }
  }
}
