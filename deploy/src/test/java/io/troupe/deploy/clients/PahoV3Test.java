package io.troupe.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paho's Java client for 3.1 and 3.1.1. */
class PahoV3Test extends ClientsTest {
  private final BlockingQueue<MqttMessage> received = new LinkedBlockingQueue<>();

  private static MqttClient client(String id) throws MqttException {
    var client = new MqttClient("tcp://127.0.0.1:" + port(), id, new MemoryPersistence());
    client.setTimeToWait(20_000);
    return client;
  }

  private static MqttConnectOptions options(int version, boolean clean) {
    var options = new MqttConnectOptions();
    options.setMqttVersion(version);
    options.setCleanSession(clean);
    return options;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private MqttMessage receive(String payload) throws InterruptedException {
    MqttMessage message = received.poll(60, TimeUnit.SECONDS);
    assertEquals(payload, message == null ? null : message.toString());
    return message;
  }

  @ParameterizedTest
  @ValueSource(ints = {MqttConnectOptions.MQTT_VERSION_3_1, MqttConnectOptions.MQTT_VERSION_3_1_1})
  void publishAndSubscribeAtEachQos(int version) throws Exception {
    String topic = fresh("paho3/");
    try (var client = client(fresh("p3"))) {
      client.connect(options(version, true));
      for (int qos = 0; qos <= 2; qos++) {
        client.subscribe(topic + "/" + qos, qos, (name, message) -> received.add(message));
        client.publish(topic + "/" + qos, utf8("m" + qos), qos, false);
        assertEquals(qos, receive("m" + qos).getQos());
      }
      client.unsubscribe(topic + "/0");
      client.disconnect();
    }
  }

  @Test
  void aSessionKeepsMessagesInOrder() throws Exception {
    String topic = fresh("paho3/");
    String id = fresh("p3");
    var options = options(MqttConnectOptions.MQTT_VERSION_3_1_1, false);
    try (var away = client(id);
        var publisher = client(fresh("p3"))) {
      away.connect(options);
      away.subscribe(topic, 2);
      away.disconnect();
      publisher.connect();
      for (int i = 0; i < 50; i++) {
        publisher.publish(topic, utf8("m" + i), 1, false);
      }
      publisher.disconnect();
    }
    try (var again = client(id)) {
      again.setCallback(new Collector());
      assertTrue(again.connectWithResult(options).getSessionPresent());
      for (int i = 0; i < 50; i++) {
        assertFalse(receive("m" + i).isDuplicate());
      }
      again.disconnect();
    }
  }

  private final class Collector implements org.eclipse.paho.client.mqttv3.MqttCallback {
    @Override
    public void connectionLost(Throwable cause) {}

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      received.add(message);
    }

    @Override
    public void deliveryComplete(org.eclipse.paho.client.mqttv3.IMqttDeliveryToken token) {}
  }

  @Test
  void theWillOfALostClientIsPublished() throws Exception {
    String topic = fresh("paho3/");
    try (var watcher = client(fresh("p3"))) {
      watcher.connect();
      watcher.subscribe(topic, 1, (name, message) -> received.add(message));
      var victim = client(fresh("p3"));
      var options = options(MqttConnectOptions.MQTT_VERSION_3_1_1, true);
      options.setWill(topic, utf8("gone"), 1, false);
      victim.connect(options);

      victim.disconnectForcibly(0, 1000, false);

      receive("gone");
      victim.close(true);
      watcher.disconnect();
    }
  }

  @Test
  void aRefusedSubscriptionIsAnError() throws Exception {
    try (var client = client(fresh("p3"))) {
      client.connect();
      assertThrows(MqttException.class, () -> client.subscribe("/".repeat(200), 1));
      client.disconnect();
    }
  }
}
