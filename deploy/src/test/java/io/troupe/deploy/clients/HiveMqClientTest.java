package io.troupe.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The HiveMQ client, which checks what the broker sends strictly, over TCP and WebSocket. */
class HiveMqClientTest extends ClientsTest {

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Mqtt5BlockingClient v5(String id) {
    return MqttClient.builder()
        .useMqttVersion5()
        .identifier(id)
        .serverHost("127.0.0.1")
        .serverPort(port())
        .buildBlocking();
  }

  private static Mqtt3BlockingClient v3(String id) {
    return MqttClient.builder()
        .useMqttVersion3()
        .identifier(id)
        .serverHost("127.0.0.1")
        .serverPort(port())
        .buildBlocking();
  }

  @ParameterizedTest
  @EnumSource(MqttQos.class)
  void version5PublishesAndSubscribes(MqttQos qos) throws Exception {
    String topic = fresh("hive5/");
    var client = v5(fresh("h5"));
    client.connect();
    try (var publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
      client.subscribeWith().topicFilter(topic).qos(qos).send();

      client.publishWith().topic(topic).qos(qos).payload(utf8("m")).contentType("a/b").send();

      Mqtt5Publish got = publishes.receive(60, TimeUnit.SECONDS).orElseThrow();
      assertArrayEquals(utf8("m"), got.getPayloadAsBytes());
      assertEquals(qos, got.getQos());
      assertEquals("a/b", got.getContentType().orElseThrow().toString());
    }
    client.disconnect();
  }

  @ParameterizedTest
  @EnumSource(MqttQos.class)
  void version3PublishesAndSubscribes(MqttQos qos) throws Exception {
    String topic = fresh("hive3/");
    var client = v3(fresh("h3"));
    client.connect();
    try (var publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
      client.subscribeWith().topicFilter(topic).qos(qos).send();

      client.publishWith().topic(topic).qos(qos).payload(utf8("m")).send();

      var got = publishes.receive(60, TimeUnit.SECONDS).orElseThrow();
      assertArrayEquals(utf8("m"), got.getPayloadAsBytes());
      assertEquals(qos, got.getQos());
    }
    client.disconnect();
  }

  @Test
  void aSessionKeepsMessages() throws Exception {
    String topic = fresh("hive5/");
    String id = fresh("h5");
    var away = v5(id);
    away.connectWith().sessionExpiryInterval(600).send();
    away.subscribeWith().topicFilter(topic).qos(MqttQos.EXACTLY_ONCE).send();
    away.disconnect();
    var publisher = v5(fresh("h5"));
    publisher.connect();
    for (int i = 0; i < 20; i++) {
      publisher.publishWith().topic(topic).qos(MqttQos.EXACTLY_ONCE).payload(utf8("m" + i)).send();
    }
    publisher.disconnect();

    var again = v5(id);
    try (var publishes = again.publishes(MqttGlobalPublishFilter.ALL)) {
      var connack = again.connectWith().cleanStart(false).sessionExpiryInterval(600).send();
      assertTrue(connack.isSessionPresent());
      for (int i = 0; i < 20; i++) {
        var got = publishes.receive(60, TimeUnit.SECONDS).orElseThrow();
        assertArrayEquals(utf8("m" + i), got.getPayloadAsBytes());
        assertFalse(got.isRetain());
      }
    }
    again.disconnect();
  }

  @Test
  void manyMessagesThroughASmallWindow() throws Exception {
    String topic = fresh("hive5/");
    var client = v5(fresh("h5"));
    client.connectWith().restrictions().receiveMaximum(3).applyRestrictions().send();
    try (var publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
      client.subscribeWith().topicFilter(topic).qos(MqttQos.AT_LEAST_ONCE).send();
      for (int i = 0; i < 100; i++) {
        client
            .toAsync()
            .publishWith()
            .topic(topic)
            .qos(MqttQos.AT_LEAST_ONCE)
            .payload(utf8("m" + i))
            .send();
      }
      for (int i = 0; i < 100; i++) {
        var got = publishes.receive(60, TimeUnit.SECONDS).orElseThrow();
        assertArrayEquals(utf8("m" + i), got.getPayloadAsBytes());
      }
    }
    client.disconnect();
  }
}
