package io.troupe.protocol.transport;

import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ProtocolViolation;
import org.jspecify.annotations.Nullable;

/**
 * What the broker does with one connection. All methods run on the connection's event loop; one
 * read cycle is any number of {@link #onPacket} followed by one {@link #onReadComplete}.
 */
public interface ConnectionHandler {

  /** A well-formed packet, in the order of the bytes. */
  void onPacket(Packet packet);

  /** The socket has no more bytes for now: work gathered from this read cycle should leave. */
  void onReadComplete();

  /**
   * The peer broke the protocol; no further packet will come. The handler answers (CONNACK,
   * DISCONNECT); afterwards the connection is closed.
   */
  void onProtocolViolation(ProtocolViolation violation);

  /** The outbound buffer crossed its high (false) or low (true) water mark. */
  void onWritabilityChanged(boolean writable);

  /** The connection is gone; called once. No write has an effect any more. */
  void onClosed();

  /**
   * Makes the handler of a new connection; called on its event loop as soon as its socket is
   * accepted: a TLS or WebSocket handshake is to come, and may never end.
   */
  interface Factory {
    /** Null: the connection is not wanted, and is closed without a word. */
    @Nullable ConnectionHandler accept(MqttConnection connection);
  }
}
