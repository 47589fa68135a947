package io.troupe.broker.store;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The threads that read the database: a fixed number with a bounded queue before them. */
final class ReadPool implements AutoCloseable {
  private static final long CLOSE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  ReadPool(int threadCount, int readsMax) {
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(readsMax),
            work -> {
              Thread thread = new Thread(work, "store-read-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  <T> CompletionStage<T> submit(Supplier<T> reading) {
    CompletableFuture<T> done = new CompletableFuture<>();
    try {
      threads.execute(
          () -> {
            try {
              done.complete(reading.get());
            } catch (Throwable e) { // whatever it was, the caller must hear of it
              done.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(
          threads.isShutdown()
              ? new StoreUnavailableException("The store is closed.", null)
              : new StoreOverloadedException("troupe.store.reads-max reads wait already"));
    }
    return done;
  }

  /** As {@link #submit(Supplier)} for a reading without result. */
  CompletionStage<Void> submit(Runnable reading) {
    return submit(
            () -> {
              reading.run();
              return true;
            })
        .thenAccept(done -> {});
  }

  /** Refuses new readings and waits for those under way. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
