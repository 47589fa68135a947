package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.metrics.DropReason;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What is beyond {@code troupe.retained} goes to its subscribers all the same. */
class RetainedLimitTest extends WireTest {
  private static BrokerUnderTest full;

  @BeforeAll
  static void start() {
    full = BrokerUnderTest.start(Map.of("troupe.retained.messages-max", 0));
  }

  @AfterAll
  static void stop() {
    full.close();
  }

  @Override
  BrokerUnderTest broker() {
    return full;
  }

  @EachVersion
  void aMessageBeyondTheLimitIsDeliveredAndNotRetained(Version version) {
    var topic = freshTopic();
    var subscriber = connect(version);
    subscriber.subscribe(topic, 2);
    var publisher = connect(version);
    long before = full.dropped(DropReason.RETAINED_FULL);

    publisher.publish(publish(topic, "0").qos(0).retain());
    var puback = publisher.publish(publish(topic, "1").qos(1).retain());
    var pubrec = publisher.publish(publish(topic, "2").qos(2).retain());

    int told = version.is5() ? 0x97 : 0;
    assertEquals(told, puback.code());
    assertEquals(told, pubrec.code());
    assertEquals(Set.of("0", "1", "2"), Set.copyOf(subscriber.receive(3)));
    assertEquals(3, full.dropped(DropReason.RETAINED_FULL) - before);
    assertEquals(0, publisher.publish(publish(topic, "3").qos(1)).code());
    var late = connect(version);
    late.subscribe(topic, 2);
    late.expectSilence();
  }
}
