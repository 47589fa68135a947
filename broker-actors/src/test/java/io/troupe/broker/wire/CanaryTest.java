package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Wire tests of what no client should send. After each, a canary that was connected before still
 * gets its messages: neither the broker nor anything shared has stopped.
 */
abstract class CanaryTest extends WireTest {
  private WireClient canary;
  private String canaryTopic;

  @BeforeEach
  void connectTheCanary() {
    // Nothing like the other topics, so that no damaged packet meets it by chance.
    canaryTopic = "canary/in/a/mine/" + freshId();
    canary = connect(Version.V5);
    canary.subscribe(canaryTopic, 1);
  }

  @AfterEach
  void theCanaryStillSings() {
    connect(Version.V311).publish(publish(canaryTopic, "alive").qos(1));
    canary.receive("alive");
    canary.publish(publish(canaryTopic, "well").qos(2));
    canary.receive("well");
  }
}
