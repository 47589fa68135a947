package io.troupe.broker.connection;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way into the broker, until all who must store it have answered. Owned by one
 * event loop.
 */
final class Inbound {
  final @Nullable ClientConnection connection;
  final @Nullable Consumer<ReasonCode> done;
  final Message message;

  /** Packet identifier to acknowledge, or 0. */
  final int packetId;

  /**
   * QoS 2 and wills: number of the message from its client, so that a repeated one is recognised;
   * 0: none.
   */
  final long sequence;

  final long settledBelow;
  final boolean retry;

  /** When its packet was read, if it is to be acknowledged. */
  final long readNanos;

  /** Answers still awaited. */
  int open;

  ReasonCode result = ReasonCode.SUCCESS;

  /** No acknowledgement may be sent: something that must be stored was not. */
  boolean failed;

  boolean complete;

  private Inbound(
      @Nullable ClientConnection connection,
      @Nullable Consumer<ReasonCode> done,
      Message message,
      int packetId,
      long sequence,
      long settledBelow,
      boolean retry) {
    this.connection = connection;
    this.done = done;
    this.message = message;
    this.packetId = packetId;
    this.sequence = sequence;
    this.settledBelow = settledBelow;
    this.retry = retry;
    readNanos = packetId == 0 ? 0 : System.nanoTime();
  }

  /** A PUBLISH of QoS 0 or 1. */
  static Inbound of(ClientConnection connection, Message message, int packetId) {
    return new Inbound(connection, null, message, packetId, 0, 0, false);
  }

  /** An admitted PUBLISH of QoS 2. */
  static Inbound exactlyOnce(
      ClientConnection connection,
      Message message,
      int packetId,
      long sequence,
      long settledBelow,
      boolean retry) {
    return new Inbound(connection, null, message, packetId, sequence, settledBelow, retry);
  }

  /** A message of the broker itself: a will, {@code $SYS}, REST. */
  static Inbound internal(
      Message message, long sequence, boolean retry, Consumer<ReasonCode> done) {
    return new Inbound(null, done, message, 0, sequence, 0, retry);
  }
}
