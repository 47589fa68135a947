package io.troupe.loadtest.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.FrameScanner;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import org.jspecify.annotations.Nullable;

/**
 * One simulated client. It answers in one write per socket read. A client of a new connection is
 * the same object: numbers received go on.
 */
class LoadClient extends ChannelInboundHandlerAdapter implements FrameScanner.FrameHandler {
  final Lane lane;
  final ConnectSpec spec;
  final ConnectWatch watch;
  private final FrameScanner scanner = new FrameScanner(this);
  private @Nullable Channel channel;
  private @Nullable ByteBuf answers;
  private volatile boolean accepted;
  private int receiveMaximum = 65_535;

  /** Is told how connections fare; on the client's event loop. */
  interface ConnectWatch {
    void accepted(LoadClient client);

    void subscribed(LoadClient client);

    /**
     * @param reason in words, for people
     */
    void ended(LoadClient client, boolean wasAccepted, String reason);
  }

  LoadClient(Lane lane, ConnectSpec spec, ConnectWatch watch) {
    this.lane = lane;
    this.spec = spec;
    this.watch = watch;
  }

  @Override
  public boolean isSharable() {
    return true;
  }

  /** Any thread. */
  final boolean isAccepted() {
    return accepted;
  }

  /** How many unacknowledged QoS 1 and 2 messages the broker takes. */
  final int receiveMaximum() {
    return receiveMaximum;
  }

  final @Nullable Channel channel() {
    return channel;
  }

  /** Subscribes; {@link ConnectWatch#subscribed} tells when granted. */
  final void subscribe(String filter) {
    ByteBuf out = answers(64 + filter.length());
    Frames.subscribe(out, spec.version(), 1, filter, lane.plan.qos());
    flushAnswers();
  }

  final void ping() {
    if (accepted) {
      Frames.pingreq(answers(16));
      flushAnswers();
    }
  }

  /** Says goodbye. */
  final void leave() {
    Channel current = channel;
    if (current != null) {
      Frames.disconnect(answers(16));
      flushAnswers();
      current.close();
    }
  }

  /** Ends the connection without a word. */
  final void cut() {
    Channel current = channel;
    if (current != null) {
      current.close();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    if (lane.plan.webSocketPath().isEmpty()) {
      begin();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
      begin();
    }
  }

  private void begin() {
    scanner.reset();
    Frames.connect(answers(128), spec);
    flushAnswers();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    readBegan();
    try {
      scanner.scan(in);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readEnded();
    flushAnswers();
  }

  void readBegan() {}

  void readEnded() {}

  @Override
  public void frame(int header, ByteBuf bytes, int from, int to) {
    switch (Inbound.type(header)) {
      case Frames.CONNACK -> connack(bytes, from, to);
      case Frames.SUBACK -> {
        if (Inbound.subackCode(spec.version(), bytes, from) < 0x80) {
          watch.subscribed(this);
        } else {
          end("subscription refused");
        }
      }
      case Frames.DISCONNECT ->
          end(
              "DISCONNECT 0x"
                  + (to > from ? Integer.toHexString(bytes.getByte(from) & 0xFF) : "0"));
      default -> {}
    }
  }

  private void connack(ByteBuf bytes, int from, int to) {
    int code = bytes.getUnsignedByte(from + 1);
    if (code == 0) {
      receiveMaximum = Inbound.receiveMaximum(spec.version(), bytes, from, to);
      accepted = true;
      watch.accepted(this);
    } else {
      end("CONNACK 0x" + Integer.toHexString(code));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (ctx.channel() == channel) {
      end("connection closed");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (ctx.channel() == channel) {
      end(String.valueOf(cause));
    }
  }

  final void end(String reason) {
    Channel current = channel;
    ByteBuf unsent = answers;
    boolean was = accepted;
    channel = null;
    answers = null;
    accepted = false;
    if (unsent != null) {
      unsent.release();
    }
    if (current != null) {
      current.close();
      watch.ended(this, was, reason);
    }
  }

  /** The buffer of this read cycle's answers. */
  final ByteBuf answers(int room) {
    ByteBuf current = answers;
    if (current == null) {
      current = channel == null ? lane.filler.alloc().buffer(room) : channel.alloc().buffer(room);
      answers = current;
    }
    return current;
  }

  final void flushAnswers() {
    ByteBuf out = answers;
    Channel current = channel;
    if (out != null && current != null) {
      answers = null;
      current.writeAndFlush(out, current.voidPromise());
    }
  }
}
