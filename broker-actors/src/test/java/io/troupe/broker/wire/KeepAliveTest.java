package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.time.Duration;

/** Keep Alive and PINGREQ. */
class KeepAliveTest extends WireTest {

  @EachVersion
  @Statement(v311 = "MQTT-3.12.4-1", v5 = "MQTT-3.12.4-1")
  void pingreqIsAnswered(Version version) {
    var client = connect(version);

    client.ping();
    client.ping();
  }

  @EachVersion
  @Statement(
      v311 = "MQTT-3.1.2-24",
      v5 = {"MQTT-3.1.2-22", "MQTT-3.2.2-22", "MQTT-3.14.2-1"})
  @Promise("I15")
  void aSilentClientIsClosedAfterOneAndAHalfTimesKeepAlive(Version version) {
    long start = System.nanoTime();
    var client = connect(fresh(version).keepAlive(1));

    client.expectClosed(0x8D);

    // Not before; that it is not later is tested in KeepAliveClockTest.
    var waited = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(waited.compareTo(Duration.ofMillis(1500)) >= 0, waited::toString);
  }

  @EachVersion
  @Statement(v311 = "MQTT-3.1.2-24", v5 = "MQTT-3.1.2-22")
  @Promise("I7")
  void theLossPublishesTheWill(Version version) {
    var topic = freshTopic();
    var subscriber = connect(version);
    subscriber.subscribe(topic, 0);
    connect(fresh(version).keepAlive(1).will(publish(topic, "silent")));

    subscriber.receive("silent");
  }

  /** Half open: nothing tells that the client cannot be reached, but that it says nothing. */
  @EachVersion
  @Promise("I24")
  void whatASilentClientWasSentWaitsForItsReturn(Version version) {
    var topic = freshTopic();
    var client = connect(fresh(version).persistent());
    client.subscribe(topic, 2);
    client.disconnect();
    var silent = connect(new ConnectPacket(version, client.clientId).persistent().keepAlive(1));
    var publisher = connect(version);
    for (int i = 0; i < 5; i++) {
      publisher.publish(publish(topic, "m" + i).qos(1 + i % 2));
    }
    silent.expectEnd();

    var again = connect(new ConnectPacket(version, client.clientId).persistent());

    assertTrue(again.connack().sessionPresent());
    for (int i = 0; i < 5; i++) {
      again.receive("m" + i);
    }
  }

  @EachVersion
  @Statement(v5 = "MQTT-3.2.2-22")
  void zeroTurnsItOff(Version version) {
    var client = connect(fresh(version).keepAlive(0));
    var closedByKeepAlive = connect(fresh(version).keepAlive(1));

    closedByKeepAlive.expectClosed(0x8D);

    client.ping();
  }
}
