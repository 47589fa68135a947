package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Will;

/**
 * What the session core asks of its surroundings during one command. The shell stores the events,
 * then performs the rest in order; a session that ends with its connection applies the events
 * without storing them.
 */
public interface Effects {

  /** The time of this command, milliseconds since the epoch. */
  long nowMillis();

  /**
   * Publishes the will; {@link Session#willPublished} is called when that is safe.
   *
   * @param sequence names this publication: a repeated one is recognised
   * @param retry whether an earlier attempt may have succeeded
   */
  void publishWill(Will will, long sequence, boolean retry);

  /** The session ends: its subscription goes, before that is stored. */
  void unsubscribe(Subscription subscription);

  /**
   * Stores and applies the event before anything else asked for in this command happens. Events are
   * stored in the order they are given, those of {@link #persistLater} included.
   */
  void persist(SessionEvent event);

  /**
   * Stores the event with the next ones that must be stored anyway: losing it in a crash does no
   * harm.
   */
  void persistLater(SessionEvent event);

  /**
   * Whether the client may have this message now: rights at the time of delivery, Maximum Packet
   * Size. Counts refusals.
   */
  boolean mayDeliver(Message message, Delivery delivery);

  /** Whether the client has the right to this message now; counts nothing. */
  boolean isAuthorized(Message message);

  /**
   * Sends PUBLISH.
   *
   * @param packetId 0 for QoS 0
   */
  void publish(Message message, Delivery delivery, int packetId, boolean dup);

  /**
   * Whether the connection takes more messages that nobody acknowledges now. If not, {@link
   * OutboundFlow#pump} is called again a little later.
   */
  boolean isFlowing();

  /** Sends PUBREL. */
  void pubrel(int packetId, ReasonCode reason);

  /** Asks a queue for messages from an offset on. */
  void read(String filter, long fromOffset);

  /** Tells a queue to push nothing for now. */
  void pause(String filter);

  /**
   * Tells a queue that this subscription of QoS 0 does not read it any more; {@link
   * OutboundFlow#onQueueLeft} is called when nothing comes from it.
   */
  void leaveQueue(Subscription subscription);

  /** Tells a queue that all offsets below are settled. */
  void settled(String filter, long below);

  /** Tells a shared subscription's queue that this member settled an offset. */
  void sharedSettled(String filter, long offset);

  /** Tells a shared subscription's queue that this member may not have the message of an offset. */
  void sharedRefused(String filter, long offset);

  /** Counts messages that this session will not get. */
  void dropped(DropCause cause, int messages);

  /** Why a session drops a message. */
  enum DropCause {
    EXPIRED,
    PENDING_FULL,
    QUEUE_FULL
  }
}
