package io.troupe.broker.routing;

import io.troupe.protocol.session.QueuedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Which QoS 1 messages of a share group's queue a member may have got before: only their next copy
 * carries DUP (MQTT-3.3.1-1).
 *
 * <p>In one incarnation of the partition this is known of each message. For the next one it is
 * stored up to where messages may have been sent, ahead of what is sent, so that it costs an event
 * for {@value #AHEAD} messages; what is not used of that is taken back once messages wait.
 */
final class SentMarks {
  static final int AHEAD = 100;

  /** Offsets that a member went offline with. */
  private final TreeSet<Long> again = new TreeSet<>();

  private long storedBelow = 1;
  private long sentBelow = 1;

  /** Offsets below may have been sent by an earlier incarnation. */
  private long earlierBelow = 1;

  private boolean begun;
  private boolean quiet;

  /** It is stored that offsets below may have been sent. */
  long storedBelow() {
    return storedBelow;
  }

  /** What is stored says so. */
  void restore(long below) {
    storedBelow = below;
  }

  /** The queue's end is known: earlier incarnations sent nothing beyond. */
  void queueLoaded(long end) {
    if (!begun) {
      begun = true;
      earlierBelow = Math.min(storedBelow, end);
      sentBelow = earlierBelow;
    }
  }

  /** The queue is closed. */
  void reset() {
    again.clear();
    storedBelow = 1;
    sentBelow = 1;
    earlierBelow = 1;
    begun = false;
  }

  /**
   * An offset is about to be sent at QoS 1.
   *
   * @return what must be stored before, as {@link #storedBelow}; 0: nothing
   */
  long sending(long offset) {
    begun = true;
    quiet = false;
    sentBelow = Math.max(sentBelow, offset + 1);
    if (sentBelow <= storedBelow) {
      return 0;
    }
    storedBelow = sentBelow + AHEAD;
    return storedBelow;
  }

  /**
   * To be called now and then: what was stored ahead is taken back while messages wait that nobody
   * takes.
   *
   * @return what is to be stored, as {@link #storedBelow}; 0: nothing
   */
  long takeBack(long end) {
    boolean wait = quiet && sentBelow < end && sentBelow < storedBelow;
    quiet = true;
    if (!wait) {
      return 0;
    }
    storedBelow = sentBelow;
    return storedBelow;
  }

  /** A member went offline with it. */
  void add(long offset) {
    again.add(offset);
  }

  /** It is settled. */
  void remove(long offset) {
    again.remove(offset);
  }

  void removeBelow(long offset) {
    again.headSet(offset, false).clear();
  }

  /** Which of these a member may have got before. */
  List<Long> of(List<QueuedMessage> messages) {
    List<Long> found = List.of();
    for (QueuedMessage message : messages) {
      if (message.offset() < earlierBelow || again.contains(message.offset())) {
        found = found.isEmpty() ? new ArrayList<>() : found;
        found.add(message.offset());
      }
    }
    return found;
  }
}
