package io.troupe.broker.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.store.NodeLease;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class FormationGuardTest {
  private static final String SELF = "akka://troupe@10.0.0.1:2551";

  private CompletableFuture<List<String>> live = CompletableFuture.completedFuture(List.of());
  private final FormationGuard guard =
      new FormationGuard(
          new NodeLease() {
            @Override
            public void begin(String incarnation, Runnable onEnded) {}

            @Override
            public boolean isHeld() {
              return false;
            }

            @Override
            public CompletionStage<Void> end(String incarnation) {
              return CompletableFuture.completedFuture(null);
            }

            @Override
            public CompletionStage<List<String>> live() {
              return live;
            }

            @Override
            public void release() {}
          },
          SELF);

  private boolean mayForm() {
    return guard.mayForm().toCompletableFuture().join();
  }

  @Test
  void aClusterIsFormedWhereNobodyLives() {
    assertTrue(mayForm());
    assertEquals("", guard.advice());
  }

  @Test
  void aFormerLifeOfThisNodeIsNoHindrance() {
    live = CompletableFuture.completedFuture(List.of(SELF + "#1a"));

    assertTrue(mayForm());
  }

  @Test
  void whileAnotherLivesNoneIsFormed() {
    live = CompletableFuture.completedFuture(List.of(SELF + "#1a", SELF + "7#1a"));
    assertFalse(mayForm());
    assertTrue(guard.advice().contains("[" + SELF + "7#1a]"), guard.advice());

    live = CompletableFuture.completedFuture(List.of());
    assertTrue(mayForm());
    assertEquals("", guard.advice());
  }

  @Test
  void withoutTheStoreNoneIsFormed() {
    live = CompletableFuture.failedFuture(new IllegalStateException("no answer"));

    assertFalse(mayForm());
    assertTrue(guard.advice().contains("no answer"), guard.advice());
  }

  @Test
  void whoMayFormNoneIsTheLastOfItsList() {
    assertEquals(List.of("a", "b", "c"), FormationGuard.order(List.of("a", "b", "c"), "a", true));
    assertEquals(List.of("b", "c", "a"), FormationGuard.order(List.of("a", "b", "c"), "a", false));
    assertEquals(List.of(), FormationGuard.order(List.of("a"), "a", false));
  }
}
