package io.troupe.loadtest.check;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.troupe.loadtest.wire.Loops;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Relays TCP to the broker until told to drop connections, with or without losing bytes first. */
final class CutProxy implements AutoCloseable {
  private final Loops loops;
  private final InetSocketAddress target;
  private final Channel listener;
  private final Set<Relay> relays = ConcurrentHashMap.newKeySet();

  CutProxy(Loops loops, InetSocketAddress target) {
    this.loops = loops;
    this.target = target;
    this.listener =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel())
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    new Relay(client).connect();
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /**
   * Resets each connection with a chance of one half, at least one. Half of these first lose all
   * bytes in one direction for up to a second: what the sender believes sent never arrives.
   */
  void cut(Random random) {
    List<Relay> all = List.copyOf(relays);
    for (int i = 0; i < all.size(); i++) {
      if (i > 0 && random.nextBoolean()) {
        continue;
      }
      Relay relay = all.get(i);
      switch (random.nextInt(4)) {
        case 0 -> relay.loseThenReset(true, random.nextInt(1000));
        case 1 -> relay.loseThenReset(false, random.nextInt(1000));
        default -> relay.reset();
      }
    }
  }

  @Override
  public void close() {
    listener.close().syncUninterruptibly();
    relays.forEach(Relay::reset);
  }

  /** One client's connection and ours to the broker, on one event loop. */
  private final class Relay {
    private final SocketChannel client;
    private @Nullable SocketChannel broker;
    private volatile boolean losesToClient;
    private volatile boolean losesToBroker;

    Relay(SocketChannel client) {
      this.client = client;
    }

    void connect() {
      relays.add(this);
      client.closeFuture().addListener(f -> end());
      new Bootstrap()
          .group(client.eventLoop())
          .channel(loops.socketChannel())
          .option(ChannelOption.AUTO_READ, false)
          .option(ChannelOption.TCP_NODELAY, true)
          .handler(
              new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel channel) {
                  broker = channel;
                }
              })
          .connect(target)
          .addListener(f -> start(f.isSuccess()));
    }

    private void start(boolean connected) {
      SocketChannel to = broker;
      if (!connected || to == null || !client.isActive()) {
        reset();
        return;
      }
      to.closeFuture().addListener(f -> end());
      client.pipeline().addLast(new Pump(to, false));
      to.pipeline().addLast(new Pump(client, true));
      client.config().setAutoRead(true);
      to.config().setAutoRead(true);
    }

    void loseThenReset(boolean toClient, int millis) {
      if (toClient) {
        losesToClient = true;
      } else {
        losesToBroker = true;
      }
      client.eventLoop().schedule(this::reset, millis, TimeUnit.MILLISECONDS);
    }

    void reset() {
      client
          .eventLoop()
          .execute(
              () -> {
                resetChannel(client);
                resetChannel(broker);
              });
    }

    private void resetChannel(@Nullable SocketChannel channel) {
      if (channel != null && channel.isOpen()) {
        channel.config().setSoLinger(0);
        channel.close();
      }
    }

    private void end() {
      relays.remove(this);
      client.flush();
      client.close();
      if (broker != null) {
        broker.close();
      }
    }

    /** Copies one direction; stops reading while the other side is slow. */
    private final class Pump extends ChannelInboundHandlerAdapter {
      private final Channel to;
      private final boolean toClient;

      Pump(Channel to, boolean toClient) {
        this.to = to;
        this.toClient = toClient;
      }

      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (toClient ? losesToClient : losesToBroker) {
          ((ByteBuf) message).release();
        } else {
          to.write(message);
        }
      }

      @Override
      public void channelReadComplete(ChannelHandlerContext ctx) {
        to.flush();
        ctx.channel().config().setAutoRead(to.isWritable());
      }

      @Override
      public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        to.config().setAutoRead(ctx.channel().isWritable());
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
      }
    }
  }
}
