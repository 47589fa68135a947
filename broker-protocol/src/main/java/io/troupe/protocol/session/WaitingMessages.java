package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Messages that wait in memory for the window: those that are in no queue of this session, and
 * those that a shared subscription assigned to it.
 */
final class WaitingMessages {
  /**
   * A message with its delivery.
   *
   * @param sharedFilter of the shared subscription that assigned it, or empty
   * @param offset in the queue of the shared subscription
   * @param dup whether this client may have got it before
   */
  record Waiting(
      Message message, Delivery delivery, String sharedFilter, long offset, boolean dup) {
    Qos qos() {
      return message.qos().min(delivery.qos());
    }

    boolean isShared() {
      return !sharedFilter.isEmpty();
    }
  }

  private final SessionLimits limits;
  private final ArrayDeque<Waiting> messages = new ArrayDeque<>(0);
  private long bytes;

  /** Assigned by shared subscriptions whose SUBSCRIBE is not complete. */
  private Map<String, List<QueuedMessage>> early = Collections.emptyMap();

  WaitingMessages(SessionLimits limits) {
    this.limits = limits;
  }

  /**
   * False if the limit is reached. What a shared subscription assigned is bounded by its credit.
   */
  boolean offer(Waiting w) {
    boolean full =
        messages.size() >= limits.pendingMessagesMax() || bytes >= limits.pendingBytesMax();
    if (full && !w.isShared()) {
      return false;
    }
    messages.add(w);
    bytes += w.message().sizeBytes();
    return true;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  Waiting first() {
    return messages.getFirst();
  }

  Waiting removeFirst() {
    Waiting w = messages.removeFirst();
    bytes -= w.message().sizeBytes();
    return w;
  }

  int size() {
    return messages.size();
  }

  boolean hasRoom() {
    return messages.size() <= limits.pendingMessagesMax() / 4
        && bytes <= limits.pendingBytesMax() / 4;
  }

  void keepEarly(String filter, List<QueuedMessage> assigned) {
    if (early.isEmpty()) {
      early = new HashMap<>();
    }
    early.computeIfAbsent(filter, f -> new ArrayList<>()).addAll(assigned);
  }

  List<QueuedMessage> takeEarly(String filter) {
    List<QueuedMessage> taken = early.remove(filter);
    return taken == null ? List.of() : taken;
  }

  /** The shared subscription is gone: what was not sent goes to other members. */
  void forgetShared(String filter) {
    early.remove(filter);
    messages.removeIf(w -> w.sharedFilter().equals(filter));
    bytes = messages.stream().mapToLong(w -> w.message().sizeBytes()).sum();
  }

  boolean contains(String sharedFilter, long offset) {
    for (Waiting w : messages) {
      if (w.offset() == offset && w.sharedFilter().equals(sharedFilter)) {
        return true;
      }
    }
    return false;
  }

  void clear() {
    messages.clear();
    bytes = 0;
    early.clear();
  }
}
