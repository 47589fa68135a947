package io.troupe.protocol.session;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Outbound packet identifiers in use, in the order they were given, and how many of them occupy the
 * window of Receive Maximum (MQTT-3.3.4-9), with how many bytes. An exchange of an earlier
 * connection enters the window when it is sent again.
 */
final class Window {
  private static final int PACKET_ID_MAX = 65_535;

  private final SessionState state;
  private final long bytesMax;

  /** Made when the first message is sent. */
  private Map<Integer, Inflight> inflight = Collections.emptyMap();

  private final ArrayDeque<Inflight> toResend = new ArrayDeque<>(0);
  private int size;
  private int used;
  private long usedBytes;
  private int lastPacketId;

  /** A packet identifier known to be free; 0: not looked for. */
  private int free;

  /**
   * @param bytesMax of what is sent and unacknowledged, beyond which nothing more is sent
   */
  Window(SessionState state, long bytesMax) {
    this.state = state;
    this.bytesMax = bytesMax;
  }

  /** A connection begins: everything in use is to be sent again. */
  void open(int receiveMaximum) {
    size = receiveMaximum;
    used = 0;
    usedBytes = 0;
    toResend.clear();
    for (Inflight f : inflight.values()) {
      f.inWindow = false;
      toResend.add(f);
    }
  }

  /** The connection is gone. */
  void close() {
    toResend.clear();
  }

  void clear() {
    inflight.clear();
    toResend.clear();
    used = 0;
    usedBytes = 0;
  }

  /** Whether one more message can be sent: there is room, and a packet identifier. */
  boolean hasRoom() {
    return hasRoomForResend() && findFree();
  }

  /** The same for a message that has its packet identifier. */
  boolean hasRoomForResend() {
    return used < size && usedBytes < bytesMax;
  }

  boolean hasToResend() {
    while (!toResend.isEmpty() && !isOpen(toResend.getFirst())) {
      toResend.removeFirst(); // acknowledged before it was sent again
    }
    return !toResend.isEmpty();
  }

  Inflight nextToResend() {
    return toResend.removeFirst();
  }

  private boolean isOpen(Inflight f) {
    return inflight.get(f.packetId) == f;
  }

  /** A packet identifier not in use, 1 to 65,535 (MQTT-2.2.1-4), or 0: all are. */
  int takePacketId() {
    if (!findFree()) {
      return 0;
    }
    int taken = free;
    lastPacketId = taken;
    free = 0;
    return taken;
  }

  private boolean findFree() {
    int candidate = free == 0 ? lastPacketId : free - 1;
    for (int i = 0; i < PACKET_ID_MAX; i++) {
      candidate = candidate == PACKET_ID_MAX ? 1 : candidate + 1;
      if (!inflight.containsKey(candidate)
          && !state.assigned.containsKey(candidate)
          && !state.released.contains(candidate)) {
        free = candidate;
        return true;
      }
    }
    return false;
  }

  /** Identifiers up to this were given by an earlier incarnation of the session. */
  void startAfter(int packetId) {
    lastPacketId = Math.max(lastPacketId, packetId);
  }

  void add(Inflight f) {
    if (!(inflight instanceof LinkedHashMap)) {
      inflight = new LinkedHashMap<>();
    }
    inflight.put(f.packetId, f);
  }

  /** It is sent on this connection. */
  void enter(Inflight f) {
    if (!f.inWindow) {
      f.inWindow = true;
      used++;
      usedBytes += f.bytes();
    }
  }

  /** Its packet identifier is free. */
  void remove(Inflight f) {
    inflight.remove(f.packetId);
    if (f.inWindow) {
      f.inWindow = false;
      used--;
      usedBytes -= f.bytes();
    }
  }

  void removeIf(Predicate<Inflight> which) {
    inflight.values().removeIf(which);
  }

  @Nullable Inflight get(int packetId) {
    return inflight.get(packetId);
  }

  Collection<Inflight> all() {
    return inflight.values();
  }

  int used() {
    return used;
  }
}
