package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message with a packet identifier on its way to the client (4.3). */
final class Inflight {
  static final Delivery NO_DELIVERY = new Delivery(Qos.AT_MOST_ONCE, false, List.of());

  /** What the client has told of it. */
  enum Phase {
    /** PUBLISH sent, or about to be. */
    PUBLISHED,
    /** QoS 2: PUBREC came, PUBREL sent. */
    RELEASED
  }

  final int packetId;
  final Qos qos;
  final @Nullable Message message;
  final Delivery delivery;

  /** The queue it came from; null: none, or it is kept apart from its queue by now. */
  @Nullable QueueReader reader;

  final long offset;

  /** Filter of the shared subscription that assigned it, or empty. */
  final String sharedFilter;

  Phase phase = Phase.PUBLISHED;

  /**
   * Whether a PUBLISH with this identifier may have reached a client before: the next one carries
   * DUP.
   */
  boolean sent;

  /** Whether it occupies the window of the present connection. */
  boolean inWindow;

  /** Whether its place in the queue is settled. */
  boolean settled;

  Inflight(
      int packetId,
      Qos qos,
      @Nullable Message message,
      Delivery delivery,
      @Nullable QueueReader reader,
      long offset,
      String sharedFilter) {
    this.packetId = packetId;
    this.qos = qos;
    this.message = message;
    this.delivery = delivery;
    this.reader = reader;
    this.offset = offset;
    this.sharedFilter = sharedFilter;
  }

  /** QoS 2 after PUBREC: only PUBREL is left to send. */
  static Inflight released(int packetId) {
    Inflight f = new Inflight(packetId, Qos.EXACTLY_ONCE, null, NO_DELIVERY, null, 0, "");
    f.phase = Phase.RELEASED;
    return f;
  }

  /** What it holds in memory. */
  int bytes() {
    return message == null ? 0 : message.sizeBytes();
  }

  boolean isShared() {
    return !sharedFilter.isEmpty();
  }
}
