package io.troupe.broker.cluster;

import io.troupe.broker.store.NodeLease;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this node may form a cluster: not while the life of another node holds a claim at the
 * store, for that one may be in a cluster which only does not answer. Two clusters on one store
 * lose messages. Thread-safe.
 */
final class FormationGuard {
  private static final Logger LOG = LoggerFactory.getLogger(FormationGuard.class);

  private final NodeLease lease;
  private final String self;
  private final AtomicBoolean told = new AtomicBoolean();
  private volatile String hindrance = "";

  /**
   * @param self this node's address: its former lives have ended, or it could not be bound
   */
  FormationGuard(NodeLease lease, String self) {
    this.lease = lease;
    this.self = self;
  }

  /** Asks the store, now. Does not fail: while the store cannot be asked, it may not. */
  CompletionStage<Boolean> mayForm() {
    return lease
        .live()
        .thenApply(this::others)
        .handle(
            (others, failure) -> {
              hindrance =
                  failure != null
                      ? "the store cannot be asked who is alive (" + failure + ")"
                      : others.isEmpty() ? "" : "these use the same store: " + others;
              if (!hindrance.isEmpty() && !told.getAndSet(true)) {
                LOG.warn(
                    "This node forms no cluster, as {}. It waits until they answer and let it join,"
                        + " or until none of them has renewed its lease for 10 s",
                    hindrance);
              }
              return hindrance.isEmpty();
            });
  }

  private List<String> others(List<String> lives) {
    return lives.stream().filter(life -> !life.startsWith(self + "#")).sorted().toList();
  }

  /** What to add to the advice when this node did not become a member; may be empty. */
  String advice() {
    return hindrance.isEmpty()
        ? ""
        : " It formed no cluster by itself, as "
            + hindrance
            + ": check that it reaches them, or stop them.";
  }

  /**
   * The seed nodes to join: the first of a list forms a cluster when no other answers.
   *
   * @return empty: none can be joined
   */
  static <A> List<A> order(List<A> seeds, A self, boolean mayForm) {
    if (mayForm) {
      return seeds;
    }
    List<A> others = new ArrayList<>(seeds);
    others.removeIf(self::equals);
    if (!others.isEmpty()) {
      others.add(self);
    }
    return List.copyOf(others);
  }
}
