package io.troupe.broker.routing;

import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The filters of a partition: by text, by prefix, and by the topics they match. */
final class SubscriptionTable {
  /** The plain filter and its share groups, which match the same topics. */
  private static final class SameFilter {
    private final List<FilterState> states = new ArrayList<>(1);
  }

  private final Map<String, FilterState> byText = new HashMap<>();
  private final Map<String, PrefixFilters<SameFilter>> byPrefix = new HashMap<>();

  @Nullable FilterState get(String text) {
    return byText.get(text);
  }

  Collection<FilterState> all() {
    return byText.values();
  }

  int size() {
    return byText.size();
  }

  FilterState getOrAdd(TopicFilter filter) {
    FilterState present = byText.get(filter.text());
    if (present != null) {
      return present;
    }
    FilterState state = new FilterState(filter);
    byText.put(filter.text(), state);
    PrefixFilters<SameFilter> prefix =
        byPrefix.computeIfAbsent(Partitioner.key(filter), PrefixFilters::new);
    SameFilter same = prefix.get(filter.filter());
    if (same == null) {
      same = new SameFilter();
      prefix.put(filter.filter(), same);
    }
    same.states.add(state);
    return state;
  }

  void remove(FilterState state) {
    byText.remove(state.text());
    String key = Partitioner.key(state.filter);
    PrefixFilters<SameFilter> prefix = byPrefix.get(key);
    SameFilter same = prefix == null ? null : prefix.get(state.filter.filter());
    if (prefix == null || same == null) {
      return;
    }
    same.states.remove(state);
    if (same.states.isEmpty()) {
      prefix.remove(state.filter.filter());
      if (prefix.isEmpty()) {
        byPrefix.remove(key);
      }
    }
  }

  /** Hands over the filters under this prefix. */
  void underPrefix(String key, Consumer<FilterState> each) {
    PrefixFilters<SameFilter> prefix = byPrefix.get(key);
    if (prefix != null) {
      prefix.forEach(same -> same.states.forEach(each));
    }
  }

  /** Hands over the filters of this partition that match a topic. */
  void match(String topic, Consumer<FilterState> each) {
    for (String key : Partitioner.keys(topic)) {
      PrefixFilters<SameFilter> prefix = byPrefix.get(key);
      if (prefix != null) {
        prefix.match(topic, same -> same.states.forEach(each));
      }
    }
  }
}
