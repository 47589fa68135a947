package io.troupe.loadtest.overload;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Persistent clients that all come back at once, after a restart of the broker if the plan has a
 * command for it. The clock runs from the moment the port takes a connection again.
 */
public final class Storm {
  private static final int AT_ONCE = 100;
  private static final int ATTEMPTS_MAX = 3;
  private static final long BACK_WITHIN_MILLIS = 15_000;
  private static final long OPEN_WITHIN_MILLIS = 120_000;

  private final OverloadPlan plan;
  private final String run = Long.toHexString(System.nanoTime() & 0xFFFFFF);
  private final AtomicInteger attemptsMax = new AtomicInteger();
  private final AtomicInteger attempts = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();

  public Storm(OverloadPlan plan) {
    this.plan = plan;
  }

  /**
   * Runs it.
   *
   * @throws IOException when the sessions cannot be made, or the restart fails
   */
  public OverloadResult run() throws IOException, InterruptedException {
    List<WireClient> clients = all(id -> first(id));
    if (clients.size() < plan.stormClients()) {
      clients.forEach(WireClient::close);
      throw new IOException("only " + clients.size() + " clients could connect");
    }
    clients.forEach(WireClient::close);
    if (!plan.restartCommand().isEmpty()) {
      restart();
    }
    attempts.set(0);
    long open = awaitPort();
    List<WireClient> back = all(this::again);
    double millis = (System.nanoTime() - open) / 1e6;
    back.forEach(WireClient::close);
    List<String> faults = new ArrayList<>();
    if (back.size() < plan.stormClients()) {
      faults.add(plan.stormClients() - back.size() + " not back");
    }
    if (millis > BACK_WITHIN_MILLIS) {
      faults.add("slow");
    }
    if (attemptsMax.get() > ATTEMPTS_MAX) {
      faults.add("attempts");
    }
    all(this::end);
    String done =
        String.format(
            Locale.ROOT,
            "%d back in %.1f s, attempts %.2f each, at most %d",
            back.size(),
            millis / 1e3,
            attempts.get() / (double) plan.stormClients(),
            attemptsMax.get());
    return OverloadResult.plain("storm", done, faults);
  }

  private interface Step {
    @Nullable WireClient connect(String clientId) throws IOException;
  }

  /** Each client once, many at a time; returns the connections made. */
  private List<WireClient> all(Step step) throws InterruptedException {
    List<WireClient> made = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    for (int i = 0; i < plan.stormClients(); i++) {
      String clientId = "storm-" + run + "-" + i;
      threads.execute(
          () -> {
            try {
              WireClient client = step.connect(clientId);
              if (client != null) {
                synchronized (made) {
                  made.add(client);
                }
              }
            } catch (IOException e) {
              lost.incrementAndGet();
            }
          });
    }
    threads.shutdown();
    threads.awaitTermination(10, TimeUnit.MINUTES);
    return made;
  }

  private WireClient first(String clientId) throws IOException {
    return WireClient.resume(plan.broker(), clientId).subscribed("storm/" + clientId, 1);
  }

  /** As a client library does: tries again a little later, twice as long each time. */
  private @Nullable WireClient again(String clientId) {
    for (int attempt = 1; attempt <= 10; attempt++) {
      attempts.incrementAndGet();
      attemptsMax.accumulateAndGet(attempt, Math::max);
      try {
        return WireClient.resume(plan.broker(), clientId);
      } catch (IOException e) {
        java.util.concurrent.locks.LockSupport.parkNanos(
            TimeUnit.MILLISECONDS.toNanos(500L << Math.min(4, attempt)));
      }
    }
    return null;
  }

  private @Nullable WireClient end(String clientId) throws IOException {
    WireClient.connect(plan.broker(), clientId).close();
    return null;
  }

  private void restart() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("/bin/sh", "-c", plan.restartCommand()).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException("the restart command ended with " + process.exitValue());
    }
  }

  private long awaitPort() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(OPEN_WITHIN_MILLIS);
    while (true) {
      try {
        WireClient.open(plan.broker()).close();
        return System.nanoTime();
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
  }
}
