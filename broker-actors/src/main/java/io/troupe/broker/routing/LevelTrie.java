package io.troupe.broker.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Values by the levels of their filters. One thread writes, any number read meanwhile: a reader
 * sees each single change or does not. Loops instead of recursion: the number of levels is the
 * peers' choice.
 */
final class LevelTrie<V> {
  private static final class Node<V> {
    volatile @Nullable ConcurrentMap<String, Node<V>> children;
    volatile @Nullable Node<V> plus;

    /** Of the filter that ends here. */
    volatile @Nullable V here;

    /** Of the filter that ends here with {@code #}. */
    volatile @Nullable V rest;

    boolean isEmpty() {
      return children == null && plus == null && here == null && rest == null;
    }

    @Nullable Node<V> child(String level) {
      if (level.equals("+")) {
        return plus;
      }
      ConcurrentMap<String, Node<V>> map = children;
      return map == null ? null : map.get(level);
    }

    Node<V> makeChild(String level) {
      Node<V> child = child(level);
      if (child == null) {
        child = new Node<>();
        if (level.equals("+")) {
          plus = child;
        } else {
          ConcurrentMap<String, Node<V>> map = children;
          if (map == null) {
            map = new ConcurrentHashMap<>(2);
            children = map;
          }
          map.put(level, child);
        }
      }
      return child;
    }

    void removeChild(String level) {
      if (level.equals("+")) {
        plus = null;
        return;
      }
      ConcurrentMap<String, Node<V>> map = children;
      if (map != null) {
        map.remove(level);
        if (map.isEmpty()) {
          children = null;
        }
      }
    }
  }

  private final Node<V> root = new Node<>();

  boolean isEmpty() {
    return root.isEmpty();
  }

  /**
   * @param from the index in the filter where the trie's levels begin
   */
  void put(String filter, int from, V value) {
    Node<V> node = root;
    int start = from;
    while (start <= filter.length()) {
      int end = levelEnd(filter, start);
      if (end == filter.length() && end - start == 1 && filter.charAt(start) == '#') {
        node.rest = value;
        return;
      }
      node = node.makeChild(filter.substring(start, end));
      start = end + 1;
    }
    node.here = value;
  }

  void remove(String filter, int from) {
    List<Node<V>> path = new ArrayList<>();
    List<String> levels = new ArrayList<>();
    Node<V> node = root;
    int start = from;
    boolean rest = false;
    while (start <= filter.length()) {
      int end = levelEnd(filter, start);
      String level = filter.substring(start, end);
      if (end == filter.length() && level.equals("#")) {
        rest = true;
        break;
      }
      Node<V> child = node.child(level);
      if (child == null) {
        return;
      }
      path.add(node);
      levels.add(level);
      node = child;
      start = end + 1;
    }
    if (rest) {
      node.rest = null;
    } else {
      node.here = null;
    }
    for (int i = path.size() - 1; i >= 0 && node.isEmpty(); i--) {
      path.get(i).removeChild(levels.get(i));
      node = path.get(i);
    }
  }

  /**
   * Hands over the values of all filters that match.
   *
   * @param from the index in the topic where the trie's levels begin; beyond its length if there
   *     are none left
   */
  void match(String topic, int from, Consumer<? super V> found) {
    List<Node<V>> frontier = List.of(root);
    int start = from;
    while (start <= topic.length() && !frontier.isEmpty()) {
      int end = levelEnd(topic, start);
      String level = topic.substring(start, end);
      List<Node<V>> next = new ArrayList<>(2 * frontier.size());
      for (Node<V> node : frontier) {
        accept(node.rest, found);
        addIfPresent(node.plus, next);
        ConcurrentMap<String, Node<V>> children = node.children;
        if (children != null) {
          addIfPresent(children.get(level), next);
        }
      }
      frontier = next;
      start = end + 1;
    }
    for (Node<V> node : frontier) {
      accept(node.rest, found);
      accept(node.here, found);
    }
  }

  private void addIfPresent(@Nullable Node<V> node, List<Node<V>> list) {
    if (node != null) {
      list.add(node);
    }
  }

  private void accept(@Nullable V value, Consumer<? super V> found) {
    if (value != null) {
      found.accept(value);
    }
  }

  private static int levelEnd(String text, int from) {
    int end = text.indexOf('/', from);
    return end < 0 ? text.length() : end;
  }

  /** Where the levels after a prefix begin. */
  static int after(String prefixKey) {
    return prefixKey.equals(Partitioner.ROOT) ? 0 : prefixKey.length() + 1;
  }
}
