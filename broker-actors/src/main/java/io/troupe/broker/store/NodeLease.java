package io.troupe.broker.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What lets one life of a node acknowledge: a claim that it renews at the store it shares with the
 * others, and that they can end. A node that was paused or cut off may go on as if nothing had
 * happened; without the claim it says nothing to clients any more. Thread-safe.
 */
public interface NodeLease {

  /** For a store that no other node uses: nobody can end it. */
  NodeLease ALONE =
      new NodeLease() {
        @Override
        public void begin(String incarnation, Runnable onEnded) {}

        @Override
        public boolean isHeld() {
          return true;
        }

        @Override
        public CompletionStage<Void> end(String incarnation) {
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<List<String>> live() {
          return CompletableFuture.completedFuture(List.of());
        }

        @Override
        public void release() {}
      };

  /**
   * Claims for this life of this node, and renews until the store closes.
   *
   * @param onEnded runs once, on a thread of the store, when another node has ended the claim
   */
  void begin(String incarnation, Runnable onEnded);

  /** Whether this node may acknowledge now. Cheap enough for every acknowledgement. */
  boolean isHeld();

  /**
   * Ends the claim of another node's life for good.
   *
   * @return completes when that node surely acknowledges nothing any more, nor ever again; takes as
   *     long as the store needs, and does not fail
   */
  CompletionStage<Void> end(String incarnation);

  /**
   * The lives that may go on: their claims have not ended and were renewed within the last 10 s, by
   * the store's clock.
   *
   * @return fails when the store cannot be asked
   */
  CompletionStage<List<String>> live();

  /**
   * Ends this node's own claim, when all that it did has ended: others need not wait until it is
   * old. Waits for the store, at most 2 s.
   */
  void release();
}
