package io.troupe.broker.cluster;

import io.troupe.broker.store.NodeLease;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Nodes that were taken out of the cluster without having handed over: what was theirs is taken
 * over only when they surely acknowledge nothing any more. Thread-safe.
 */
public final class Fences {
  private final NodeLease lease;
  private final Map<String, CompletableFuture<Void>> ending = new ConcurrentHashMap<>();

  public Fences(NodeLease lease) {
    this.lease = lease;
  }

  /** A node is taken out of the cluster. May be repeated. */
  void down(String incarnation) {
    ending.computeIfAbsent(incarnation, name -> lease.end(name).toCompletableFuture());
  }

  /** Completes when every node that is out by now surely acknowledges nothing any more. */
  public CompletionStage<Void> settled() {
    return CompletableFuture.allOf(ending.values().toArray(CompletableFuture[]::new));
  }
}
