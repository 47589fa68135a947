package io.troupe.broker.directory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * When which client is to be woken, at most once each; the earliest first. Not thread-safe; owned
 * by the partition's actor.
 */
final class Deadlines {
  private final TreeSet<Deadline> inOrder =
      new TreeSet<>(Comparator.comparingLong(Deadline::atMillis).thenComparing(Deadline::clientId));
  private final Map<String, Deadline> byClient = new HashMap<>();

  private record Deadline(long atMillis, String clientId) {}

  /** Sets or moves a client's deadline; {@link Long#MAX_VALUE} takes it away. */
  void set(String clientId, long atMillis) {
    if (atMillis == Long.MAX_VALUE) {
      remove(clientId);
      return;
    }
    Deadline deadline = new Deadline(atMillis, clientId);
    Deadline before = byClient.put(clientId, deadline);
    if (before != null) {
      inOrder.remove(before);
    }
    inOrder.add(deadline);
  }

  void remove(String clientId) {
    Deadline before = byClient.remove(clientId);
    if (before != null) {
      inOrder.remove(before);
    }
  }

  /** The earliest deadline; {@link Long#MAX_VALUE} if there is none. */
  long next() {
    return inOrder.isEmpty() ? Long.MAX_VALUE : inOrder.first().atMillis;
  }

  /**
   * Which clients are to be woken now, the longest due first. Each is due again at {@code
   * repeatAtMillis}, unless its deadline is set anew.
   */
  List<String> due(long nowMillis, int clientsMax, long repeatAtMillis) {
    List<String> due = new ArrayList<>();
    while (due.size() < clientsMax && next() <= nowMillis) {
      due.add(inOrder.first().clientId);
      set(inOrder.first().clientId, repeatAtMillis);
    }
    return due;
  }

  int size() {
    return byClient.size();
  }
}
