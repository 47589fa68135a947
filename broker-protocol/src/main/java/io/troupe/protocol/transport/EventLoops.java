package io.troupe.protocol.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of all listeners and connections: one thread accepts, the workers own the
 * connections. On Linux through epoll, elsewhere through NIO.
 */
public final class EventLoops implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventLoops.class);

  private static final FastThreadLocal<EventLoop> CURRENT = new FastThreadLocal<>();

  private final boolean epoll;
  private final EventLoopGroup acceptor;
  private final EventLoopGroup workers;

  private EventLoops(boolean epoll, int workerThreads) {
    this.epoll = epoll;
    acceptor = group(1, "mqtt-accept");
    workers = group(workerThreads, "mqtt-io");
    for (EventExecutor executor : workers) {
      EventLoop loop = (EventLoop) executor;
      loop.execute(() -> CURRENT.set(loop));
    }
  }

  /**
   * Starts with epoll if this machine has it.
   *
   * @param workerThreads 0: as many as there are cores
   */
  public static EventLoops create(int workerThreads) {
    boolean available = Epoll.isAvailable();
    if (!available) {
      log.info("no native epoll, using NIO: {}", String.valueOf(Epoll.unavailabilityCause()));
    }
    return create(workerThreads, available);
  }

  /** Starts with the given kind of transport; epoll must be available if asked for. */
  public static EventLoops create(int workerThreads, boolean epoll) {
    if (workerThreads < 0) {
      throw new IllegalArgumentException("worker threads: " + workerThreads);
    }
    int threads = workerThreads == 0 ? Runtime.getRuntime().availableProcessors() : workerThreads;
    return new EventLoops(epoll, threads);
  }

  private EventLoopGroup group(int threads, String name) {
    IoHandlerFactory factory = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name), factory);
  }

  /** Bytes outside the heap that the buffers of all connections of this process take. */
  public static long bufferBytes() {
    return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider
        ? provider.metric().usedDirectMemory()
        : 0;
  }

  /** The loop that owns connections whose thread calls, or null for any other thread. */
  public static @Nullable EventLoop current() {
    return CURRENT.getIfExists();
  }

  /** Whether the native transport is in use. */
  public boolean isEpoll() {
    return epoll;
  }

  /** The loops that own connections. */
  public EventLoopGroup workers() {
    return workers;
  }

  EventLoopGroup acceptor() {
    return acceptor;
  }

  Class<? extends ServerChannel> serverChannelType() {
    return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** For connections that we open. */
  public Class<? extends Channel> channelType() {
    return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** Ends all threads; connections still open are cut. Waits up to the limit. */
  public void close(Duration limit) {
    acceptor.shutdownGracefully(0, limit.toMillis(), TimeUnit.MILLISECONDS);
    workers
        .shutdownGracefully(0, limit.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(limit.toMillis() + 500);
    acceptor.terminationFuture().awaitUninterruptibly(500);
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }
}
