package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who gets a message of a shared subscription: each strategy, where the node chooses (QoS 0) and
 * where the queue does. The group's name says which; all others take turns.
 */
class SharedStrategyTest extends WireTest {
  private static final String GONE = "gone?";

  private static BrokerUnderTest chosen;

  @BeforeAll
  static void start() {
    chosen =
        BrokerUnderTest.start(
            Map.of(
                "troupe.routing.shared-strategies",
                List.of(
                    "random=random",
                    "stick*=sticky",
                    "by/client/*=hash-client",
                    "by/topic/#=hash-topic",
                    "least=least-in-flight")));
  }

  @AfterAll
  static void stop() {
    chosen.close();
  }

  @Override
  BrokerUnderTest broker() {
    return chosen;
  }

  private WireClient member(String clientId, String filter, int qos) {
    var member = connect(new ConnectPacket(Version.V5, clientId));
    assertEquals(qos, member.subscribe("$share/" + filter, qos));
    return member;
  }

  private static void publishAll(WireClient publisher, String topic, int from, int to, int qos) {
    for (int i = from; i < to; i++) {
      publisher.publish(publish(topic, "m" + i).qos(qos));
    }
  }

  private static List<String> numbered(int from, int to) {
    var payloads = new ArrayList<String>();
    for (int i = from; i < to; i++) {
      payloads.add("m" + i);
    }
    return payloads;
  }

  /** What each member gets, until it is as much as this in all. */
  private static List<List<String>> receiveAll(int count, List<WireClient> members) {
    var got = new ArrayList<List<String>>();
    members.forEach(each -> got.add(new ArrayList<>()));
    long deadline = System.nanoTime() + WireClient.PATIENCE.multipliedBy(3).toNanos();
    while (got.stream().mapToInt(List::size).sum() < count) {
      assertTrue(System.nanoTime() < deadline, () -> "only " + got);
      for (int i = 0; i < members.size(); i++) {
        while (members.get(i).hasMore(Duration.ofMillis(10))) {
          got.get(i).addAll(members.get(i).receive(1));
        }
      }
    }
    return got;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void eachInTurn(int qos) {
    var topic = freshTopic();
    var members =
        List.of(
            member(freshId(), "any/" + topic, qos),
            member(freshId(), "any/" + topic, qos),
            member(freshId(), "any/" + topic, qos));

    publishAll(connect(Version.V5), topic, 0, 9, qos);

    var all = new TreeSet<String>();
    for (var member : members) {
      all.addAll(member.receive(3));
    }
    assertEquals(new TreeSet<>(numbered(0, 9)), all);
  }

  /** That the one or the other gets all, or each every second, has a chance of one in 2^62. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void any(int qos) {
    var topic = freshTopic();
    var members =
        List.of(
            member(freshId(), "random/" + topic, qos), member(freshId(), "random/" + topic, qos));

    publishAll(connect(Version.V5), topic, 0, 64, qos);

    var got = receiveAll(64, members);
    assertFalse(got.get(0).isEmpty());
    assertFalse(got.get(1).isEmpty());
    var secondOf = new TreeSet<Integer>();
    got.get(0).forEach(payload -> secondOf.add(Integer.parseInt(payload.substring(1)) % 2));
    assertEquals(2, secondOf.size(), () -> "in turn: " + got);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void theSameUntilItLeaves(int qos) {
    var topic = freshTopic();
    var first = member(freshId(), "sticky/" + topic, qos);
    var publisher = connect(Version.V5);
    publishAll(publisher, topic, 0, 5, qos);
    var second = member(freshId(), "sticky/" + topic, qos);
    publishAll(publisher, topic, 5, 10, qos);
    assertEquals(numbered(0, 10), first.receive(10));

    first.disconnect();
    awaitGone(publisher, topic, second, qos);
    var third = member(freshId(), "sticky/" + topic, qos);
    publishAll(publisher, topic, 10, 15, qos);

    var got = new ArrayList<String>();
    while (got.size() < 5) {
      got.addAll(second.receive(1));
      got.remove(GONE);
    }
    assertEquals(numbered(10, 15), got);
    third.expectSilence();
  }

  /** What is sent at QoS 0 to a member that is just leaving is lost. */
  private static void awaitGone(WireClient publisher, String topic, WireClient next, int qos) {
    int tries = 0;
    do {
      assertTrue(tries++ < 300, "the member that has left still gets everything");
      publisher.publish(publish(topic, GONE).qos(qos));
    } while (!next.hasMore(Duration.ofMillis(100)));
  }

  @Test
  void theNextWhenItHasAsMuchAsItMayHave() {
    var topic = freshTopic();
    var members = new ArrayList<WireClient>();
    for (int i = 0; i < 2; i++) {
      var member = connect(fresh(Version.V5).with(Properties5.RECEIVE_MAXIMUM, 2));
      member.subscribe("$share/sticky/" + topic, 1);
      members.add(member);
    }

    publishAll(connect(Version.V5), topic, 0, 4, 1);

    for (int i = 0; i < 2; i++) {
      assertEquals("m" + 2 * i, members.get(i).receive().payload());
      assertEquals("m" + (2 * i + 1), members.get(i).receive().payload());
    }
  }

  @Test
  void onePerPublisherAtEveryQos() {
    var topic = freshTopic();
    var members =
        List.of(member("hc1", "by/client/" + topic, 1), member("hc2", "by/client/" + topic, 1));
    for (int p = 0; p < 8; p++) {
      var publisher = connect(new ConnectPacket(Version.V5, "publisher" + p));
      for (int i = 0; i < 4; i++) {
        publisher.publish(publish("client/" + topic, "p" + p).qos(i % 2));
      }
    }

    assertEachWithOne(receiveAll(32, members), 8);
  }

  @Test
  void onePerTopicAtEveryQos() {
    var members = List.of(member("ht1", "by/topic/#", 1), member("ht2", "by/topic/#", 1));
    for (int i = 0; i < 4; i++) {
      var publisher = connect(Version.V5);
      for (int t = 0; t < 8; t++) {
        publisher.publish(publish("topic/" + t, "t" + t).qos(i % 2));
      }
    }

    assertEachWithOne(receiveAll(32, members), 8);
  }

  /** Each kind of payload is with one member, and each member has some. */
  private static void assertEachWithOne(List<List<String>> got, int kinds) {
    var one = new TreeSet<>(got.get(0));
    var two = new TreeSet<>(got.get(1));
    assertFalse(one.isEmpty());
    assertFalse(two.isEmpty());
    assertEquals(kinds, one.size() + two.size(), () -> one + " and " + two);
  }

  @Test
  void theOneWithTheFewestUnacknowledged() {
    var topic = freshTopic();
    var publisher = connect(Version.V5);
    var busy = member(freshId(), "least/" + topic, 1);
    publishAll(publisher, topic, 0, 10, 1);
    for (int i = 0; i < 10; i++) {
      assertEquals("m" + i, busy.receive().payload());
    }
    var idle = member(freshId(), "least/" + topic, 1);

    publishAll(publisher, topic, 10, 20, 1);

    for (int i = 10; i < 20; i++) {
      assertEquals("m" + i, idle.receive().payload());
    }
    busy.expectSilence();
  }
}
