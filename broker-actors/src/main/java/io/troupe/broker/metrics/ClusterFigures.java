package io.troupe.broker.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What this node has heard of the others: {@link NodeFigures} of the last {@value #STALE_SECONDS}
 * seconds, a few hundred bytes for each node. Thread-safe.
 */
public final class ClusterFigures {
  private static final int STALE_SECONDS = 5;
  private static final long STALE_NANOS = STALE_SECONDS * 1_000_000_000L;

  private record Heard(NodeFigures figures, long atNanos) {}

  private final String ownIncarnation;
  private final String ownName;
  private final LongSupplier nanoTime;
  private final Map<String, Heard> others = new ConcurrentHashMap<>();

  /**
   * @param ownIncarnation names this life of this node
   * @param ownName its name, for people
   */
  public ClusterFigures(String ownIncarnation, String ownName, LongSupplier nanoTime) {
    this.ownIncarnation = ownIncarnation;
    this.ownName = ownName;
    this.nanoTime = nanoTime;
  }

  /** Another node has told its figures. */
  public void heard(String incarnation, NodeFigures figures) {
    others.put(incarnation, new Heard(figures, nanoTime.getAsLong()));
  }

  /** The other nodes heard of lately, in the order of their addresses. */
  public List<NodeFigures> others() {
    long now = nanoTime.getAsLong();
    others.values().removeIf(heard -> now - heard.atNanos > STALE_NANOS);
    return others.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
        .map(entry -> entry.getValue().figures)
        .toList();
  }

  /**
   * The figures of all nodes together: those of the others about a second old.
   *
   * @param own this node's
   */
  public Totals sum(Totals own) {
    Totals sum = own;
    for (NodeFigures other : others()) {
      sum = sum.plus(other.totals());
    }
    return sum;
  }

  /** The names of all nodes, in the order of their addresses. */
  public List<String> nodes() {
    List<String> names = new ArrayList<>();
    others().forEach(other -> names.add(other.node()));
    names.add((int) others.keySet().stream().filter(this::isBefore).count(), ownName);
    return names;
  }

  private boolean isBefore(String incarnation) {
    return incarnation.compareTo(ownIncarnation) < 0;
  }

  /** Whether this node has the lowest address: it says what only one needs to say. */
  public boolean isFirst() {
    return others().isEmpty() || others.keySet().stream().noneMatch(this::isBefore);
  }
}
