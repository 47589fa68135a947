package io.troupe.broker.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SUBSCRIBE and UNSUBSCRIBE: partitions first, then the journal, then the answer. */
class SubscribeFlowTest extends SessionFixture {

  @Test
  @Promise("I12")
  void subackWaitsForAllPartitions() {
    connect(1, false);
    node.holdPartitions = true;
    session.tell(subscribe(1, "t", "u"));
    expect("subscribe t from 0", "subscribe u from 0");
    session.tell(new ClientSessionActor.SubscriptionEffective("t", false, 1));
    expectNothing();
    assertEquals(List.of("Attached"), stored());

    session.tell(new ClientSessionActor.SubscriptionEffective("u", false, 1));

    expect("1 suback [GRANTED_QOS_2, GRANTED_QOS_2]", "read t from 1", "read u from 1");
    assertEquals(List.of("Attached", "Subscribed", "Subscribed"), stored());
  }

  @Test
  void subscriptionsBeyondTheLimitAreRefusedAlsoWhenPipelined() {
    connect(1, false);
    node.holdPartitions = true;
    session.tell(subscribe(1, "a", "b"));
    expect("subscribe a from 0", "subscribe b from 0");

    session.tell(subscribe(1, "c", "d"));
    expect("subscribe c from 0");
    node.release();

    expectAtLast("1 suback [GRANTED_QOS_2, GRANTED_QOS_2]");
    expectAtLast("1 suback [GRANTED_QOS_2, QUOTA_EXCEEDED]");
  }

  @Test
  void whatIsAskedOfAFilterWaitsForWhatWasAskedBefore() {
    connect(1, false);
    node.holdPartitions = true;
    session.tell(subscribe(1, "t"));
    session.tell(subscribe(1, "t", "u"));
    session.tell(new ClientSessionActor.Unsubscribe(1, 3, List.of("t")));
    expect("subscribe t from 0");
    expectNothing();

    node.release();
    expect("1 suback [GRANTED_QOS_2]", "subscribe t from 1", "subscribe u from 0");
    expect("read t from 1");
    node.release();

    expect("1 suback [GRANTED_QOS_2, GRANTED_QOS_2]");
    expectAtLast("unsubscribe t");
  }

  @Test
  void whatWaitsGoesWithItsConnection() {
    connect(1, false);
    node.holdPartitions = true;
    session.tell(subscribe(1, "t"));
    session.tell(subscribe(1, "t"));
    expect("subscribe t from 0");
    session.tell(attach(2, false, 3600, null));
    expect("1 close SESSION_TAKEN_OVER", "directory node#1", "2 attached true");

    node.release();

    expect("unsubscribe t"); // nobody knows of it
    expectNothing();
  }

  private void replaceByQos0() {
    Subscription subscription =
        new Subscription(TopicFilter.of("t"), Qos.AT_MOST_ONCE, true, false, 2, 7);
    session.tell(
        new ClientSessionActor.Subscribe(
            1, 2, List.of(new ClientSessionActor.Requested(subscription, null))));
  }

  @Test
  void aSubscriptionReplacedByOneOfQos0LeavesItsQueueAtTheEnd() {
    connectAndSubscribe();
    node.holdPartitions = true;

    replaceByQos0();

    expect("subscribe t from 1");
    assertEquals(
        new Subscription(TopicFilter.of("t"), Qos.AT_LEAST_ONCE, true, false, 2, 7),
        node.subscribed);
    node.release();
    expect("1 suback [SUCCESS]", "read t from 1");
    push(1, Qos.AT_LEAST_ONCE); // the end of the queue
    expect("subscribe t from 0", "1 publish m1 #0");
    assertEquals(Qos.AT_MOST_ONCE, node.subscribed.qos());
    assertEquals("Subscribed", stored().get(stored().size() - 1));
    node.release();
    expect("settled t 2");
    expectNothing();
    assertEquals("QueueLeft", stored().get(stored().size() - 1));
  }

  @Test
  void aSubscriptionMadeAgainWhileItsQueueIsLeftBeginsAnew() {
    connectAndSubscribe();
    node.holdPartitions = true;
    replaceByQos0();
    expect("subscribe t from 1");
    node.release();
    expect("1 suback [SUCCESS]", "read t from 1");
    node.release();
    expect("subscribe t from 0");

    session.tell(subscribe(1, "t"));

    expect("subscribe t from 0");
    assertEquals(Qos.EXACTLY_ONCE, node.subscribed.qos());
    node.release();
    expect("1 suback [GRANTED_QOS_2]", "read t from 1");
  }

  @Test
  void unsubackComesWhenTheSubscriptionIsGoneAndStoredSo() {
    connectAndSubscribe();

    session.tell(new ClientSessionActor.Unsubscribe(1, 2, List.of("t", "unknown")));

    expect("unsubscribe t", "1 unsuback [SUCCESS, NO_SUBSCRIPTION_EXISTED]");
    assertEquals(List.of("Attached", "Subscribed", "Unsubscribing", "Drained"), stored());
  }

