package io.troupe.broker.wire;

import static io.troupe.broker.wire.Bytes.bytes;
import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.transport.TestCertificates;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same MQTT over TCP, TLS, WebSocket and secure WebSocket, in every version. */
class EveryTransportTest extends WireTest {
  private static BrokerUnderTest broker;
  private static SSLContext trust;

  /** The test runs once over each transport. */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest(name = "{0}")
  @EnumSource(WireTransport.class)
  @interface EachTransport {}

  @BeforeAll
  static void start(@TempDir Path dir) {
    var certificates = TestCertificates.make(dir, "server");
    trust = certificates.clientContext();
    broker =
        BrokerUnderTest.start(
            Map.of(
                "troupe.listeners.tls.port", 0,
                "troupe.listeners.tls.certificate-chain", certificates.certificate().toString(),
                "troupe.listeners.tls.private-key", certificates.key().toString(),
                "troupe.listeners.wss.port", 0,
                "troupe.listeners.wss.certificate-chain", certificates.certificate().toString(),
                "troupe.listeners.wss.private-key", certificates.key().toString()));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Override
  BrokerUnderTest broker() {
    return broker;
  }

  private WireClient connect(WireTransport transport, ConnectPacket connect) {
    var client = open(transport, trust, connect);
    client.expectConnack(0);
    return client;
  }

  private WireClient connect(WireTransport transport, Version version) {
    return connect(transport, fresh(version));
  }

  @EachTransport
  void aClientConnectsAndDisconnects(WireTransport transport) {
    for (Version version : Version.values()) {
      var client = connect(transport, version);
      client.ping();
      client.disconnect();
    }
  }

  @EachTransport
  void messagesOfEachQosArrive(WireTransport transport) {
    for (Version version : Version.values()) {
      var topic = freshTopic();
      var subscriber = connect(transport, version);
      var publisher = connect(transport, version);
      assertEquals(2, subscriber.subscribe(topic, 2));

      for (int qos = 0; qos <= 2; qos++) {
        publisher.publish(publish(topic, "q" + qos).qos(qos));

        assertEquals(qos, subscriber.receive("q" + qos).qos());
      }
    }
  }

  @EachTransport
  void aRetainedMessageArrives(WireTransport transport) {
    for (Version version : Version.values()) {
      var topic = freshTopic();
      connect(transport, version).publish(publish(topic, "kept").qos(1).retain());
      var subscriber = connect(transport, version);

      subscriber.subscribe(topic, 1);

      assertTrue(subscriber.receive("kept").retain());
    }
  }

  @EachTransport
  void theWillOfALostConnectionArrives(WireTransport transport) {
    for (Version version : Version.values()) {
      var topic = freshTopic();
      var watcher = connect(transport, version);
      watcher.subscribe(topic, 1);

      connect(transport, fresh(version).will(publish(topic, "lost").qos(1))).close();

      watcher.receive("lost");
    }
  }

  @EachTransport
  void aLargePayloadArrivesWhole(WireTransport transport) {
    byte[] payload = new byte[600_000];
    new Random(1).nextBytes(payload);
    for (Version version : Version.values()) {
      var topic = freshTopic();
      var subscriber = connect(transport, version);
      subscriber.subscribe(topic, 1);

      connect(transport, version).publish(publish(topic, payload).qos(1));

      var received = subscriber.receive();
      byte[] arrived = new byte[received.bytes().remaining()];
      received.bytes().duplicate().get(arrived);
      assertArrayEquals(payload, arrived);
    }
  }

  @EachTransport
  void aMalformedPacketEndsItsConnectionOnly(WireTransport transport) {
    for (Version version : Version.values()) {
      var other = connect(transport, version);
      var client = connect(transport, version);

      client.send(bytes(0x36, 4, 0, 1, 'a', 0).toArray()); // QoS 3

      client.expectClosed(0x81);
      other.ping();
    }
  }
}
