package io.troupe.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Paho's Java client for 5.0. */
class PahoV5Test extends ClientsTest {
  private final BlockingQueue<MqttMessage> received = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> disconnects = new LinkedBlockingQueue<>();

  private final List<MqttClient> clients = new ArrayList<>();

  private MqttClient client(String id) throws MqttException {
    var client = new MqttClient("tcp://127.0.0.1:" + port(), id, new MemoryPersistence());
    client.setTimeToWait(20_000);
    client.setCallback(new Collector());
    clients.add(client);
    return client;
  }

  @AfterEach
  void closeClients() throws MqttException {
    for (MqttClient client : clients) {
      client.close(true);
    }
  }

  private final class Collector implements MqttCallback {
    @Override
    public void disconnected(MqttDisconnectResponse response) {
      disconnects.add(response.getReturnCode());
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      received.add(message);
    }

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }

  private static MqttConnectionOptions session(long expirySeconds, boolean clean) {
    var options = new MqttConnectionOptions();
    options.setAutomaticReconnect(false);
    options.setCleanStart(clean);
    options.setSessionExpiryInterval(expirySeconds);
    return options;
  }

  private static MqttMessage message(String payload, int qos) {
    return new MqttMessage(payload.getBytes(StandardCharsets.UTF_8), qos, false, null);
  }

  private MqttMessage receive(String payload) throws InterruptedException {
    MqttMessage message = received.poll(60, TimeUnit.SECONDS);
    assertEquals(payload, message == null ? null : message.toString());
    return message;
  }

  @Test
  void publishAndSubscribeAtEachQos() throws Exception {
    String topic = fresh("paho5/");
    var client = client(fresh("p5"));
    client.connect(session(0, true));
    for (int qos = 0; qos <= 2; qos++) {
      client.subscribe(topic + "/" + qos, qos);
      client.publish(topic + "/" + qos, message("m" + qos, qos));
      assertEquals(qos, receive("m" + qos).getQos());
    }
    client.disconnect();
  }

  @Test
  void propertiesTravelWithTheMessage() throws Exception {
    String topic = fresh("paho5/");
    var client = client(fresh("p5"));
    client.connect(session(0, true));
    client.subscribe(topic, 1);
    var properties = new MqttProperties();
    properties.setContentType("text/plain");
    properties.setResponseTopic("answer/here");
    properties.setCorrelationData(new byte[] {1, 2, 3});
    properties.setUserProperties(List.of(new UserProperty("b", "1"), new UserProperty("a", "2")));
    var message = message("m", 1);
    message.setProperties(properties);

    client.publish(topic, message);

    var got = receive("m").getProperties();
    assertEquals("text/plain", got.getContentType());
    assertEquals("answer/here", got.getResponseTopic());
    assertEquals(3, got.getCorrelationData().length);
    assertEquals("b", got.getUserProperties().get(0).getKey());
    assertEquals("a", got.getUserProperties().get(1).getKey());
    client.disconnect();
  }

  @Test
  void aSessionKeepsMessagesInOrder() throws Exception {
    String topic = fresh("paho5/");
    String id = fresh("p5");
    var away = client(id);
    var publisher = client(fresh("p5"));
    away.connect(session(600, true));
    away.subscribe(topic, 2);
    away.disconnect();
    publisher.connect(session(0, true));
    for (int i = 0; i < 50; i++) {
      publisher.publish(topic, message("m" + i, 1));
    }
    publisher.disconnect();

    var again = client(id);
    assertTrue(again.connectWithResult(session(600, false)).getSessionPresent());
    for (int i = 0; i < 50; i++) {
      assertFalse(receive("m" + i).isDuplicate());
    }
    again.disconnect();
  }

  @Test
  void aTakeoverIsToldWithItsReason() throws Exception {
    String id = fresh("p5");
    var first = client(id);
    first.connect(session(0, true));
    var second = client(id);
    second.connect(session(0, true));

    Integer reason = disconnects.poll(60, TimeUnit.SECONDS);

    assertNotNull(reason);
    assertEquals(0x8E, reason);
    second.disconnect();
  }
}
