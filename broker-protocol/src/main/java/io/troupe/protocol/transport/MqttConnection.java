package io.troupe.protocol.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import io.troupe.protocol.codec.PacketEncoder;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ProtocolVersion;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * One client connection, whatever its transport. Owned by its event loop: every method except
 * {@link #eventLoop}, {@link #remoteAddress}, {@link #listener} and {@link #transport} is called on
 * it.
 *
 * <p>Packets are gathered in one buffer until {@link #flush}, or until it holds {@value
 * #GATHERED_BYTES_MAX} bytes. After {@link #close} or {@link #abort} nothing is written any more
 * and no packet comes in.
 */
public final class MqttConnection {
  private static final int GATHERED_BYTES_MAX = 16 * 1024;

  /** How long the peer has to take the last bytes and to close its side. */
  private static final long LINGER_MILLIS = 2000;

  private final Channel channel;
  private final String listener;
  private final Transport transport;
  private final InboundPackets inbound;
  private final Traffic traffic;
  private @Nullable ByteBuf gathered;
  private boolean closing;
  private long peerPacketBytesMax = Connect.NO_LIMIT;

  /** The time limit for CONNECT, later the one for closing; null in between. */
  private @Nullable ScheduledFuture<?> timeLimit;

  MqttConnection(
      Channel channel,
      String listener,
      Transport transport,
      InboundPackets inbound,
      Traffic traffic) {
    this.traffic = traffic;
    this.channel = channel;
    this.listener = listener;
    this.transport = transport;
    this.inbound = inbound;
  }

  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  /** The peer's address: for a WebSocket or TLS connection that of its TCP connection. */
  public SocketAddress remoteAddress() {
    return channel.remoteAddress();
  }

  /** The configured name of the listener that accepted this connection. */
  public String listener() {
    return listener;
  }

  public Transport transport() {
    return transport;
  }

  /**
   * The version packets are encoded for: the client's, known with its CONNECT. Also known when the
   * CONNECT was refused behind its protocol level; then it is the version whose form of CONNACK the
   * client understands. Null if the peer does not speak MQTT: then there is nothing to answer, and
   * {@link #write(Packet)} does nothing.
   */
  public @Nullable ProtocolVersion version() {
    return inbound.version();
  }

  /**
   * The certificates that a TLS client showed, its own first; empty if it showed none. They were
   * verified against the listener's client authorities.
   */
  public List<X509Certificate> peerCertificates() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      return List.of();
    }
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
        if (certificate instanceof X509Certificate x509) {
          chain.add(x509);
        }
      }
      return chain;
    } catch (SSLPeerUnverifiedException e) {
      return List.of(); // the documented answer of a session whose client showed none
    }
  }

  /** False once {@link #close} or {@link #abort} was called, or the peer has gone. */
  public boolean isOpen() {
    return !closing && channel.isActive();
  }

  /** What the CONNECT says about packets to the client, in bytes. */
  void peerMaximumPacketSize(long bytes) {
    peerPacketBytesMax = bytes;
  }

  /**
   * Encodes and writes a packet without flushing. An answer above the Maximum Packet Size of the
   * client's CONNECT goes without Reason String and User Properties; a packet that is still too
   * large is left out (MQTT-3.1.2-24, MQTT-3.1.2-25).
   */
  public void write(Packet packet) {
    ProtocolVersion version = inbound.version();
    if (closing || version == null) {
      return;
    }
    ByteBuf out = gathered;
    if (out == null) {
      out = channel.alloc().buffer(256);
      gathered = out;
    }
    PacketEncoder.encodeWithin(packet, version, peerPacketBytesMax, out);
    if (out.readableBytes() >= GATHERED_BYTES_MAX) {
      writeGathered();
    }
  }

  /**
   * Writes frames already encoded for this connection's version, without flushing; takes ownership
   * of the buffer.
   */
  public void write(ByteBuf frames) {
    if (closing) {
      frames.release();
      return;
    }
    writeGathered();
    traffic.sent(frames.readableBytes());
    channel.write(frames, channel.voidPromise());
  }

  private void writeGathered() {
    ByteBuf out = gathered;
    if (out != null) {
      gathered = null;
      traffic.sent(out.readableBytes());
      channel.write(out, channel.voidPromise());
    }
  }

  public void flush() {
    if (!closing) {
      writeGathered();
      channel.flush();
    }
  }

  /** False while the outbound buffer is above its high water mark. */
  public boolean isWritable() {
    return channel.isWritable();
  }

  /** Bytes written but not yet taken by the socket. */
  public long unsentBytes() {
    var buffer = channel.unsafe().outboundBuffer();
    ByteBuf out = gathered;
    return (buffer == null ? 0 : buffer.totalPendingWriteBytes())
        + (out == null ? 0 : out.readableBytes());
  }

  /** A buffer of this connection's allocator, for {@link #write(ByteBuf)}. */
  public ByteBuf buffer(int initialCapacity) {
    return channel.alloc().buffer(initialCapacity);
  }

  /**
   * Stops or resumes reading: back-pressure through TCP. While stopped no packet comes in, not even
   * one whose bytes have arrived; those follow in order once reading resumes, in a task of their
   * own.
   */
  public void setReading(boolean reading) {
    if (!closing) {
      inbound.setPaused(!reading);
      if (!inbound.isInputEnded()) { // epoll has forgotten a socket that has ended
        channel.config().setAutoRead(reading);
      }
    }
  }

  /**
   * Called once CONNECT was accepted: packets up to this size, fixed header included, are accepted
   * instead of the small limit that holds before, and the time limit for CONNECT ends.
   *
   * @param version the client's, as in its CONNECT
   */
  public void connected(ProtocolVersion version, int maximumPacketSize) {
    if (version != inbound.version()) {
      throw new IllegalArgumentException("connected with " + version + ", not the CONNECT's");
    }
    if (!closing) {
      limitTime(0);
      inbound.maximumPacketSize(maximumPacketSize);
      BytesBeforeConnect.remove(channel.pipeline());
    }
  }

  /**
   * Sends what was written, tells the peer that no more comes, and closes when the peer does so
   * too, after two seconds at the latest: a peer still sending would otherwise lose the last packet
   * to a connection reset. What it sends is discarded.
   */
  public void close() {
    if (closing) {
      return;
    }
    writeGathered();
    closing = true;
    inbound.end();
    if (!channel.isActive() || !inbound.isReady()) {
      channel.close(); // in a handshake nothing can be sent any more
      return;
    }
    limitTime(LINGER_MILLIS);
    if (!inbound.isInputEnded()) {
      channel.config().setAutoRead(true);
    }
    Object last =
        transport.isWebSocket() && inbound.isReady()
            ? new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE)
            : Unpooled.EMPTY_BUFFER;
    channel.writeAndFlush(last).addListener(this::endOutput);
  }

  private void endOutput(Future<?> written) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (!written.isSuccess() || inbound.isInputEnded()) {
      channel.close();
    } else if (tls != null) {
      tls.closeOutbound().addListener(f -> shutdownOutput());
    } else {
      shutdownOutput();
    }
  }

  private void shutdownOutput() {
    if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    } else {
      channel.close();
    }
  }

  /** The peer has ended its side, and all it sent has been handed over. */
  void onInputEnd() {
    if (closing) {
      channel.close();
    } else {
      close();
    }
  }

  /** Closes at once; what the socket has not taken is lost. */
  public void abort() {
    closing = true;
    inbound.end();
    channel.close();
  }

  /** Closes the connection after this time, unless called again; 0: no limit. */
  void limitTime(long millis) {
    ScheduledFuture<?> old = timeLimit;
    if (old != null) {
      old.cancel(false);
    }
    timeLimit =
        millis == 0
            ? null
            : channel.eventLoop().schedule(this::abort, millis, TimeUnit.MILLISECONDS);
  }

  /** The channel has closed. */
  void onChannelClosed(ChannelFuture closed) {
    closing = true;
    limitTime(0);
    ByteBuf out = gathered;
    if (out != null) {
      gathered = null;
      out.release();
    }
  }
}
