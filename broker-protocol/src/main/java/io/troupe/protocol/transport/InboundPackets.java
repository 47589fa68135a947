package io.troupe.protocol.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.troupe.protocol.codec.DecoderSettings;
import io.troupe.protocol.codec.PacketDecoder;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last handler of a connection's pipeline: gathers MQTT bytes, decodes all packets of a read
 * and hands them to the {@link ConnectionHandler}. Holds a buffer only while a packet is incomplete
 * or reading is paused, and then one in proportion to the bytes received.
 *
 * <p>Whatever the handler throws closes this connection and no other.
 */
final class InboundPackets extends ChannelInboundHandlerAdapter {
  /** The transport below is ready for MQTT: fired by the WebSocket handshake. */
  static final Object READY = new Object();

  private static final Logger log = LoggerFactory.getLogger(InboundPackets.class);

  private final PacketDecoder decoder;
  private final Transport transport;
  private @Nullable MqttConnection connection;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ConnectionHandler handler;
  private final Traffic traffic;
  private @Nullable ByteBuf received;

  /** The transport below can carry MQTT. */
  private boolean ready;

  private boolean paused;
  private boolean decoding;
  private boolean ended;

  /** The peer will send no more, though some of what it sent may still wait. */
  private boolean inputEnded;

  /** Packets were handed over since the last {@link ConnectionHandler#onReadComplete}. */
  private boolean inCycle;

  InboundPackets(DecoderSettings settings, Transport transport, Traffic traffic) {
    this.traffic = traffic;
    this.decoder = PacketDecoder.forServer(settings);
    this.transport = transport;
  }

  void start(MqttConnection connection, ConnectionHandler handler) {
    this.connection = connection;
    this.handler = handler;
  }

  @Nullable ProtocolVersion version() {
    return decoder.version();
  }

  boolean isReady() {
    return ready;
  }

  boolean isInputEnded() {
    return inputEnded;
  }

  void maximumPacketSize(int bytes) {
    decoder.maximumPacketSize(bytes);
  }

  void setPaused(boolean paused) {
    boolean resumed = this.paused && !paused;
    this.paused = paused;
    ChannelHandlerContext ctx = context;
    if (resumed && received != null && !decoding && ctx != null) {
      ctx.executor().execute(this::resume);
    }
  }

  private void resume() {
    decodeAll();
    completeCycle();
    closeIfDrained();
  }

  /**
   * A client that says DISCONNECT and goes is not lost while reading is paused: its connection
   * counts as closed only when everything it sent has been handed over.
   */
  private void closeIfDrained() {
    MqttConnection own = connection;
    if (inputEnded && own != null && (ended || !paused || received == null)) {
      own.onInputEnd();
    }
  }

  /** No packet comes any more: what arrives is discarded. */
  void end() {
    ended = true;
    if (!decoding) {
      releaseReceived();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (transport == Transport.TCP) {
      ready();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == READY) {
      ready();
    } else if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      completeCycle();
      closeIfDrained();
    } else if (event instanceof SslHandshakeCompletionEvent tls) {
      if (!tls.isSuccess()) {
        log.debug("TLS handshake with {} failed", ctx.channel().remoteAddress(), tls.cause());
        ctx.close();
      } else if (transport == Transport.TLS) {
        ready();
      }
    }
  }

  private void ready() {
    if (!ready && !ended) {
      ready = true;
      decodeAll();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (ended || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    traffic.received(bytes.readableBytes());
    ByteBuf before = received;
    received =
        before == null
            ? bytes
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
    decodeAll();
  }

  private void decodeAll() {
    ConnectionHandler target = handler;
    if (decoding || !ready || target == null) {
      return;
    }
    decoding = true;
    try {
      for (ByteBuf in = received; in != null && !paused && !ended; ) {
        Packet packet = decoder.decode(in);
        if (packet == null) {
          break;
        }
        inCycle = true;
        MqttConnection own = connection;
        if (packet instanceof Connect connect && own != null) {
          own.peerMaximumPacketSize(connect.maximumPacketSize());
        }
        target.onPacket(packet);
      }
    } catch (ProtocolViolation violation) {
      ended = true;
      onViolation(target, violation);
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      decoding = false;
    }
    ByteBuf rest = received;
    if (ended || (rest != null && !rest.isReadable())) {
      releaseReceived();
    }
  }

  private void onViolation(ConnectionHandler target, ProtocolViolation violation) {
    try {
      target.onProtocolViolation(violation);
    } catch (RuntimeException | Error e) {
      fail(e);
    }
    MqttConnection own = connection;
    if (own != null) {
      own.close();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    completeCycle();
    ByteBuf rest = received;
    if (rest != null && rest.capacity() > 512 + 2 * rest.readableBytes()) {
      // A few bytes must not hold on to a large read buffer.
      ByteBuf copy = ctx.alloc().buffer(rest.readableBytes());
      copy.writeBytes(rest);
      rest.release();
      received = copy;
    }
  }

  private void completeCycle() {
    ConnectionHandler target = handler;
    if (target != null && inCycle) {
      inCycle = false;
      try {
        target.onReadComplete();
      } catch (RuntimeException | Error e) {
        fail(e);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ConnectionHandler target = handler;
    if (target != null && !ended) {
      try {
        target.onWritabilityChanged(ctx.channel().isWritable());
      } catch (RuntimeException | Error e) {
        fail(e);
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
    ConnectionHandler target = handler;
    if (target != null) {
      try {
        target.onClosed();
      } catch (RuntimeException | Error e) {
        fail(e);
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException
        || cause.getCause() instanceof SSLException
        || cause instanceof DecoderException) {
      log.debug("connection of {} broken", ctx.channel().remoteAddress(), cause);
      abort();
    } else {
      fail(cause);
    }
  }

  private void fail(Throwable cause) {
    ChannelHandlerContext ctx = context;
    log.error(
        "connection of {} closed by an error in the broker",
        ctx == null ? "?" : ctx.channel().remoteAddress(),
        cause);
    abort();
  }

  private void abort() {
    MqttConnection own = connection;
    if (own != null) {
      own.abort();
    }
  }

  private void releaseReceived() {
    ByteBuf rest = received;
    if (rest != null) {
      received = null;
      rest.release();
    }
  }
}
