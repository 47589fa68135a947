package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keep Alive by a clock that the test moves: how loaded the machine is does not matter. */
class KeepAliveClockTest {
  private final HeldStore node =
      new HeldStore(Map.of("troupe.dev", true, "troupe.mqtt.keep-alive-max", 1));

  @AfterEach
  void stop() {
    node.close();
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-24", v5 = "MQTT-3.1.2-22")
  @Promise("I15")
  void anyPacketKeepsTheConnectionAlive(Version version) {
    var talking = node.connect(new ConnectPacket(version, "talking").keepAlive(1));
    var silent = node.connect(new ConnectPacket(version, "silent").keepAlive(1));

    node.pass(Duration.ofSeconds(1));
    talking.send(publish(HeldStore.TOPIC, "m").qos(1, 1));
    HeldStore.stored(node.nextAppend()); // in two partitions
    HeldStore.stored(node.nextAppend());
    talking.expectAck(Received.PUBACK, 1);
    node.pass(Duration.ofMillis(500));

    silent.expectClosed(0x8D); // looked at after the other, on the same event loop
    talking.ping();
    node.pass(Duration.ofMillis(1_500));
    talking.expectClosed(0x8D);
  }

  @Test
  @Statement(v5 = {"MQTT-3.1.2-21", "MQTT-3.2.2-21", "MQTT-3.1.2-22"})
  void theServersKeepAliveReplacesTheClients() {
    var client = node.connect(new ConnectPacket(Version.V5, "client").keepAlive(600));

    node.pass(Duration.ofMillis(1_500));

    client.expectClosed(0x8D);
  }
}
