package io.troupe.protocol.session;

import static io.troupe.protocol.packet.Qos.AT_LEAST_ONCE;
import static io.troupe.protocol.packet.Qos.AT_MOST_ONCE;
import static io.troupe.protocol.packet.Qos.EXACTLY_ONCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One copy at the highest QoS, with all subscription identifiers (MQTT-3.3.4-2, MQTT-3.3.4-3). */
class OverlappingSubscriptionsTest {
  private final SessionHarness s = new SessionHarness();

  private void subscribe(String filter, Qos qos, int id) {
    subscribe(filter, qos, id, false);
  }

  private void subscribe(String filter, Qos qos, int id, boolean noLocal) {
    s.subscribe(new Subscription(TopicFilter.of(filter), qos, noLocal, false, 0, id), 1);
    s.batch(filter, 1);
    s.take();
  }

  private void inAllQueues(Message message) {
    for (String filter : s.session.outbound().queues()) {
      s.batch(filter, 1, new QueuedMessage(1, message));
    }
  }

  @Test
  void oneCopyComesAtTheHighestQosWithAllIdentifiers() {
    s.connect(10);
    subscribe("a/#", AT_LEAST_ONCE, 1);
    subscribe("a/+", EXACTLY_ONCE, 2);
    subscribe("+/b", AT_MOST_ONCE, 3);
    s.now += 1;

    inAllQueues(s.message("a/b", "m", EXACTLY_ONCE));

    assertEquals(List.of("PUBLISH m q2 #1 [1, 2, 3]"), s.packets());
  }

