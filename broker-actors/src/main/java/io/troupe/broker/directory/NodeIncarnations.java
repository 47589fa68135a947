package io.troupe.broker.directory;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Which lives of which nodes go on, and when others ended. An incarnation is one life of a node:
 * another after each start. Thread-safe.
 */
final class NodeIncarnations {
  private final String own;
  private final boolean alone;
  private final long ownLastAliveMillis;
  private final LongSupplier nowMillis;
  private final Set<String> alive = ConcurrentHashMap.newKeySet();
  private final Map<String, Long> endedAtMillis = new ConcurrentHashMap<>();
  private final AtomicLong version = new AtomicLong();

  /**
   * @param own this life of this node
   * @param alone whether this node never has others beside it, so that all other incarnations are
   *     its own earlier ones
   * @param ownLastAliveMillis when the life before this one ended, as far as known
   */
  NodeIncarnations(String own, boolean alone, long ownLastAliveMillis, LongSupplier nowMillis) {
    this.own = own;
    this.alone = alone;
    this.ownLastAliveMillis = ownLastAliveMillis;
    this.nowMillis = nowMillis;
    alive.add(own);
  }

  /** The name of a life of a node: its address and a number that each start has anew. */
  static String name(String address, long uid) {
    return address + "#" + Long.toUnsignedString(uid, 36);
  }

  String own() {
    return own;
  }

  void joined(String incarnation) {
    if (alive.add(incarnation)) {
      version.incrementAndGet();
    }
  }

  void removed(String incarnation) {
    endedAtMillis.putIfAbsent(incarnation, nowMillis.getAsLong());
    if (alive.remove(incarnation)) {
      version.incrementAndGet();
    }
  }

  boolean isAlive(String incarnation) {
    return alive.contains(incarnation);
  }

  /**
   * When an incarnation that is not alive was last known alive. For an earlier life of this node
   * that is on record; of one whose end this node has not seen, the moment of the first question:
   * so no session expires too early.
   */
  long endedAtMillis(String incarnation) {
    return endedAtMillis.computeIfAbsent(
        incarnation,
        name -> alone || isOwnAddress(name) ? ownLastAliveMillis : nowMillis.getAsLong());
  }

  private boolean isOwnAddress(String incarnation) {
    int end = own.lastIndexOf('#');
    return end >= 0 && incarnation.startsWith(own.substring(0, end + 1));
  }

  /** Another number whenever {@link #isAlive} may answer otherwise than before. */
  long version() {
    return version.get();
  }
}
