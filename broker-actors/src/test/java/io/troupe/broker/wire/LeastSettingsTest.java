package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.config.SettingBounds;
import io.troupe.broker.config.SettingBounds.Kind;
import io.troupe.protocol.conformance.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The least value of every setting at once makes a broker that is slow and small, but works; and so
 * do the greatest times, with which deadlines lie centuries ahead.
 */
class LeastSettingsTest {
  /** Least times, but no time limits: a loaded machine must not fail this test. */
  private static final Map<String, Object> TIMES =
      Map.of(
          "troupe.session.passivate-after", "1s",
          "troupe.session.cursor-checkpoint-interval", "10ms",
          "troupe.store.slow-commit", "1ms",
          "troupe.sys.interval", "1s");

  /** What QoS 2 needs, and a heap that other tests have filled. */
  private static final Map<String, Object> BUT =
      Map.of(
          "troupe.mqtt.maximum-qos", 2,
          "troupe.limits.heap-used-percent-max", 100);

  @ParameterizedTest
  @CsvSource({"V5, never", "V311, 0s"})
  @Promise("F17")
  void oneClientPublishesToItself(Version version, String sessionExpiryMax) {
    Map<String, Object> settings =
        new HashMap<>(SettingBounds.least(Set.of(Kind.NUMBER, Kind.SIZE)));
    settings.putAll(TIMES);
    settings.putAll(BUT);
    settings.put("troupe.mqtt.session-expiry-max", sessionExpiryMax);
    assertServes(settings, version);
  }

  @Test
  @Promise("F17")
  void allTimesAtTheirGreatestServeToo() {
    Map<String, Object> settings = SettingBounds.greatest(Set.of(Kind.DURATION));
    settings.keySet().removeIf(key -> key.startsWith("troupe.drain.")); // this broker's own stop
    assertServes(settings, Version.V5);
  }

  private static void assertServes(Map<String, Object> settings, Version version) {
    try (var broker = BrokerUnderTest.start(settings);
        var client = new WireClient(broker.port(), version, "c")) {
      client.send(
          new ConnectPacket(version, "c")
              .persistent()
              .will(publish("t", "no").with(Properties5.WILL_DELAY, 0xFFFFFFFFL))
              .toArray());
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
