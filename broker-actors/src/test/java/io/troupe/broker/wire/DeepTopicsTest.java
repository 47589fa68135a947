package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Topics and filters of as many levels as an operator can allow. */
class DeepTopicsTest extends WireTest {
  private static final int LEVELS = 1000;

  private static BrokerUnderTest deep;

  @BeforeAll
  static void start() {
    deep = BrokerUnderTest.start(Map.of("troupe.mqtt.topic-levels-max", LEVELS));
  }

  @AfterAll
  static void stop() {
    deep.close();
  }

  @Override
  BrokerUnderTest broker() {
    return deep;
  }

  /** Live, queued, shared, retained, as a will, and all of it read back after a restart. */
  @Test
  @Promise("F6")
  void theyAreRoutedWhereTheyAreAllowed() {
    String slashes = "/".repeat(LEVELS - 1);
    String letters = "a/".repeat(LEVELS - 1);
    var plain = connect(fresh(Version.V5).persistent());
    plain.subscribe(slashes, 1);
    var wild = connect(fresh(Version.V311).persistent());
    wild.subscribe("+/".repeat(LEVELS - 1) + "+", 1);
    var shared = connect(fresh(Version.V5).persistent());
    shared.subscribe("$share/g/" + "+/".repeat(LEVELS - 2) + "#", 1);
    var publisher = connect(Version.V5);

    publisher.publish(publish(slashes, "slashes").qos(1).retain());
    publisher.publish(publish(letters, "letters").qos(2).retain());
    connect(fresh(Version.V5).will(publish("b/".repeat(LEVELS - 1), "will").qos(1))).close();

    plain.receive("slashes");
    var all = Set.of("slashes", "letters", "will");
    assertEquals(all, Set.copyOf(wild.receive(3)));
    assertEquals(all, Set.copyOf(shared.receive(3)));
    plain.disconnect();
    publisher.publish(publish(slashes, "queued").qos(1));

    deep.restart();

    var again = connect(new ConnectPacket(Version.V5, plain.clientId).persistent());
    assertTrue(again.connack().sessionPresent());
    again.receive("queued");
    var late = connect(Version.V5);
    late.subscribe("+/".repeat(LEVELS - 1) + "#", 0);
    assertEquals(Set.of("slashes", "letters"), Set.copyOf(late.receive(2)));
    assertEquals(0x8F, late.subscribe("+/".repeat(LEVELS) + "#", 0));
  }
}
