package io.troupe.broker.retained;

import static io.troupe.broker.serialization.Messages.expiring;
import static io.troupe.broker.serialization.Messages.retained;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetainedMessagesTest {
  private static final RetainedLimits LIMITS = new RetainedLimits(1_000, 1_000_000);

  private final RetainedMessages messages = new RetainedMessages();

  @Test
  void theLastMessageOfATopicStays() {
    store(LIMITS, retained("a", "1"), retained("b", "2"), retained("a", "3"));

    assertEquals(List.of("a=3", "b=2"), find("#"));
  }

  @Test
  void anEmptyPayloadDeletes() {
    store(LIMITS, retained("a", "1"), retained("b", "2"));

    store(LIMITS, retained("a", ""));

    assertEquals(List.of("b=2"), find("#"));
    assertEquals(1, messages.count());
  }

  @Test
  void deletingWhatIsNotThereWritesNothing() {
    RetainedMessages.Admission admission =
        messages.admit(List.of(retained("a", "")), i -> true, LIMITS);

    assertTrue(admission.change().isEmpty());
    assertEquals(List.of(ReasonCode.SUCCESS), admission.results());
  }

  @Test
  void oneWriteHoldsOnlyTheLastMessageOfATopic() {
    RetainedMessages.Admission admission =
        messages.admit(
            List.of(retained("a", "1"), retained("a", "2"), retained("a", "3")), i -> true, LIMITS);

    assertEquals(List.of(retained("a", "3")), admission.change().stored());
  }

  @Test
  void aMessageBeyondTheCountIsRefused() {
    RetainedLimits limits = new RetainedLimits(2, 1_000_000);

    List<ReasonCode> results =
        store(limits, retained("a", "1"), retained("b", "1"), retained("c", "1"));

    assertEquals(
        List.of(ReasonCode.SUCCESS, ReasonCode.SUCCESS, ReasonCode.QUOTA_EXCEEDED), results);
    assertEquals(List.of("a=1", "b=1"), find("#"));
  }

  @Test
  void atTheLimitATopicCanStillBeReplacedOrDeleted() {
    RetainedLimits limits = new RetainedLimits(2, 1_000_000);
    store(limits, retained("a", "1"), retained("b", "1"));

    List<ReasonCode> results =
        store(limits, retained("a", "2"), retained("b", ""), retained("c", "1"));

    assertEquals(List.of(ReasonCode.SUCCESS, ReasonCode.SUCCESS, ReasonCode.SUCCESS), results);
    assertEquals(List.of("a=2", "c=1"), find("#"));
  }

  @Test
  void aMessageBeyondTheBytesIsRefusedAndTheOldOneStays() {
    RetainedLimits limits = new RetainedLimits(10, 200);
    store(limits, retained("a", "1"));

    List<ReasonCode> results = store(limits, retained("a", "x".repeat(200)));

    assertEquals(List.of(ReasonCode.QUOTA_EXCEEDED), results);
    assertEquals(List.of("a=1"), find("#"));
  }

  @Test
  void aRefusedQos0MessageTakesTheOldOneWithIt() {
    RetainedLimits limits = new RetainedLimits(10, 200);
    store(limits, retained("a", "1"));
    Message large =
        new Message(
            "a",
            Payload.wrap(new byte[200]),
            Qos.AT_MOST_ONCE,
            true,
            MessageProperties.NONE,
            "p",
            1_000);

    List<ReasonCode> results = store(limits, large);

    assertEquals(List.of(ReasonCode.SUCCESS), results);
    assertEquals(0, messages.count());
    assertEquals(0, messages.bytes());
  }

  @Test
  void aRefusedMessageWhosePublisherIsNotToldTakesTheOldOneWithIt() {
    RetainedLimits limits = new RetainedLimits(10, 200);
    store(limits, retained("a", "1"));

    RetainedMessages.Admission admission =
        messages.admit(
            List.of(retained("b", ""), retained("a", "x".repeat(200))), i -> i == 0, limits);
    messages.apply(admission.change());

    assertEquals(List.of(ReasonCode.SUCCESS, ReasonCode.SUCCESS), admission.results());
    assertEquals(1, admission.refused());
    assertEquals(0, messages.count());
  }

  @Test
  void anExpiredMessageIsNotFoundAndThenTakenOut() {
    store(LIMITS, expiring("a", "1", 1_000, 10), retained("b", "1"));

    assertEquals(List.of("a=1", "b=1"), find("#", 10_999));
    assertEquals(List.of("b=1"), find("#", 11_000));
    assertEquals(0, messages.expire(10_999));
    assertEquals(1, messages.expire(11_000));
    assertEquals(1, messages.count());
  }

  @Test
  void aReplacedMessageNoLongerExpires() {
    store(LIMITS, expiring("a", "1", 1_000, 10));
    store(LIMITS, retained("a", "2"));

    assertEquals(0, messages.expire(20_000));
    assertEquals(List.of("a=2"), find("#", 20_000));
  }

  @Test
  void replacingAMessageThatExpiresOverAndOverKeepsNoTrace() {
    for (int i = 0; i < 100_000; i++) {
      store(LIMITS, expiring("a", "1", i, 1_000_000));
    }

    assertEquals(1, messages.count());
    assertEquals(1, messages.expire(Long.MAX_VALUE));
  }

  @Test
  void expiryCountsAfterASnapshot() {
    store(LIMITS, expiring("a", "1", 1_000, 10));

    RetainedMessages restored = RetainedMessages.restore(messages.snapshot());

    assertEquals(1, restored.expire(11_000));
    assertEquals(0, restored.bytes());
  }

  @Test
  void leadingWildcardsDoNotMatchTopicsThatBeginWithDollar() {
    store(LIMITS, retained("$SYS/x", "1"), retained("a/x", "2"), retained("#", "3"));

    assertEquals(List.of("a/x=2"), find("+/x"));
    assertEquals(List.of("$SYS/x=1"), find("$SYS/#"));
    assertEquals(List.of("#=3", "a/x=2"), find("#"));
  }

  @Test
  void pagesFollowEachOtherWithoutGapOrRepetition() {
    for (int i = 0; i < 10; i++) {
      store(LIMITS, retained("a/" + i, "1"), retained("b/" + i, "1"));
    }
    RetainedLimits pages = new RetainedLimits(1_000, 1_000_000, 3, 1 << 20, 4);

    int found = 0;
    String after = "";
    RetainedMessages.Page page;
    do {
      page = messages.find("+/+", after, pages, 0);
      assertTrue(page.messages().size() <= 3);
      found += page.messages().size();
      after = page.last();
    } while (page.more());

    assertEquals(20, found);
  }

  @Test
  void aPageEndsAfterTheMessageThatFillsItsBytes() {
    store(LIMITS, retained("a", "x".repeat(500)), retained("b", "x"), retained("c", "x"));

    RetainedMessages.Page page =
        messages.find("#", "", new RetainedLimits(10, 1_000_000, 10, 400, 1_000), 0);

    assertEquals(1, page.messages().size());
    assertTrue(page.more());
  }

  @Test
  void aFilterThatMatchesLittleLooksAtLittle() {
    for (int i = 0; i < 1_000; i++) {
      store(new RetainedLimits(10_000, 10_000_000), retained("site/" + i + "/state", "1"));
      store(new RetainedLimits(10_000, 10_000_000), retained("zone/" + i, "1"));
    }
    RetainedLimits few = new RetainedLimits(1_000, 1_000_000, 100, 1 << 20, 5);

    RetainedMessages.Page page = messages.find("site/500/+", "", few, 0);

    assertEquals(1, page.messages().size());
    assertFalse(page.more());
  }

  @Test
  @Promise("F6")
  void topicsAsDeepAsTheyCanBeAreStoredAndFound() {
    String deep = "/".repeat(32_000);
    store(LIMITS, retained(deep, "1"), retained(deep + "a", "2"));

    assertEquals(2, find("#").size());
    assertEquals(2, find("+/".repeat(32_000) + "+").size());
    assertEquals(0, find("+/".repeat(31_000) + "+").size());
  }

  private List<ReasonCode> store(RetainedLimits limits, Message... wanted) {
    RetainedMessages.Admission admission = messages.admit(List.of(wanted), i -> true, limits);
    messages.apply(admission.change());
    return admission.results();
  }

  private List<String> find(String filter) {
    return find(filter, 0);
  }

  private List<String> find(String filter, long nowMillis) {
    return messages.find(filter, "", LIMITS, nowMillis).messages().stream()
        .map(message -> message.topic() + "=" + message.payload().asUtf8())
        .toList();
  }
}
