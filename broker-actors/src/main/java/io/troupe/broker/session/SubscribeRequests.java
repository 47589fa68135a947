package io.troupe.broker.session;

import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.Subscription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * SUBSCRIBE and UNSUBSCRIBE packets whose partitions have not all answered. Partitions answer the
 * requests of one kind for one filter in order, so each answer belongs to the oldest of them; those
 * of a connection that is gone keep their place until then.
 */
final class SubscribeRequests {

  /** One packet, with a place for each entry's result. */
  static final class Request {
    final int packetId;
    final boolean subscribe;
    final @Nullable ReasonCode[] results;
    final @Nullable Subscription[] subscriptions;
    final String[] filters;
    final boolean[] existed;
    final long[] endOffsets;
    final long deadlineMillis;
    int open;
    private boolean abandoned;

    Request(int packetId, boolean subscribe, int entries, long deadlineMillis) {
      this.packetId = packetId;
      this.subscribe = subscribe;
      this.results = new @Nullable ReasonCode[entries];
      this.subscriptions = new @Nullable Subscription[entries];
      this.filters = new String[entries];
      this.existed = new boolean[entries];
      this.endOffsets = new long[entries];
      this.deadlineMillis = deadlineMillis;
    }

    private boolean answered(int index, ReasonCode result) {
      results[index] = result;
      return --open == 0 && !abandoned;
    }
  }

  private record Place(Request request, int index) {}

  private Map<String, Queue<Place>> subscribes = Collections.emptyMap();
  private Map<String, Queue<Place>> unsubscribes = Collections.emptyMap();

  private Map<String, Queue<Place>> places(boolean subscribe) {
    return subscribe ? subscribes : unsubscribes;
  }

  /** Waits for an answer for this entry. */
  void await(Request request, int index, String filter) {
    request.filters[index] = filter;
    request.open++;
    if (request.subscribe && subscribes.isEmpty()) {
      subscribes = new HashMap<>();
    } else if (!request.subscribe && unsubscribes.isEmpty()) {
      unsubscribes = new HashMap<>();
    }
    places(request.subscribe)
        .computeIfAbsent(filter, f -> new ArrayDeque<>(1))
        .add(new Place(request, index));
  }

  /** An answer came; the request if that was its last one and its connection waits, else null. */
  @Nullable Request answered(
      boolean subscribe, String filter, ReasonCode result, boolean existed, long endOffset) {
    Queue<Place> waiting = places(subscribe).get(filter);
    Place place = waiting == null ? null : waiting.poll();
    if (waiting == null || place == null) {
      return null;
    }
    if (waiting.isEmpty()) {
      places(subscribe).remove(filter);
      forgetEmpty();
    }
    place.request.existed[place.index] = existed;
    place.request.endOffsets[place.index] = endOffset;
    return place.request.answered(place.index, result) ? place.request : null;
  }

  /** A session that has its answers holds no maps for more. */
  private void forgetEmpty() {
    if (subscribes.isEmpty()) {
      subscribes = Collections.emptyMap();
    }
    if (unsubscribes.isEmpty()) {
      unsubscribes = Collections.emptyMap();
    }
  }

  /** Whether a packet of the present connection awaits an answer for this filter. */
  boolean awaits(boolean subscribe, String filter) {
    Queue<Place> waiting = places(subscribe).get(filter);
    return waiting != null && waiting.stream().anyMatch(place -> !place.request.abandoned);
  }

  /** Entries of SUBSCRIBEs of the present connection without answer for this filter. */
  int open(String filter) {
    Queue<Place> waiting = subscribes.get(filter);
    return waiting == null
        ? 0
        : (int) waiting.stream().filter(place -> !place.request.abandoned).count();
  }

  /** Entries of SUBSCRIBEs of the present connection without answer. */
  int openSubscribes() {
    int count = 0;
    for (Queue<Place> waiting : subscribes.values()) {
      for (Place place : waiting) {
        count += place.request.abandoned ? 0 : 1;
      }
    }
    return count;
  }

  boolean isEmpty() {
    return subscribes.isEmpty() && unsubscribes.isEmpty();
  }

  /** Gives up what has waited too long; those complete by that, their connection waiting. */
  List<Request> overdue(long nowMillis, ReasonCode result) {
    List<Request> complete = new ArrayList<>();
    giveUp(subscribes.values(), nowMillis, result, complete);
    giveUp(unsubscribes.values(), nowMillis, result, complete);
    forgetEmpty();
    return complete;
  }

  private static void giveUp(
      Collection<Queue<Place>> all, long nowMillis, ReasonCode result, List<Request> complete) {
    for (Iterator<Queue<Place>> each = all.iterator(); each.hasNext(); ) {
      Queue<Place> waiting = each.next();
      waiting.removeIf(
          place -> {
            boolean overdue = nowMillis >= place.request.deadlineMillis;
            if (overdue && place.request.answered(place.index, result)) {
              complete.add(place.request);
            }
            return overdue;
          });
      if (waiting.isEmpty()) {
        each.remove();
      }
    }
  }

  /** The connection is gone: answers find nobody. */
  void abandon() {
    subscribes.values().forEach(SubscribeRequests::abandon);
    unsubscribes.values().forEach(SubscribeRequests::abandon);
  }

  private static void abandon(Queue<Place> waiting) {
    waiting.forEach(place -> place.request.abandoned = true);
  }
}
