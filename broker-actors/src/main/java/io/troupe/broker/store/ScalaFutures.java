package io.troupe.broker.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/** What Akka's plugin interfaces ask for. */
final class ScalaFutures {
  private ScalaFutures() {}

  /** A stage as a Scala future, failing with the cause itself and not its wrapping. */
  static <T> Future<T> of(CompletionStage<T> stage) {
    CompletableFuture<T> plain = new CompletableFuture<>();
    stage.whenComplete(
        (value, problem) -> {
          if (problem == null) {
            plain.complete(value);
          } else if (problem instanceof CompletionException && problem.getCause() != null) {
            plain.completeExceptionally(problem.getCause());
          } else {
            plain.completeExceptionally(problem);
          }
        });
    return FutureConverters.asScala(plain);
  }
}
