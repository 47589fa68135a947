package io.troupe.broker.dispatch;

import akka.dispatch.DispatcherPrerequisites;
import akka.dispatch.ExecutorServiceConfigurator;
import akka.dispatch.ExecutorServiceFactory;
import akka.dispatch.ForkJoinExecutorConfigurator;
import com.typesafe.config.Config;
import java.util.concurrent.ThreadFactory;

/**
 * Lets actors run on the event loop that sent them something ({@link EventLoopExecutor}): named as
 * {@code executor} of a dispatcher, whose {@code fork-join-executor} describes the pool beside the
 * loops. Actors on such a dispatcher must never block, nor work long on one message.
 */
public final class EventLoopExecutorConfigurator extends ExecutorServiceConfigurator {
  private final ForkJoinExecutorConfigurator pool;

  public EventLoopExecutorConfigurator(Config config, DispatcherPrerequisites prerequisites) {
    super(config, prerequisites);
    pool = new ForkJoinExecutorConfigurator(config.getConfig("fork-join-executor"), prerequisites);
  }

  @Override
  public ExecutorServiceFactory createExecutorServiceFactory(
      String id, ThreadFactory threadFactory) {
    ExecutorServiceFactory threads = pool.createExecutorServiceFactory(id, threadFactory);
    return () -> new EventLoopExecutor(threads.createExecutorService());
  }
}
