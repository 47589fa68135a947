package io.troupe.loadtest.overload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a broker's counters say. */
class BrokerGaugeTest {
  @Test
  void dropsAreReadByReasonAndAddedUp() throws Exception {
    String metrics =
        """
        mqtt_messages_dropped_total{node="a",reason="slow_consumer"} 7.0
        mqtt_messages_dropped_total{node="b",reason="slow_consumer"} 3.0
        mqtt_messages_dropped_total{node="a",reason="expired"} 2.0
        mqtt_connack_total{reason="success"} 12.0
        mqtt_connack_total{reason="banned"} 1.0
        mqtt_messages_received_total{node="a"} 9.0
        """;
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    server.createContext(
        "/metrics",
        exchange -> {
          byte[] body = metrics.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      URI admin = URI.create("http://127.0.0.1:" + server.getAddress().getPort());

      Map<String, Long> counters = new BrokerGauge(0, admin).counters();

      assertEquals(Map.of("slow_consumer", 10L, "expired", 2L, "connack banned", 1L), counters);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void onlyWhatGrewIsTold() {
    Map<String, Long> before = Map.of("slow_consumer", 4L, "expired", 2L);
    Map<String, Long> after = Map.of("slow_consumer", 10L, "expired", 2L, "overload", 1L);

    assertEquals(Map.of("slow_consumer", 6L, "overload", 1L), BrokerGauge.grown(before, after));
  }

  @Test
  void withoutAnAdministrationServerNothingIsKnown() throws Exception {
    assertEquals(Map.of(), new BrokerGauge(0, null).counters());
  }
}
