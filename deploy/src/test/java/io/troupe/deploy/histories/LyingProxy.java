package io.troupe.deploy.histories;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.troupe.loadtest.history.Stamp;
import io.troupe.loadtest.history.Violation.Kind;
import io.troupe.loadtest.wire.FrameScanner;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import io.troupe.loadtest.wire.Loops;
import io.troupe.protocol.packet.ProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes of a broker that keeps its promises one that breaks them: of each flow it loses, repeats,
 * holds back, damages and makes up messages by their numbers; it denies one session and keeps the
 * retained messages to itself.
 */
final class LyingProxy implements AutoCloseable {
  /** What a checker must find. */
  static final Set<Kind> BREAKS =
      Set.of(
          Kind.LOST,
          Kind.DUPLICATED,
          Kind.REORDERED,
          Kind.PHANTOM,
          Kind.DAMAGED,
          Kind.SESSION_LOST,
          Kind.RETAINED_STALE);

  private static final int LOSES = 3;
  private static final int REPEATS = 5;
  private static final int HOLDS_BACK = 7;
  private static final int DAMAGES = 9;
  private static final int ADDS_TO = 11;

  private final Loops loops = new Loops(1);
  private final InetSocketAddress broker;
  private final Channel listener;
  private final AtomicBoolean denied = new AtomicBoolean();

  LyingProxy(int brokerPort) {
    this.broker = new InetSocketAddress(InetAddress.getLoopbackAddress(), brokerPort);
    this.listener =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel())
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    connect(client);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  @Override
  public void close() {
    loops.close();
  }

  private void connect(SocketChannel client) {
    FromBroker answers = new FromBroker(client);
    new Bootstrap()
        .group(client.eventLoop())
        .channel(loops.socketChannel())
        .handler(answers)
        .connect(broker)
        .addListener(
            connected -> {
              if (connected.isSuccess()) {
                client.pipeline().addLast(new FromClient(answers.channel(), answers));
                client.config().setAutoRead(true);
              } else {
                client.close();
              }
            });
  }

  /** Passes everything on; CONNECT tells the protocol version. */
  private static final class FromClient extends ChannelInboundHandlerAdapter {
    private final Channel to;
    private final FrameScanner scanner;

    FromClient(Channel to, FromBroker answers) {
      this.to = to;
      this.scanner =
          new FrameScanner(
              (header, bytes, from, end) -> {
                if (header == 0x10) {
                  boolean isV5 = bytes.getByte(from + 6) == 5;
                  answers.version = isV5 ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;
                }
              });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      scanner.scan((ByteBuf) message);
      to.writeAndFlush(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      to.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Lies. On the client's event loop. */
  private final class FromBroker extends ChannelInboundHandlerAdapter {
    private final Channel client;
    private final FrameScanner scanner = new FrameScanner(this::frame);
    private final Map<Integer, ByteBuf> heldBack = new HashMap<>();
    private ProtocolVersion version = ProtocolVersion.V3_1_1;
    private Channel channel;

    FromBroker(Channel client) {
      this.client = client;
      this.channel = client;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      channel = ctx.channel();
    }

    Channel channel() {
      return channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      scanner.scan(in);
      in.release();
      client.flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      client.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }

    private void frame(int header, ByteBuf bytes, int from, int to) {
      ByteBuf frame = Unpooled.copiedBuffer(bytes.slice(start(from, to), to - start(from, to)));
      if (Inbound.type(header) == Frames.PUBLISH) {
        publish(header, bytes, from, to, frame);
        return;
      }
      if (Inbound.type(header) == Frames.CONNACK
          && bytes.getByte(from) == 1
          && denied.compareAndSet(false, true)) {
        frame.setByte(2, 0);
      }
      client.write(frame);
    }

    private void publish(int header, ByteBuf bytes, int from, int to, ByteBuf frame) {
      int payload = Inbound.payload(version, header, bytes, from);
      Stamp stamp = Stamp.parse(ByteBufUtil.getBytes(bytes, payload, to - payload));
      if (stamp == null || Inbound.retain(header)) {
        return;
      }
      switch (stamp.number()) {
        case LOSES -> {}
        case HOLDS_BACK -> heldBack.put(stamp.flow(), frame);
        case REPEATS -> {
          client.write(frame.copy());
          client.write(frame);
        }
        case DAMAGES -> {
          frame.setByte(frame.writerIndex() - 1, frame.getByte(frame.writerIndex() - 1) ^ 1);
          client.write(frame);
        }
        case ADDS_TO -> {
          client.write(frame);
          client.write(neverOffered(stamp, Inbound.topic(bytes, from)));
        }
        default -> {
          client.write(frame);
          ByteBuf late = heldBack.remove(stamp.flow());
          if (late != null) {
            client.write(late);
          }
        }
      }
    }

    private ByteBuf neverOffered(Stamp like, String topic) {
      byte[] payload = new Stamp(like.run(), like.flow(), 1_000_000).toPayload(64);
      ByteBuf out = Unpooled.buffer();
      Frames.publish(out, version, topic, payload, 0, false, false, 0);
      return out;
    }
  }

  /** The index of the first byte of a frame whose variable header begins there. */
  private static int start(int from, int to) {
    int lengthBytes = 1;
    for (int rest = to - from; rest > 127; rest >>= 7) {
      lengthBytes++;
    }
    return from - lengthBytes - 1;
  }
}
