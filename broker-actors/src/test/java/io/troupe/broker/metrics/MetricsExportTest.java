package io.troupe.broker.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.transport.Transport;
import java.time.Duration;
import kamon.Kamon;
import kamon.metric.Counter;
import kamon.metric.Distribution;
import kamon.metric.Instrument;
import kamon.metric.MeasurementUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsExportTest {
  private final BrokerMetrics metrics = new BrokerMetrics();
  private final MetricsExport export = MetricsExport.start(metrics, "test", Duration.ofHours(1));

  @AfterEach
  void close() {
    export.close();
  }

  @Test
  void countersGetWhatWasCountedSinceTheLastTime() {
    Counter received = Kamon.counter("mqtt.messages.received").withTag("qos", "1");
    Counter publishes = Kamon.counter("mqtt.packets.received").withTag("type", "publish");
    read(received);
    read(publishes);
    metrics.received(Qos.AT_LEAST_ONCE, 100);
    metrics.received(Qos.AT_LEAST_ONCE, 100);

    export.sample();

    assertEquals(2.0, read(received));
    assertEquals(2.0, read(publishes));
    export.sample();
    assertEquals(0.0, read(received));
  }

  @Test
  void labelsComeFromClosedLists() {
    Counter dropped = Kamon.counter("mqtt.messages.dropped").withTag("reason", "expired");
    Counter connack = Kamon.counter("mqtt.connack").withTag("reason", "not_authorized");
    read(dropped);
    read(connack);
    metrics.dropped(DropReason.EXPIRED, 3);
    metrics.connack(ReasonCode.NOT_AUTHORIZED, 1_000_000);

    export.sample();

    assertEquals(3.0, read(dropped));
    assertEquals(1.0, read(connack));
  }

  @Test
  void gaugesGetThePresentValue() {
    var connections =
        Kamon.gauge("mqtt.connections").withTag("transport", "tcp").withTag("version", "5.0");
    metrics.connectionOpened(Transport.TCP, ProtocolVersion.V5);
    metrics.connectionOpened(Transport.TCP, ProtocolVersion.V5);
    metrics.connectionClosed(Transport.TCP, ProtocolVersion.V5, DisconnectReason.CONNECTION_LOST);

    export.sample();

    assertEquals(1.0, read(connections));
  }

  @Test
  void publishersThatWaitForTheStoreAreCounted() {
    Counter pauses = Kamon.counter("broker.store.pauses").withoutTags();
    var waiting = Kamon.gauge("broker.store.waiting.bytes").withoutTags();
    read(pauses);
    metrics.pausedForStore();
    metrics.waitingForStore(() -> 4_096);

    export.sample();

    assertEquals(1.0, read(pauses));
    assertEquals(4_096.0, read(waiting));
  }

  @Test
  void publishersThatWaitForASessionAreCounted() {
    Counter pauses = Kamon.counter("broker.mailbox.pauses").withoutTags();
    var undelivered = Kamon.gauge("broker.undelivered.bytes").withoutTags();
    read(pauses);
    metrics.pausedForSession();
    metrics.waitingForSessions(() -> 4_097);

    export.sample();

    assertEquals(1.0, read(pauses));
    assertEquals(4_097.0, read(undelivered));
  }

  @Test
  void connectionsWithoutAcceptedCredentialsAreShown() {
    var unauthenticated = Kamon.gauge("broker.unauthenticated.connections").withoutTags();
    metrics.unauthenticated(() -> 7);
    var connecting = Kamon.gauge("broker.connecting.clients").withoutTags();
    metrics.connecting(() -> 3);

    export.sample();

    assertEquals(7.0, read(unauthenticated));
    assertEquals(3.0, read(connecting));
  }

  @Test
  void batchesBetweenNodesAreCountedByDirectionOnly() {
    var bytes = MeasurementUnit.information().bytes();
    Counter sent = Kamon.counter("broker.link", bytes).withTag("direction", "sent");
    Counter broken = Kamon.counter("broker.link.broken").withTag("direction", "received");
    var waiting = Kamon.gauge("broker.link.waiting.items").withoutTags();
    read(sent);
    read(broken);
    metrics.links().of(LinkMetrics.Direction.SENT).batch(300, 5);
    metrics.links().of(LinkMetrics.Direction.RECEIVED).broken().increment();
    metrics.links().waiting(() -> 7, () -> 700, () -> 600);

    export.sample();

    assertEquals(300.0, read(sent));
    assertEquals(1.0, read(broken));
    assertEquals(7.0, read(waiting));
  }

  @Test
  void bytesOfListenersAreCounted() {
    var bytes = MeasurementUnit.information().bytes();
    Counter received = Kamon.counter("mqtt.network.received", bytes).withTag("transport", "tcp");
    read(received);
    metrics.network(Transport.TCP, () -> 77, () -> 0);

    export.sample();

    assertEquals(77.0, read(received));
  }

  @Test
  void distributionsKeepCountAndMagnitude() {
    var nanoseconds = MeasurementUnit.time().nanoseconds();
    var acknowledged =
        Kamon.histogram("mqtt.publish.ack.duration", nanoseconds).withTag("qos", "1");
    snapshot(acknowledged);
    for (int i = 0; i < 100; i++) {
      metrics.publishAcknowledged(Qos.AT_LEAST_ONCE, 1_000_000);
    }

    export.sample();

    Distribution distribution = (Distribution) snapshot(acknowledged);
    assertEquals(100, distribution.count());
    assertTrue(Math.abs(distribution.max() - 1_000_000) < 80_000, "max " + distribution.max());
  }

  private static double read(Object instrument) {
    return ((Number) snapshot(instrument)).doubleValue();
  }

  /** What a reporter would get now; counters begin anew. */
  private static Object snapshot(Object instrument) {
    return ((Instrument.Snapshotting<?>) instrument).snapshot(true);
  }
}
