package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.config.SettingBounds;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The least value of every setting at once makes a broker that is slow and small, but works. */
class LeastSettingsTest {
  /** Time limits, so that a loaded machine cannot fail this test, and what QoS 2 needs. */
  private static final Map<String, Object> BUT =
      Map.of(
          "troupe.mqtt.connect-timeout", "5m",
          "troupe.routing.append-timeout", "10m",
          "troupe.routing.subscribe-timeout", "10m",
          "troupe.queue.device.age-max", "never",
          "troupe.cluster.join-timeout", "1h",
          "troupe.limits.heap-used-percent-max", 100,
          "troupe.mqtt.maximum-qos", 2);

  @ParameterizedTest
  @CsvSource({"V5, never", "V311, 0s"})
  void oneClientPublishesToItself(Version version, String sessionExpiryMax) {
    Map<String, Object> settings = new HashMap<>(SettingBounds.least());
    settings.putAll(BUT);
    settings.put("troupe.mqtt.session-expiry-max", sessionExpiryMax);
    try (var broker = BrokerUnderTest.start(settings);
        var client = new WireClient(broker.port(), version, "c")) {
      client.send(new ConnectPacket(version, "c").persistent().toArray());
      client.expectConnack(0);
      assertEquals(2, client.subscribe("t", 2));

      for (int i = 0; i < 20; i++) {
        int qos = 1 + i % 2;
        client.publish(publish("t", "m" + i).qos(qos));
        assertEquals(qos, client.receive("m" + i).qos());
      }
    }
  }
}
