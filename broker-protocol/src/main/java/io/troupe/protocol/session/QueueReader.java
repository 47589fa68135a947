package io.troupe.protocol.session;

import io.troupe.protocol.packet.Qos;
import java.util.ArrayDeque;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * One durable queue as its session sees it: what was received of it and not sent yet, and what was
 * sent and not settled.
 *
 * <pre>
 *   settledBelow          next
 *   ----|--outstanding--|--buffer--|-- still in the queue
 * </pre>
 */
final class QueueReader {
  /** How messages come. */
  enum Mode {
    /** Stored messages are pushed. */
    IN_STEP,
    /** There is more in the queue than was taken; nothing is pushed. */
    BEHIND,
    /** A read is under way. */
    READING,
    /** Unsubscribed: all of the queue was taken; it is looked at again now and then. */
    AT_END
  }

  final String filter;
  final SessionState.Entry entry;
  final ArrayDeque<QueuedMessage> buffer = new ArrayDeque<>(0);
  final ArrayDeque<Inflight> outstanding = new ArrayDeque<>(0);

  /** Offsets with a packet identifier stored by an earlier incarnation of the session actor. */
  final NavigableMap<Long, Integer> assigned = new TreeMap<>();

  /** QoS 1 below: sent by an earlier incarnation, perhaps. */
  long dupBelow;

  /** What the broker received later was not. */
  private final long sentUntilMillis;

  /** QoS 2 below and not {@link #assigned}: complete. */
  final long completeBelow;

  Mode mode = Mode.BEHIND;

  /** Where the read under way begins. */
  long readFrom;

  /** When it was asked, milliseconds since the epoch. */
  long readAtMillis;

  /** When the read was asked that found an unsubscribed queue at its end; 0: none has. */
  long atEndMillis;

  /** When the message at the head of the buffer, or the last one sent, was received. */
  long seenMillis;

  /** Unsubscribed: whether other queues rely on this one. */
  boolean kept = true;

  /** Draining: nothing was left, and the queue was told so. */
  boolean leaving;

  long next;
  long settledBelow;
  long checkpointed;
  long reservedBelow;
  long bufferedBytes;
  int settledSinceCheckpoint;

  /** Of a new subscription. */
  QueueReader(SessionState.Entry entry) {
    this(entry, 0, 0, 0);
  }

  /** Of a subscription that an earlier incarnation of the session actor had. */
  QueueReader(SessionState.Entry entry, long sentUntilMillis) {
    this(entry, entry.sentBelow, entry.assignedBelow, sentUntilMillis);
  }

  private QueueReader(
      SessionState.Entry entry, long dupBelow, long completeBelow, long sentUntilMillis) {
    this.entry = entry;
    this.filter = entry.subscription.filter().text();
    this.next = entry.settledBelow;
    this.settledBelow = entry.settledBelow;
    this.checkpointed = entry.settledBelow;
    this.reservedBelow = entry.sentBelow;
    this.dupBelow = dupBelow;
    this.completeBelow = completeBelow;
    this.sentUntilMillis = sentUntilMillis;
  }

  /** A message came: from the first on that is too young, no earlier incarnation sent any. */
  void noteReceived(QueuedMessage m) {
    if (m.offset() < dupBelow && m.message().receivedAtMillis() > sentUntilMillis) {
      dupBelow = m.offset();
    }
  }

  /** All of the queue was taken; no earlier incarnation can have sent what comes from now on. */
  void inStep() {
    mode = Mode.IN_STEP;
    dupBelow = Math.min(dupBelow, next);
  }

  /** Forgets what was received and not sent: it will be read again. */
  void forgetBuffer() {
    if (!buffer.isEmpty()) {
      next = buffer.getFirst().offset();
      buffer.clear();
      bufferedBytes = 0;
    }
    mode = Mode.BEHIND;
  }

  /** A message that needs no acknowledgement of the client is done with. */
  void skip(long offset) {
    if (outstanding.isEmpty()) {
      settledBelow = offset + 1;
      settledSinceCheckpoint++;
    } else {
      Inflight done =
          new Inflight(0, Qos.AT_MOST_ONCE, null, Inflight.NO_DELIVERY, this, offset, "");
      done.settled = true;
      outstanding.add(done);
    }
  }

  /** The client has acknowledged a message; settles all up to the first that is still open. */
  void settle(Inflight inflight) {
    inflight.settled = true;
    while (!outstanding.isEmpty() && outstanding.getFirst().settled) {
      settledBelow = outstanding.removeFirst().offset + 1;
      settledSinceCheckpoint++;
    }
  }
}
