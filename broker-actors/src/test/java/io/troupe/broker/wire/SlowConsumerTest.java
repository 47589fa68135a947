package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.metrics.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** QoS 1 to a connected client whose session ends with its connection, and who does not answer. */
@Timeout(120)
class SlowConsumerTest extends WireTest {
  private static final int WINDOW = 5;
  private static final int PENDING = 10;
  private static final int TOO_MANY = 7;

  private static BrokerUnderTest small;

  @BeforeAll
  static void start() {
    small =
        BrokerUnderTest.start(
            Map.of(
                "troupe.mqtt.inflight-max", WINDOW,
                "troupe.session.pending-messages-max", PENDING));
  }

  @AfterAll
  static void stop() {
    small.close();
  }

  @Override
  BrokerUnderTest broker() {
    return small;
  }

  @EachVersion
  void whatItMayNotHoldIsDroppedAndCountedAndTheRestComesInOrder(Version version) {
    var topic = freshTopic();
    var slow = connect(fresh(version));
    slow.subscribe(topic, 1);
    var publisher = connect(fresh(version));
    long before = small.dropped(DropReason.SLOW_CONSUMER);

    List<String> kept = new ArrayList<>();
    for (int i = 0; i < WINDOW + PENDING + TOO_MANY; i++) {
      assertEquals(0, publisher.publish(publish(topic, "m" + i).qos(1)).code());
      if (i < WINDOW + PENDING) {
        kept.add("m" + i);
      }
    }
    while (small.dropped(DropReason.SLOW_CONSUMER) - before < TOO_MANY) {
      publisher.ping();
    }

    assertEquals(kept, slow.receive(kept.size()));
    publisher.publish(publish(topic, "after").qos(1));
    assertEquals(List.of("after"), slow.receive(1));
    assertEquals(TOO_MANY, small.dropped(DropReason.SLOW_CONSUMER) - before);
  }
}
