package io.troupe.protocol.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Accepts MQTT connections on one port, over TCP, TLS, WebSocket or secure WebSocket, and hands
 * each to a {@link ConnectionHandler} of its own. Thread-safe.
 */
public final class MqttListener implements AutoCloseable {
  /** What may arrive behind CONNECT in the same read, before reading pauses. */
  private static final int READ_AHEAD_BYTES = 64 * 1024;

  /**
   * What one connection may read before the others of its event loop get their turn: a loop with
   * many busy publishers must come round often enough for its subscribers.
   */
  private static final int READ_BYTES_MAX = 16 * 1024;

  private final ListenerSettings settings;
  private final EventLoops loops;
  private final ConnectionHandler.Factory factory;
  private final WebSocketHandshake webSocketHandshake;
  private final Traffic traffic = new Traffic();
  private final Set<MqttConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile @Nullable SslContext tls;
  private volatile @Nullable Channel serverChannel;

  public MqttListener(
      ListenerSettings settings, EventLoops loops, ConnectionHandler.Factory factory) {
    this.settings = settings;
    this.loops = loops;
    this.factory = factory;
    this.webSocketHandshake = new WebSocketHandshake(settings.webSocket());
  }

  public ListenerSettings settings() {
    return settings;
  }

  /**
   * Binds and accepts from now on; blocks until bound.
   *
   * @return the bound address, with the real port
   * @throws ListenerException if the port cannot be bound or the certificate cannot be used; says
   *     what to do
   */
  public InetSocketAddress start() throws ListenerException {
    reloadCertificate();
    InetSocketAddress address = new InetSocketAddress(settings.bindAddress(), settings.port());
    if (address.isUnresolved()) {
      throw new ListenerException(
          "listener "
              + settings.name()
              + ": the address "
              + settings.bindAddress()
              + " is not known; use an address of this machine or 0.0.0.0",
          null);
    }
    ChannelFuture bound = bootstrap().bind(address).awaitUninterruptibly();
    Throwable cause = bound.cause();
    if (cause != null) {
      throw bindFailure(cause);
    }
    serverChannel = bound.channel();
    return boundAddress();
  }

  private ServerBootstrap bootstrap() {
    return new ServerBootstrap()
        .group(loops.acceptor(), loops.workers())
        .channel(loops.serverChannelType())
        .option(ChannelOption.SO_BACKLOG, settings.backlog())
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(512, 2048, READ_BYTES_MAX).maxMessagesPerRead(1))
        .childOption(ChannelOption.TCP_NODELAY, true)
        // a client without Keep Alive whose machine is gone must not hold its descriptor for ever
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        // The end of a client's output must not overtake what it sent: see InboundPackets.
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(
                settings.writeBufferLowBytes(), settings.writeBufferHighBytes()))
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                accept(channel);
              }
            });
  }

  private ListenerException bindFailure(Throwable cause) {
    String place = settings.bindAddress() + ":" + settings.port();
    String reason = String.valueOf(cause.getMessage());
    String advice =
        reason.contains("in use")
            ? "another program uses this port; stop it or choose another port"
            : reason.contains("ermission")
                ? "ports below 1024 need a privilege; choose another port or grant"
                    + " CAP_NET_BIND_SERVICE"
                : cause instanceof BindException || reason.contains("assign")
                    ? "this machine does not have the address; use one of its own or 0.0.0.0"
                    : "check address and port";
    return new ListenerException(
        "listener %s cannot bind %s: %s (%s)".formatted(settings.name(), place, advice, reason),
        cause);
  }

  private void accept(Channel channel) {
    if (connections.size() >= settings.connectionsMax()) {
      channel.close();
      return;
    }
    InboundPackets inbound = new InboundPackets(settings.decoder(), settings.transport(), traffic);
    MqttConnection connection =
        new MqttConnection(channel, settings.name(), settings.transport(), inbound, traffic);
    ConnectionHandler own = factory.accept(connection);
    if (own == null) {
      channel.close();
      return;
    }
    inbound.start(connection, own);
    try {
      prepare(channel, connection, inbound);
    } catch (RuntimeException | Error e) {
      own.onClosed(); // nobody else would tell it
      throw e;
    }
  }

  private void prepare(Channel channel, MqttConnection connection, InboundPackets inbound) {
    connections.add(connection);
    channel
        .closeFuture()
        .addListener(
            (ChannelFuture closed) -> {
              connections.remove(connection);
              connection.onChannelClosed(closed);
            });
    connection.limitTime(settings.connectTimeLimit().toMillis());
    SslContext context = tls;
    if (context != null) {
      SslHandler handler = context.newHandler(channel.alloc());
      handler.setHandshakeTimeoutMillis(settings.connectTimeLimit().toMillis());
      channel.pipeline().addLast(handler);
    }
    if (settings.transport().isWebSocket()) {
      webSocketHandshake.addTo(
          channel.pipeline(), settings.decoder().connectWithWillBytesMax() + READ_AHEAD_BYTES);
    }
    channel.pipeline().addLast(inbound);
  }

  /**
   * Reads certificate and key again for connections accepted from now on; does nothing without TLS.
   * After an exception the old ones stay in use.
   */
  public void reloadCertificate() throws ListenerException {
    TlsSettings tlsSettings = settings.tls();
    if (settings.transport().isEncrypted() && tlsSettings != null) {
      tls = TlsContext.of(settings.name(), tlsSettings);
    }
  }

  /** The address in use, with the real port; only after {@link #start}. */
  public InetSocketAddress boundAddress() {
    Channel channel = serverChannel;
    if (channel == null) {
      throw new IllegalStateException("listener " + settings.name() + " is not started");
    }
    return (InetSocketAddress) channel.localAddress();
  }

  /** The bytes of all its connections, past and present. */
  public Traffic traffic() {
    return traffic;
  }

  /** How many connections are open, those still in their handshake included. */
  public int openConnections() {
    return connections.size();
  }

  /** Does something with each connection open now, on the connection's event loop. */
  public void forEachConnection(Consumer<MqttConnection> action) {
    for (MqttConnection connection : connections) {
      connection.eventLoop().execute(() -> action.accept(connection));
    }
  }

  /** Closes all connections open now, each after sending what was written to it. */
  public void closeConnections() {
    forEachConnection(MqttConnection::close);
  }

  /** Stops accepting and frees the port; connections stay open. */
  @Override
  public void close() {
    Channel channel = serverChannel;
    if (channel != null) {
      channel.close().awaitUninterruptibly();
    }
  }
}
