package io.troupe.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.topic.TopicFilter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class SubscriptionTablePropertyTest {
  @Provide
  Arbitrary<TopicFilter> filters() {
    return FilterArbitraries.filtersAndGroups();
  }

  @Provide
  Arbitrary<String> topics() {
    return FilterArbitraries.topics();
  }

  @Property(tries = 500)
  void agreesWithMatchingEachFilterByItself(
      @ForAll @Size(max = 60) List<@net.jqwik.api.From("filters") TopicFilter> toggled,
      @ForAll @Size(min = 1, max = 20) List<@net.jqwik.api.From("topics") String> topics) {
    SubscriptionTable table = new SubscriptionTable();
    Set<TopicFilter> present = new HashSet<>();
    for (TopicFilter filter : toggled) {
      if (present.add(filter)) {
        table.getOrAdd(filter);
      } else {
        present.remove(filter);
        FilterState state = table.get(filter.text());
        table.remove(state);
      }
    }

    for (String topic : topics) {
      Set<String> expected = new TreeSet<>();
      present.stream().filter(f -> f.matches(topic)).forEach(f -> expected.add(f.text()));
      Set<String> found = new TreeSet<>();
      int[] count = {0};
      table.match(
          topic,
          filter -> {
            found.add(filter.text());
            count[0]++;
          });
      assertEquals(expected, found);
      assertEquals(expected.size(), count[0]);
    }
    assertEquals(present.size(), table.size());
  }
}