  @Test
  void aQueueThatOthersRelyOnIsReadOnAfterUnsubscribeAlsoByTheNextIncarnation() {
    connect(1, false);
    for (String filter : List.of("t/#", "t/a")) {
      session.tell(subscribe(1, filter));
      expect("subscribe " + filter + " from 0", "1 suback [GRANTED_QOS_2]");
      expect("read " + filter + " from 1");
      clock.incrementAndGet();
    }

    session.tell(new ClientSessionActor.Unsubscribe(1, 2, List.of("t/#")));

    expect("unsubscribe t/# and keep the queue", "read t/# from 1", "1 unsuback [SUCCESS]");
    restart();
    expect("1 close SERVER_UNAVAILABLE");
    session.tell(attach(2, false, 3600, null));
    expect("directory node#1", "subscribe t/a from 1", "2 attached true");
    expect("read t/a from 1", "read t/# from 1");
    for (int i = 0; i < 37; i++) {
      pass(Duration.ofSeconds(1));
    }
    expectAtLast("unsubscribe t/#");
    assertEquals("Drained", stored().get(stored().size() - 1));
  }

  @Test
  void aPartitionThatDoesNotAnswerFailsTheSubscription() {
    connect(1, false);
    node.holdPartitions = true;
    session.tell(subscribe(1, "t"));
    expect("subscribe t from 0");

    for (int i = 0; i < 16; i++) {
      pass(Duration.ofSeconds(1));
    }

    expect("1 suback [UNSPECIFIED_ERROR]");
    node.release();
    expect("unsubscribe t"); // nobody knows of it
  }

  @Test
  void whatWaitsForAPartitionThatDoesNotAnswerFailsWithIt() {
    connect(1, false);
    node.holdPartitions = true;
    session.tell(subscribe(1, "t"));
    session.tell(subscribe(1, "u", "t"));
    session.tell(new ClientSessionActor.Unsubscribe(1, 3, List.of("t")));
    expect("subscribe t from 0");
    expectNothing(); // all have come before time passes

    for (int i = 0; i < 16; i++) {
      pass(Duration.ofSeconds(1));
    }

    expect("1 suback [UNSPECIFIED_ERROR]");
    expect("1 suback [UNSPECIFIED_ERROR, UNSPECIFIED_ERROR]");
    expect("1 unsuback [UNSPECIFIED_ERROR]");
  }

  @Test
  void anAnswerToAnEarlierConnectionDoesNotAnswerTheNextOne() {
    connect(1, false);
    node.holdPartitions = true;
    session.tell(subscribe(1, "t"));
    expect("subscribe t from 0");
    session.tell(attach(2, false, 3600, null));
    expect("1 close SESSION_TAKEN_OVER", "directory node#1", "2 attached true");
    session.tell(subscribe(2, "t"));
    expect("subscribe t from 0");

    session.tell(new ClientSessionActor.SubscriptionEffective("t", false, 1));
    expectNothing();
    session.tell(new ClientSessionActor.SubscriptionEffective("t", true, 1));

    expect("2 suback [GRANTED_QOS_2]");
  }

  @Test
  void anAnswerToUnsubscribeDoesNotAnswerSubscribe() {
    connectAndSubscribe();
    node.holdPartitions = true;
    session.tell(new ClientSessionActor.Unsubscribe(1, 2, List.of("t")));
    session.tell(subscribe(1, "t"));
    expect("unsubscribe t", "subscribe t from 1");

    session.tell(new ClientSessionActor.UnsubscriptionEffective("t", true));
    expect("1 unsuback [SUCCESS]");
    session.tell(new ClientSessionActor.SubscriptionEffective("t", false, 1));

    expect("1 suback [GRANTED_QOS_2]", "read t from 1");
  }

  @Test
  void anOrphanSubscriptionIsTakenBack() {
    connect(1, false);

    session.tell(new ClientSessionActor.SubscriptionEffective("orphan", false, 1));

    expect("unsubscribe orphan");
  }

  @Test
  void aPartitionThatForgotASubscriptionIsToldAgain() {
    connectAndSubscribe();

    session.tell(
        new ClientSessionActor.SubscriptionFailed("t", ReasonCode.NO_SUBSCRIPTION_EXISTED));

    expect("subscribe t from 1", "read t from 1");
  }

  @Test
  void aQueueThatBeganAnewIsReadFromItsBeginning() {
    connectAndSubscribe();
    push(1, Qos.AT_LEAST_ONCE);
    expect("1 publish m1 #1");

    session.tell(
        new ClientSessionActor.SubscriptionFailed("t", ReasonCode.NO_SUBSCRIPTION_EXISTED));

    expect("subscribe t from 2", "settled t 2", "read t from 1");
    push(1, Qos.AT_LEAST_ONCE);
    expect("1 publish m1 #2");
  }

  @Test
  void aRepeatedAnswerDoesNotRepeatMessages() {
    connectAndSubscribe();
    push(1, Qos.EXACTLY_ONCE);
    expect("1 publish m1 #1");

    session.tell(new ClientSessionActor.SubscriptionEffective("t", true, 1));

    expect("read t from 2");
  }

  @Test
  void retainedMessagesOfAnEarlierConnectionAreNotSent() {
    connect(1, false);
    Subscription wanted =
        new Subscription(TopicFilter.of("t"), Qos.EXACTLY_ONCE, false, false, 0, 0);
    session.tell(
        new ClientSessionActor.Subscribe(
            1, 1, List.of(new ClientSessionActor.Requested(wanted, null))));
    expect("subscribe t from 0", "1 suback [GRANTED_QOS_2]", "retained t", "read t from 1");
    session.tell(attach(2, false, 3600, null));
    expect(
        "offline t",
        "1 close SESSION_TAKEN_OVER",
        "directory node#1",
        "subscribe t from 1",
        "2 attached true",
        "read t from 1");

    session.tell(new ClientSessionActor.RetainedFound("t", 1, List.of(), "more"));

    expectNothing();
  }
}