  @Test
  void amongEqualsTheFirstFilterDelivers() {
    s.connect(10);
    subscribe("a/b", AT_LEAST_ONCE, 1);
    subscribe("a/#", AT_LEAST_ONCE, 2);
    s.now += 1;

    inAllQueues(s.message("a/b", "m", AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m q1 #1 [1, 2]"), s.packets());
  }

  @Test
  void aMessageFromBeforeTheSecondSubscriptionIsNotLost() {
    s.connect(10);
    subscribe("a/b", AT_LEAST_ONCE, 0);
    Message before = s.message("a/b", "m", AT_LEAST_ONCE);
    s.now += 10;
    subscribe("a/#", EXACTLY_ONCE, 0);

    s.batch("a/b", 1, new QueuedMessage(1, before));

    assertEquals(List.of("PUBLISH m q1 #1"), s.packets());
  }

  @Test
  void theClientsOwnMessagesComeOnlyForSubscriptionsThatWantThem() {
    s.connect(10);
    subscribe("a/#", EXACTLY_ONCE, 1, true);
    subscribe("a/b", AT_LEAST_ONCE, 2, false);
    s.now += 1;
    Message m = s.message("a/b", "m", EXACTLY_ONCE);
    Message own =
        new Message(
            m.topic(), m.payload(), m.qos(), false, m.properties(), "c", m.receivedAtMillis());

    inAllQueues(own);

    assertEquals(List.of("PUBLISH m q1 #1 [2]"), s.packets());
  }

  @Test
  void aSingleNoLocalSubscriptionSkipsTheClientsOwn() {
    s.connect(10);
    subscribe("a/#", EXACTLY_ONCE, 1, true);
    Message m = s.message("a/b", "m", EXACTLY_ONCE);
    Message own =
        new Message(
            m.topic(), m.payload(), m.qos(), false, m.properties(), "c", m.receivedAtMillis());

    s.batch("a/#", 1, new QueuedMessage(1, own));

    assertEquals(List.of(), s.packets());
  }

  /** The older of two overlapping subscriptions, with a message the younger has skipped. */
  private void subscribeTwoAndSkip() {
    s.connect(10);
    subscribe("a/#", AT_LEAST_ONCE, 0);
    s.now += 1;
    subscribe("a/b", AT_LEAST_ONCE, 0);
    s.now += 1;
    s.batch("a/b", 1, new QueuedMessage(1, s.message("a/b", "skipped", AT_LEAST_ONCE)));
    assertEquals(List.of(), s.packets());
    s.now += 1;
  }

  private void unsubscribing(String filter, boolean kept) {
    s.run(() -> assertEquals(kept, s.session.outbound().leaving().unsubscribing(filter)));
    s.run(() -> s.session.outbound().unsubscribed(filter));
  }

  @Test
  void whatOthersLeftToASubscriptionComesAfterItIsUnsubscribed() {
    subscribeTwoAndSkip();
    unsubscribing("a/#", true);
    Message skipped = s.message("a/b", "skipped", AT_LEAST_ONCE);
    s.now += 1;
    Message later = s.message("a/b", "later", AT_LEAST_ONCE);
    Message other = s.message("a/c", "unwanted", AT_LEAST_ONCE);

    s.batch("a/b", 2, new QueuedMessage(2, later));
    assertEquals(List.of(), s.packets());
    s.batch(
        "a/#",
        1,
        4,
        false,
        new QueuedMessage(1, skipped),
        new QueuedMessage(2, other),
        new QueuedMessage(3, later));

    assertEquals(List.of("PUBLISH skipped q1 #1", "PUBLISH later q1 #2"), s.packets());
  }

  @Test
  void aSubscriptionThatNobodyReliesOnGoesAtOnce() {
    subscribeTwoAndSkip();

    unsubscribing("a/b", false);

    assertEquals(List.of(), List.copyOf(s.state.leaving.values()));
    assertEquals(List.of("a/#"), s.session.outbound().queues());
  }

  @Test
  void anUnsubscribedQueueIsReadUntilNothingFromBeforeCanComeAnyMore() {
    subscribeTwoAndSkip();
    unsubscribing("a/#", true);
    s.batch("a/#", 1, 1, false);
    assertEquals(1, s.state.leaving.size());
    s.now += 35_001;
    s.take();
    s.run(s.session.outbound().leaving()::poll);
    assertEquals(List.of("read a/# 1"), s.take());

    s.batch("a/#", 1, 1, false);

    assertEquals(List.of("unsubscribe a/#"), s.take());
    assertEquals(0, s.state.leaving.size());
  }

  @Test
  void aSubscriptionMadeAgainGoesOnWithItsQueueAndLeavesOutWhatCameMeanwhile() {
    subscribeTwoAndSkip();
    Message before = s.message("a/c", "before", AT_LEAST_ONCE);
    unsubscribing("a/#", true);
    s.now += 1;
    Message meanwhile = s.message("a/c", "meanwhile", AT_LEAST_ONCE);
    s.now += 1;
    s.subscribe(SessionHarness.subscription("a/#", AT_LEAST_ONCE), 99);
    s.now += 1;
    Message after = s.message("a/c", "after", AT_LEAST_ONCE);
    s.take();

    s.batch(
        "a/#",
        1,
        new QueuedMessage(1, before),
        new QueuedMessage(2, meanwhile),
        new QueuedMessage(3, after));

    assertEquals(List.of("PUBLISH before q1 #1", "PUBLISH after q1 #2"), s.packets());
  }

  /** Each queue has what was published since its partition knew of it, which is before SUBACK. */
  @Test
  void whatCameWhileTwoSubscriptionsWereMadeComesNeitherTwiceNorLate() {
    s.connect(10);
    s.session.outbound().asked("a/#");
    s.session.outbound().asked("a/b");
    s.now += 5;
    Message making = s.message("a/b", "making", EXACTLY_ONCE);
    s.now += 5;
    subscribe("a/#", EXACTLY_ONCE, 0);
    Message owed = s.message("a/b", "owed", EXACTLY_ONCE);
    s.now += 5;
    subscribe("a/b", EXACTLY_ONCE, 0);

    s.batch("a/#", 1, new QueuedMessage(1, making), new QueuedMessage(2, owed));
    s.batch("a/b", 1, new QueuedMessage(1, making), new QueuedMessage(2, owed));

    assertEquals(List.of("PUBLISH owed q2 #1"), s.packets());
  }

  @Test
  void whatCameWhileASubscriptionWasMadeComesIfNoOtherMatches() {
    s.connect(10);
    subscribe("a/#", EXACTLY_ONCE, 0);
    s.session.outbound().asked("+/b");
    s.now += 5;
    Message other = s.message("c/b", "other", EXACTLY_ONCE);
    Message both = s.message("a/b", "both", EXACTLY_ONCE);
    s.now += 5;
    subscribe("+/b", EXACTLY_ONCE, 0);

    s.batch("+/b", 1, new QueuedMessage(1, other), new QueuedMessage(2, both));
    s.batch("a/#", 1, new QueuedMessage(1, both));

    assertEquals(List.of("PUBLISH other q2 #1", "PUBLISH both q2 #2"), s.packets());
  }

  /** It would not be through, nor known to deliver, when it is subscribed again. */
  @Test
  void aQueueIsNotReadOnForSubscriptionsThatAreGoneToo() {
    subscribeTwoAndSkip();
    unsubscribing("a/#", true);
    s.take();

    unsubscribing("a/b", false);

    assertTrue(s.take().contains("unsubscribe a/#"));
    assertEquals(List.of(), List.copyOf(s.state.leaving.values()));
    assertEquals(List.of(), s.session.outbound().queues());
  }

  @Test
  void aQueueThatIsBeingSubscribedAgainIsKept() {
    subscribeTwoAndSkip();
    unsubscribing("a/#", true);
    s.session.outbound().asked("a/#");
    s.take();

    unsubscribing("a/b", false);

    assertEquals(List.of("a/#"), List.copyOf(s.state.leaving.keySet()));
    assertEquals(List.of("a/#"), s.session.outbound().queues());
  }

  @Test
  void aFilterThatComesAndGoesForEverIsNotWornOut() {
    subscribeTwoAndSkip();
    s.batch("a/b", 2);
    for (int i = 0; i < 1_000; i++) {
      unsubscribing("a/#", true);
      s.now += 300;
      s.subscribe(SessionHarness.subscription("a/#", AT_LEAST_ONCE), 99);
      s.batch("a/#", 1);
      s.now += 300;
      s.run(s.session.outbound().leaving()::poll).flush();
    }

    int former = s.state.subscriptions.get("a/#").former.size();
    assertTrue(former > 50 && former < 60, "periods: " + former); // of the last 35 seconds
  }

  @Test
  void anExchangeGoesOnThoughAnotherSubscriptionWouldDeliverNow() {
    s.connect(10);
    subscribe("a/b", EXACTLY_ONCE, 0);
    s.now += 1;
    Message m = s.message("a/b", "m", EXACTLY_ONCE);
    s.batch("a/b", 1, new QueuedMessage(1, m));
    s.take();
    s.subscribe(SessionHarness.subscription("a/#", EXACTLY_ONCE), 1);
    s.recover();
    s.connect(10);
    s.take();

    s.batch("a/b", 1, new QueuedMessage(1, m));

    assertEquals(List.of("PUBLISH m q2 #1 dup"), s.packets());
  }
}
