package io.troupe.broker.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.transport.Transport;
import org.junit.jupiter.api.Test;

class BrokerMetricsTest {
  private final BrokerMetrics metrics = new BrokerMetrics();

  @Test
  void connectionsAreThoseAcceptedAndNotYetClosed() {
    metrics.socketOpened(Transport.TCP);
    metrics.socketOpened(Transport.WSS);
    metrics.connectionOpened(Transport.TCP, ProtocolVersion.V5);
    metrics.connectionOpened(Transport.WSS, ProtocolVersion.V3_1_1);

    metrics.connectionClosed(
        Transport.TCP, ProtocolVersion.V5, DisconnectReason.CLIENT_DISCONNECTED);

    assertEquals(2, metrics.totals().socketsOpened());
    assertEquals(1, metrics.totals().connections());
    assertEquals(2, metrics.totals().connectionsMax());
  }

  @Test
  void aConnectionThatWasNeverAcceptedIsNotCountedWhenItCloses() {
    metrics.socketOpened(Transport.TCP);

    metrics.connectionClosed(Transport.TCP, null, DisconnectReason.CONNECT_TIMEOUT);

    assertEquals(0, metrics.totals().connections());
  }

  @Test
  void aPublishCountsAsMessageAndAsPacket() {
    metrics.packetReceived(1);
    metrics.received(Qos.AT_LEAST_ONCE, 100);
    metrics.received(Qos.AT_MOST_ONCE, 0);
    metrics.sent(Qos.AT_MOST_ONCE, 100);

    Totals totals = metrics.totals();

    assertEquals(2, totals.messagesReceived());
    assertEquals(3, totals.packetsReceived());
    assertEquals(1, totals.connectPacketsReceived());
    assertEquals(100, totals.payloadBytesReceived());
    assertEquals(1, totals.packetsSent());
  }

  @Test
  void droppedMessagesAreCountedByReason() {
    metrics.dropped(DropReason.QUEUE_FULL, 3);
    metrics.dropped(DropReason.EXPIRED, 2);

    Totals totals = metrics.totals();

    assertEquals(3, totals.dropped().get(DropReason.QUEUE_FULL));
    assertEquals(0, totals.dropped().get(DropReason.OVERLOAD));
    assertEquals(5, totals.droppedMessages());
  }

  @Test
  void aPartitionThatLeavesTheNodeTakesItsNumbersAlong() {
    metrics.subscriptions(0, 5, 1, 0);
    metrics.subscriptions(7, 1, 1, 1);

    metrics.subscriptions(0, 0, 0, 0);

    assertEquals(3, metrics.totals().subscriptions());
  }

  @Test
  void everyErrorCodeHasADisconnectReason() {
    for (ReasonCode code : ReasonCode.values()) {
      if (code.isError()) {
        assertNotNull(DisconnectReason.of(code));
      }
    }
  }
}
