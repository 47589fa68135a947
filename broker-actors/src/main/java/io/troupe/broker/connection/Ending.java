package io.troupe.broker.connection;

import io.troupe.broker.connection.ClientConnection.State;
import io.troupe.broker.metrics.DisconnectReason;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.transport.MqttConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one connection ends, and who is told: the client, its session, the metrics. Owned by the
 * connection's event loop.
 */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

  private final ClientConnection connection;
  private final ConnectionSurroundings surroundings;
  private DisconnectReason reason = DisconnectReason.CONNECTION_LOST;
  private boolean withWill = true;
  private long newExpirySeconds = -1;
  private boolean detached;

  Ending(ClientConnection connection, ConnectionSurroundings surroundings) {
    this.connection = connection;
    this.surroundings = surroundings;
  }

  void onViolation(ProtocolViolation violation) {
    surroundings.metrics().protocolError(violation.reasonCode());
    LOG.debug(
        "{}: {} [{}] {}",
        connection,
        violation.reasonCode(),
        violation.statement(),
        violation.detail());
    if (connection.state() == State.EXPECT_CONNECT) {
      boolean told =
          violation.reasonCode() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION
              || violation.reasonCode() == ReasonCode.CLIENT_IDENTIFIER_NOT_VALID
              || isV5();
      if (told) {
        refuse(violation.reasonCode(), violation.detail());
      }
    }
    if (connection.state() == State.CONNECTED) {
      connection.sendGathered();
    }
    close(violation.reasonCode(), violation.detail());
  }

  private boolean isV5() {
    MqttConnection mqtt = connection.mqtt();
    return mqtt.version() != null && mqtt.version().isV5();
  }

  void onDisconnect(Disconnect disconnect) {
    Handshake client = connection.handshake();
    if (client != null
        && disconnect.sessionExpirySeconds() > 0
        && client.connect().sessionExpirySeconds() == 0) {
      // an expiry cannot be had afterwards (MQTT-3.1.2-11 of the properties, 3.14.2.2.2)
      close(ReasonCode.PROTOCOL_ERROR, "session expiry was 0 in CONNECT");
      return;
    }
    connection.sendGathered();
    withWill = disconnect.reason() != ReasonCode.SUCCESS;
    if (disconnect.sessionExpirySeconds() >= 0) {
      newExpirySeconds =
          Math.min(
              disconnect.sessionExpirySeconds(), surroundings.mqtt().sessionExpiryMaxSeconds());
    }
    end(
        disconnect.reason() == ReasonCode.SUCCESS
            ? DisconnectReason.CLIENT_DISCONNECTED
            : disconnect.reason() == ReasonCode.DISCONNECT_WITH_WILL_MESSAGE
                ? DisconnectReason.CLIENT_DISCONNECTED_WITH_WILL
                : DisconnectReason.CLIENT_REPORTED_ERROR,
        null);
  }

  /** CONNACK with a failure, then the end. */
  void refuse(ReasonCode code, @Nullable String detail) {
    if (connection.isClosed()) {
      return;
    }
    Handshake client = connection.handshake();
    boolean explained = isV5() && (client == null || client.connect().requestProblemInformation());
    connection.writeConnack(Connacks.refused(code, explained, detail));
    reason = DisconnectReason.of(code);
    connection.takeNoMore();
    connection.mqtt().flush();
    connection.mqtt().close();
  }

  /** Closes with a reason; a 5.0 client is told with DISCONNECT (MQTT-4.13.2-1). */
  void close(ReasonCode code, @Nullable String detail) {
    Handshake client = connection.handshake();
    if (connection.state() == State.CONNECTING) {
      refuse(code, detail);
      return;
    }
    Disconnect disconnect = null;
    if (connection.state() == State.CONNECTED
        && client != null
        && client.connect().version().isV5()) {
      String why = detail == null ? ReasonText.of(code) : detail;
      disconnect =
          new Disconnect(
              code,
              -1,
              client.connect().requestProblemInformation() ? why : null,
              code == ReasonCode.USE_ANOTHER_SERVER ? surroundings.serverReference() : null,
              List.of());
    }
    end(DisconnectReason.of(code), disconnect);
  }

  void refuseOrClose(ReasonCode code) {
    if (connection.state() == State.CONNECTED) {
      close(code, null);
    } else {
      refuse(code, null);
    }
  }

  void end(DisconnectReason why, @Nullable Disconnect disconnect) {
    reason = why;
    if (disconnect != null) {
      connection.write(disconnect);
    }
    connection.mqtt().flush();
    detach(); // before the client can see the end and come back
    connection.mqtt().close();
  }

  /**
   * The broker failed with this connection, or its client takes nothing: at once, without a word.
   */
  void abort(DisconnectReason why) {
    reason = why;
    connection.mqtt().abort();
  }

  /** The socket is closed. */
  void onClosed(State before) {
    Handshake client = connection.handshake();
    boolean wasConnected = before == State.CONNECTED;
    if (wasConnected) {
      connection.sendGathered();
    }
    detach();
    if (wasConnected && client != null) {
      LOG.debug("{} closed: {}", connection, reason);
      surroundings
          .metrics()
          .connectionClosed(connection.mqtt().transport(), client.connect().version(), reason);
    }
  }

  /** Tells the session, once, that this connection is of no more use. */
  private void detach() {
    Handshake client = connection.handshake();
    if (client != null && client.isAttached() && !detached) {
      detached = true;
      connection.tellSession(
          new ClientSessionActor.Detach(connection.id(), withWill, newExpirySeconds));
    }
  }
}
