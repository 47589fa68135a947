package io.troupe.broker.dispatch;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.troupe.protocol.transport.EventLoops;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs an actor on the event loop that sent it something, when that loop's turn ends; on a pool of
 * threads when something else did, or when the loop has enough to do.
 *
 * <p>A message from a socket to a session and on to a socket of the same loop wakes no thread. A
 * loop takes at most {@value #WAITING_MAX} actors for itself, so that a message to very many
 * sessions is worked on by all cores, and turns to its sockets again after {@value #PER_TURN} of
 * them.
 *
 * <p>Thread-safe.
 */
final class EventLoopExecutor extends AbstractExecutorService {
  private static final int WAITING_MAX = 64;
  private static final int PER_TURN = 64;

  /** What waits on one loop; owned by it. */
  private static final class Turn implements Runnable {
    private final EventLoop loop;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean scheduled;

    Turn(EventLoop loop) {
      this.loop = loop;
    }

    void add(Runnable task) {
      waiting.add(task);
      schedule();
    }

    private void schedule() {
      if (!scheduled) {
        scheduled = true;
        loop.execute(this);
      }
    }

    @Override
    public void run() {
      scheduled = false;
      for (int i = 0; i < PER_TURN; i++) {
        Runnable task = waiting.poll();
        if (task == null) {
          return;
        }
        task.run();
      }
      if (!waiting.isEmpty()) {
        schedule();
      }
    }
  }

  private final ExecutorService pool;
  private final FastThreadLocal<Turn> turns = new FastThreadLocal<>();

  EventLoopExecutor(ExecutorService pool) {
    this.pool = pool;
  }

  @Override
  public void execute(Runnable task) {
    EventLoop loop = EventLoops.current();
    if (loop == null || loop.isShuttingDown()) {
      pool.execute(task);
      return;
    }
    Turn turn = turns.get();
    if (turn == null) {
      turn = new Turn(loop);
      turns.set(turn);
    }
    if (turn.waiting.size() < WAITING_MAX) {
      turn.add(task);
    } else {
      pool.execute(task);
    }
  }

  @Override
  public void shutdown() {
    pool.shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return pool.shutdownNow();
  }

  @Override
  public boolean isShutdown() {
    return pool.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return pool.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return pool.awaitTermination(timeout, unit);
  }
}
