package io.troupe.broker.routing;

import io.troupe.protocol.topic.TopicFilter;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Few levels of few names, so that filters and topics often meet. */
final class FilterArbitraries {
  private FilterArbitraries() {}

  static Arbitrary<String> topics() {
    return Arbitraries.of("a", "b", "", "$s", "cc")
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .map(levels -> String.join("/", levels))
        .filter(topic -> !topic.isEmpty());
  }

  static Arbitrary<TopicFilter> filters() {
    return Arbitraries.of("a", "b", "", "$s", "cc", "+", "+", "#")
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .map(levels -> String.join("/", levels))
        .filter(filter -> TopicFilter.parse(filter).isPresent())
        .map(TopicFilter::of);
  }

  /** Also of shared subscriptions. */
  static Arbitrary<TopicFilter> filtersAndGroups() {
    return Arbitraries.oneOf(
        filters(), filters().map(filter -> TopicFilter.of("$share/g/" + filter.text())));
  }
}
