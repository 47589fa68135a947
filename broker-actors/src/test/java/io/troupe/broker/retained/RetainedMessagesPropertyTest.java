package io.troupe.broker.retained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.serialization.Messages;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class RetainedMessagesPropertyTest {

  @Provide
  Arbitrary<String> topics() {
    return Arbitraries.of("a", "b", "", "$x", "!", "a0", "é")
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(levels -> String.join("/", levels))
        .filter(topic -> !topic.isEmpty());
  }

  @Provide
  Arbitrary<String> filters() {
    Arbitrary<List<String>> levels =
        Arbitraries.of("a", "b", "", "$x", "!", "a0", "+").list().ofMinSize(1).ofMaxSize(4);
    return Combinators.combine(levels, Arbitraries.of(true, false))
        .as((list, hash) -> String.join("/", list) + (hash ? "/#" : ""))
        .injectDuplicates(0.1)
        .map(filter -> filter.isEmpty() ? "#" : filter);
  }

  @Provide
  Arbitrary<List<Message>> stores() {
    Arbitrary<Integer> seconds = Arbitraries.integers().between(0, 4);
    return Combinators.combine(topics(), Arbitraries.of("", "x", "yy"), seconds)
        .as(
            (topic, payload, expiry) ->
                expiry == 0
                    ? Messages.retained(topic, payload)
                    : Messages.expiring(topic, payload, 1_000, expiry))
        .list()
        .ofMaxSize(40);
  }

  @Property
  void aFilterFindsExactlyWhatMatches(
      @ForAll("stores") List<Message> stores,
      @ForAll("filters") String filter,
      @ForAll @IntRange(min = 0, max = 6) int second,
      @ForAll @IntRange(min = 1, max = 3) int pageMessages,
      @ForAll @IntRange(min = 1, max = 5) int pageExamined) {
    RetainedLimits limits =
        new RetainedLimits(1_000, 1_000_000, pageMessages, 1 << 20, pageExamined);
    RetainedMessages messages = new RetainedMessages();
    Map<String, Message> model = new HashMap<>();
    messages.apply(messages.admit(stores, i -> true, limits).change());
    for (Message message : stores) {
      if (message.payload().isEmpty()) {
        model.remove(message.topic());
      } else {
        model.put(message.topic(), message);
      }
    }

    List<Message> found = new ArrayList<>();
    String after = "";
    RetainedMessages.Page page;
    do {
      page = messages.find(filter, after, limits, second * 1_000L);
      found.addAll(page.messages());
      after = page.last();
    } while (page.more());

    Set<Message> expected = new HashSet<>();
    for (Message message : model.values()) {
      if (TopicFilter.of(filter).matches(message.topic()) && !message.isExpired(second * 1_000L)) {
        expected.add(message);
      }
    }
    assertEquals(expected, new HashSet<>(found));
    assertEquals(expected.size(), found.size());
  }

  @Property
  void countAndBytesAreThoseOfTheMessagesAndWithinTheLimits(
      @ForAll("stores") List<Message> stores,
      @ForAll @IntRange(min = 1, max = 10) int messagesMax,
      @ForAll @IntRange(min = 1, max = 600) int bytesMax,
      @ForAll @IntRange(min = 0, max = 6) int second) {
    RetainedLimits limits = new RetainedLimits(messagesMax, bytesMax);
    RetainedMessages messages = new RetainedMessages();

    for (int from = 0; from < stores.size(); from += 3) {
      List<Message> batch = stores.subList(from, Math.min(from + 3, stores.size()));
      messages.apply(messages.admit(batch, i -> true, limits).change());
    }
    messages.expire(second * 1_000L);

    List<Message> all = messages.snapshot().messages();
    assertEquals(all.size(), messages.count());
    assertEquals(all.stream().mapToLong(Message::sizeBytes).sum(), messages.bytes());
    assertTrue(messages.count() <= messagesMax);
    assertTrue(messages.bytes() <= bytesMax);
  }

  @Property
  void batchesChangeWhatSingleMessagesWould(@ForAll("stores") List<Message> stores) {
    RetainedLimits limits = new RetainedLimits(8, 800);
    RetainedMessages single = new RetainedMessages();
    RetainedMessages batched = new RetainedMessages();

    for (Message message : stores) {
      single.apply(single.admit(List.of(message), i -> true, limits).change());
    }
    batched.apply(batched.admit(stores, i -> true, limits).change());

    assertEquals(single.snapshot(), batched.snapshot());
  }

  @Property
  void allMatchesOfAFilterAreInThePartitionsItAsks(
      @ForAll("topics") String topic,
      @ForAll("filters") String filter,
      @ForAll @IntRange(min = 1, max = 7) int partitions,
      @ForAll @IntRange(min = 1, max = 3) int prefixLevels) {
    RetainedPlacement placement = new RetainedPlacement(partitions, prefixLevels);
    TopicFilter parsed = TopicFilter.of(filter);
    Set<Integer> asked = new HashSet<>();

    for (int next = placement.first(parsed); next >= 0; next = placement.next(parsed, next)) {
      asked.add(next);
    }

    assertTrue(!parsed.matches(topic) || asked.contains(placement.partition(topic)));
    assertTrue(parsed.prefixLevels() < prefixLevels || asked.size() == 1);
  }
}
