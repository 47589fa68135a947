package io.troupe.broker.connection;

import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.InboundFlow;
import java.util.List;

/**
 * A connection as its session sees it. Every method may be called from any thread, returns at once
 * and keeps the order of calls; what comes after the connection closed has no effect.
 */
public interface ConnectionPort {

  /**
   * Unique among the connections of this node's life; names the connection in every message to the
   * session.
   */
  long id();

  /** The session is attached: CONNACK goes out. */
  void attached(boolean sessionPresent);

  /** The session cannot be had: CONNACK with this code, then the connection closes. */
  void refused(ReasonCode reason);

  /** Sends application messages. */
  void deliver(OutboundBatch batch);

  /** Sends a packet of the session: SUBACK, UNSUBACK, PUBREL, PUBCOMP. */
  void send(Packet packet);

  /**
   * QoS 2 PUBLISHes were admitted and may be routed.
   *
   * @param settledBelow sequences of this client below are settled
   */
  void admitted(List<InboundFlow.Admission> admissions, long settledBelow);

  /**
   * The session has seen to this many acknowledgements of the client: it may send more. A
   * connection that is not told goes on by itself after some seconds.
   */
  void handled(int acknowledgements);

  /** Closes, with DISCONNECT to a 5.0 client. */
  void close(ReasonCode reason);

  /** The session has nothing to do with the connection any more. */
  default void released() {}

  /**
   * Whether the socket does not keep up: QoS 0 messages are dropped (and counted) rather than
   * queued.
   */
  boolean isCongested();
}
