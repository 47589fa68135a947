package io.troupe.protocol.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Client to broker at QoS 2 (4.3.3): a packet identifier is stored before its message is routed,
 * and names the same message until PUBREL, over reconnects and restarts. So a repeated PUBLISH is
 * routed once.
 */
public final class InboundFlow {
  private final SessionState state;
  private final Effects effects;

  /**
   * Packet identifiers whose message this incarnation has routed, with its sequence: a repeated
   * PUBLISH is only answered.
   */
  private Map<Integer, Long> routed = Collections.emptyMap();

  public InboundFlow(SessionState state, Effects effects) {
    this.state = state;
    this.effects = effects;
  }

  /**
   * What to do with one PUBLISH.
   *
   * @param sequence number of its message from this client
   * @param retry whether it may have been routed before a crash
   * @param routed whether it surely was: answer PUBREC, route nothing
   */
  public record Admission(int packetId, long sequence, boolean retry, boolean routed) {}

  /**
   * QoS 2 PUBLISHes arrived, in this order; new packet identifiers are stored before anything is
   * done with them.
   */
  public List<Admission> admit(List<Integer> packetIds) {
    List<Admission> admissions = new ArrayList<>(packetIds.size());
    Map<Integer, Long> opened = new LinkedHashMap<>();
    long next = state.lastSequence;
    for (int packetId : packetIds) {
      Long known = state.inbound.get(packetId);
      Long repeated = opened.get(packetId);
      if (known != null) {
        boolean done = known.equals(routed.get(packetId));
        admissions.add(new Admission(packetId, known, true, done));
      } else if (repeated != null) {
        admissions.add(new Admission(packetId, repeated, true, false));
      } else {
        opened.put(packetId, ++next);
        admissions.add(new Admission(packetId, next, false, false));
      }
    }
    if (!opened.isEmpty()) {
      effects.persist(
          new SessionEvent.InboundOpened(List.copyOf(opened.keySet()), state.lastSequence + 1));
    }
    return admissions;
  }

  /**
   * A message was routed and PUBREC sent, perhaps to an earlier connection.
   *
   * @param sequence of the message: the packet identifier may name another one by now
   */
  public void routed(int packetId, long sequence) {
    if (isOpen(packetId, sequence)) {
      if (routed.isEmpty()) {
        routed = new HashMap<>();
      }
      routed.put(packetId, sequence);
    }
  }

  /** A message was refused with an error code: the exchange has ended (4.3.3). */
  public void refused(int packetId, long sequence) {
    if (isOpen(packetId, sequence)) {
      close(List.of(packetId));
    }
  }

  private boolean isOpen(int packetId, long sequence) {
    Long known = state.inbound.get(packetId);
    return known != null && known == sequence;
  }

  /**
   * PUBREL: the packet identifiers are free again once this is stored.
   *
   * @return for each whether it was known; if not, PUBCOMP says Packet Identifier not found
   */
  public List<Boolean> release(List<Integer> packetIds) {
    List<Boolean> known = new ArrayList<>(packetIds.size());
    for (int packetId : packetIds) {
      known.add(state.inbound.containsKey(packetId));
    }
    close(packetIds);
    return known;
  }

  private void close(List<Integer> packetIds) {
    packetIds.forEach(routed::remove);
    List<Integer> open = packetIds.stream().filter(state.inbound::containsKey).distinct().toList();
    if (!open.isEmpty()) {
      effects.persist(new SessionEvent.InboundClosed(open));
    }
  }

  /** Sequences below this are settled: no PUBLISH will name them again. */
  public long settledBelow() {
    long lowest = state.lastSequence + 1;
    for (long sequence : state.inbound.values()) {
      lowest = Math.min(lowest, sequence);
    }
    return lowest;
  }

  /** The session was discarded. */
  public void discard() {
    routed.clear();
  }
}
