package io.troupe.loadtest.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.troupe.loadtest.wire.Loops;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;

/**
 * Connects clients, a bounded number at once, and subscribes those that have a filter. A client
 * that is refused tries again a few times. Any thread.
 */
final class Connector implements LoadClient.ConnectWatch {
  private static final int TRIES_MAX = 3;
  private static final int FLAT_OUT_SEND_BUFFER_BYTES = 65_536;

  private final LoadPlan plan;
  private final Target target;
  private final Loops loops;
  private final Map<LoadClient, Pending> pending = new HashMap<>();
  private final Deque<Pending> waiting = new ArrayDeque<>();
  private Histogram latencies = new Histogram(Lane.LATENCY_MAX_NANOS, 3);
  private CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
  private int sources;
  private long failed;
  private long retried;
  private long lost;
  private String lastReason = "";
  private boolean endingIsExpected;

  /** A client on its way in. */
  private static final class Pending {
    final LoadClient client;
    final String filter;
    long startNanos;
    int tries;

    Pending(LoadClient client, String filter) {
      this.client = client;
      this.filter = filter;
    }
  }

  Connector(LoadPlan plan, Target target, Loops loops) {
    this.plan = plan;
    this.target = target;
    this.loops = loops;
  }

  /**
   * Connects all.
   *
   * @param filters one for each client, empty to subscribe to nothing; or an empty list
   */
  synchronized CompletableFuture<Void> connectAll(
      List<? extends LoadClient> clients, List<String> filters) {
    endingIsExpected = false;
    latencies = new Histogram(Lane.LATENCY_MAX_NANOS, 3);
    for (int i = 0; i < clients.size(); i++) {
      waiting.add(new Pending(clients.get(i), filters.isEmpty() ? "" : filters.get(i)));
    }
    CompletableFuture<Void> started = new CompletableFuture<>();
    done = started;
    startMore();
    return started;
  }

  /** From now on connections that end are no failure. */
  synchronized void expectEnds() {
    endingIsExpected = true;
  }

  /** Nanoseconds from the begin of connecting to CONNACK, or SUBACK where one was awaited. */
  synchronized Histogram latencies() {
    return latencies.copy();
  }

  /** Clients that never came in, and connections lost while in use. */
  synchronized long failures() {
    return failed + lost;
  }

  /** What went wrong, in words, or empty. */
  synchronized String trouble() {
    if (failed + retried + lost == 0) {
      return "";
    }
    return failed
        + " clients could not connect, "
        + retried
        + " tries repeated, "
        + lost
        + " connections lost while in use; last: "
        + lastReason;
  }

  private void startMore() {
    while (pending.size() < plan.connectsAtOnce() && !waiting.isEmpty()) {
      Pending next = waiting.remove();
      pending.put(next.client, next);
      next.startNanos = System.nanoTime();
      connect(next);
    }
    if (pending.isEmpty() && waiting.isEmpty()) {
      done.complete(null);
    }
  }

  private void connect(Pending next) {
    next.tries++;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(next.client.lane.loop)
            .channel(loops.socketChannel())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(32_768, 65_536))
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
            .handler(new ClientPipeline(plan, target, next.client));
    if (plan.messagesPerSecond() == 0 && plan.qos() == 0) {
      // Otherwise megabytes wait in the kernel and are called sent.
      bootstrap.option(ChannelOption.SO_SNDBUF, FLAT_OUT_SEND_BUFFER_BYTES);
    }
    ChannelFuture connected;
    if (plan.sourceAddresses() > 1) {
      if (Epoll.isAvailable()) {
        bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
      }
      String source = "127.0.0." + (1 + sources++ % plan.sourceAddresses());
      connected = bootstrap.connect(target.address(), new InetSocketAddress(source, 0));
    } else {
      connected = bootstrap.connect(target.address());
    }
    connected.addListener(
        f -> {
          if (!f.isSuccess()) {
            ended(next.client, false, String.valueOf(f.cause()));
          }
        });
  }

  @Override
  public void accepted(LoadClient client) {
    Pending entry;
    synchronized (this) {
      entry = pending.get(client);
    }
    if (entry == null) {
      return;
    }
    if (entry.filter.isEmpty()) {
      finished(entry);
    } else {
      client.subscribe(entry.filter);
    }
  }

  @Override
  public void subscribed(LoadClient client) {
    Pending entry;
    synchronized (this) {
      entry = pending.get(client);
    }
    if (entry != null) {
      finished(entry);
    }
  }

  private synchronized void finished(Pending entry) {
    pending.remove(entry.client);
    latencies.recordValue(System.nanoTime() - entry.startNanos);
    startMore();
  }

  @Override
  public synchronized void ended(LoadClient client, boolean wasAccepted, String reason) {
    Pending entry = pending.get(client);
    if (entry == null) {
      if (!endingIsExpected) {
        lost++;
        lastReason = reason;
      }
      return;
    }
    lastReason = reason;
    if (entry.tries < TRIES_MAX) {
      retried++;
      client.lane.loop.execute(
          () -> {
            synchronized (this) {
              connect(entry);
            }
          });
    } else {
      failed++;
      pending.remove(client);
      startMore();
    }
  }
}
