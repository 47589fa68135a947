package io.troupe.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoop;
import io.troupe.protocol.transport.EventLoops;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopExecutorTest {
  private final EventLoops loops = EventLoops.create(2);
  private final ExecutorService pool = Executors.newFixedThreadPool(1);
  private final EventLoopExecutor executor = new EventLoopExecutor(pool);
  private final EventLoop loop = loops.workers().next();

  @AfterEach
  void stop() {
    loops.close();
    executor.shutdownNow();
  }

  @Test
  void whatALoopSendsRunsOnThatLoopAfterItsTurn() throws Exception {
    List<String> order = new ArrayList<>();
    FutureTask<@Nullable EventLoop> task =
        new FutureTask<>(
            () -> {
              order.add("actor");
              return EventLoops.current();
            });

    loop.submit(
            () -> {
              executor.execute(task);
              order.add("sender");
            })
        .get(30, TimeUnit.SECONDS);

    assertSame(loop, task.get(30, TimeUnit.SECONDS));
    assertEquals(List.of("sender", "actor"), order);
  }

  @Test
  void whatAnotherThreadSendsRunsInThePool() throws Exception {
    assertNull(executor.submit(EventLoops::current).get(30, TimeUnit.SECONDS));
  }

  @Test
  void aLoopLeavesToThePoolWhatIsTooMuchForIt() throws Exception {
    int tasks = 10_000;
    CountDownLatch done = new CountDownLatch(tasks);
    Queue<Boolean> onLoop = new ConcurrentLinkedQueue<>();

    loop.execute(
        () -> {
          for (int i = 0; i < tasks; i++) {
            executor.execute(
                () -> {
                  onLoop.add(EventLoops.current() == loop);
                  done.countDown();
                });
          }
        });

    assertTrue(done.await(30, TimeUnit.SECONDS));
    long kept = onLoop.stream().filter(own -> own).count();
    assertEquals(64, kept);
    assertEquals(tasks, onLoop.size());
  }

  @Test
  void anActorThatGoesOnForEverLeavesTheLoopToItsSockets()
      throws InterruptedException, ExecutionException {
    CountDownLatch socket = new CountDownLatch(1);
    Runnable[] forEver = new Runnable[1];
    forEver[0] =
        () -> {
          if (socket.getCount() > 0) {
            executor.execute(forEver[0]);
          }
        };
    loop.submit(() -> executor.execute(forEver[0])).get();

    loop.execute(socket::countDown);

    assertTrue(socket.await(30, TimeUnit.SECONDS));
  }

  @Test
  void aLoopThatEndsLeavesItsActorsToThePool() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    loop.execute(
        () -> {
          loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
          executor.execute(done::countDown);
        });

    assertTrue(done.await(30, TimeUnit.SECONDS));
  }
}
