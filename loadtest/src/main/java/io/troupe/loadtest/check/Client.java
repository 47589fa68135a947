package io.troupe.loadtest.check;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.ScheduledFuture;
import io.troupe.loadtest.history.Violation;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.FrameScanner;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client that comes back by itself until told to stop. All its methods but {@link #start} and
 * those returning volatile state run on its event loop.
 *
 * <pre>
 *   away --connect--> connecting --CONNACK--> {@link #connected} --end--> {@link #disconnected} --> away
 * </pre>
 */
abstract class Client {
  private static final int KEEP_ALIVE_SECONDS = 30;
  private static final long SILENCE_MAX_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final int TAKEOVER_MAX_SECONDS = 10;
  private static final int CLEANING_PAUSE_MILLIS = 50;
  private static final long SHORT_PAUSE_MILLIS = 20;

  /** With another node to go to, a CONNECT is not waited for longer. */
  private static final long CONNACK_MAX_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** What Session Present must say next. */
  private enum Expected {
    ABSENT,
    PRESENT,
    UNKNOWN
  }

  final ClientSite site;
  final EventLoop loop;
  final Random random;
  private ConnectSpec spec;
  private @Nullable Wire wire;
  private @Nullable Wire taken;
  private boolean connecting;

  /** Which address the next connection goes to. */
  private int next;

  /** When it first tried to connect; 0 while it is connected or stays away. */
  private long wantedSinceNanos;

  private long lastReadBeforeNanos;
  private long endedAtNanos;
  private boolean sessionLost;
  private Expected expected = Expected.ABSENT;
  private volatile boolean stopped;
  private boolean cleaning;
  private volatile boolean up;
  private volatile String lastRefusal = "";

  Client(ClientSite site, ConnectSpec spec, Random random) {
    this.site = site;
    this.spec = spec.withCredentials(site.credentials());
    this.random = random;
    this.loop = site.loops().group().next();
    this.next = hasOthers() ? random.nextInt(site.addresses().size()) : 0;
  }

  /** Whether there is more than one node to connect to. */
  final boolean hasOthers() {
    return site.addresses().size() > 1;
  }

  static int keepAliveSeconds() {
    return KEEP_ALIVE_SECONDS;
  }

  /** The broker accepted the connection. */
  abstract void connected(boolean sessionPresent, int receiveMaximum);

  /** A frame after CONNACK that is not PINGRESP. */
  abstract void frame(int header, ByteBuf bytes, int from, int to);

  /** All frames of a socket read were given; what was sent meanwhile is flushed after this. */
  void readCycleEnded() {}

  /**
   * @param wasConnected whether CONNACK had arrived
   */
  void disconnected(boolean wasConnected) {}

  final void start() {
    loop.execute(this::connect);
  }

  /** Whether the connection is accepted. Any thread. */
  final boolean isUp() {
    return up;
  }

  /** Whether it has said goodbye for good. Any thread. */
  final boolean isGone() {
    return stopped && !up;
  }

  /** Why the broker last refused, or empty. Any thread. */
  final String lastRefusal() {
    return lastRefusal;
  }

  final String clientId() {
    return spec.clientId();
  }

  final ConnectSpec spec() {
    return spec;
  }

  final void respec(ConnectSpec newSpec) {
    spec = newSpec.withCredentials(site.credentials());
  }

  /** Whether the last CONNACK should have found a session and did not. */
  final boolean isSessionLost() {
    return sessionLost;
  }

  /** Connects again while still connected: the broker must end the earlier connection. */
  final void takeOver() {
    if (up && taken == null) {
      connect();
    }
  }

  /** Says goodbye and does not come back. */
  final void stop() {
    stopped = true;
    dropTaken();
    leave();
  }

  /** Comes once more to end its session, and does not come back. */
  final void stopAndClean() {
    spec = spec.withCleanStart();
    expected = Expected.UNKNOWN;
    cleaning = true;
    dropTaken();
    if (wire == null) {
      connect();
    } else {
      leave();
    }
  }

  /** Says goodbye; comes back after a while unless stopped. */
  final void leave() {
    Wire current = wire;
    if (current != null) {
      ByteBuf out = buffer(2);
      Frames.disconnect(out);
      current.channel.writeAndFlush(out).addListener(f -> current.channel.close());
    }
  }

  /** Breaks off without a goodbye. */
  final void reset() {
    Wire current = wire;
    if (current != null) {
      current.channel.config().setSoLinger(0);
      current.channel.close();
    }
  }

  /** Stops reading for a while; the connection stays. */
  final void readNothingFor(long millis) {
    Wire current = wire;
    if (current != null) {
      SocketChannel channel = current.channel;
      channel.config().setAutoRead(false);
      loop.schedule(() -> channel.config().setAutoRead(true), millis, TimeUnit.MILLISECONDS);
    }
  }

  /** When the current connection was accepted; identifies it. */
  final long connectedAtNanos() {
    Wire current = wire;
    return current == null ? 0 : current.connectedAtNanos;
  }

  final boolean isWritable() {
    return wire != null && wire.channel.isWritable();
  }

  final ByteBuf buffer(int size) {
    return ByteBufAllocator.DEFAULT.buffer(size);
  }

  /** Writes without flushing; drops the bytes if there is no connection. */
  final void send(ByteBuf out) {
    Wire current = wire;
    if (current == null || !up) {
      out.release();
    } else {
      current.channel.write(out, current.channel.voidPromise());
    }
  }

  final void flush() {
    Wire current = wire;
    if (current != null) {
      current.channel.flush();
    }
  }

  /** How long a client stays away before it comes back. */
  long pauseMillis() {
    return SHORT_PAUSE_MILLIS + random.nextInt(200);
  }

  private void connect() {
    if (stopped || connecting) {
      return;
    }
    connecting = true;
    if (wantedSinceNanos == 0) {
      wantedSinceNanos = System.nanoTime();
    }
    InetSocketAddress address = site.addresses().get(next);
    next = (next + 1) % site.addresses().size();
    new Bootstrap()
        .group(loop)
        .channel(site.loops().socketChannel())
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 5000)
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel.pipeline().addLast(new Wire(channel));
              }
            })
        .connect(address)
        .addListener(
            f -> {
              connecting = false;
              if (!f.isSuccess()) {
                comeBackAfter(SHORT_PAUSE_MILLIS + random.nextInt(200));
              }
            });
  }

  private void comeBackAfter(long millis) {
    if (!stopped) {
      loop.schedule(
          () -> {
            if (wire == null) {
              connect();
            }
          },
          cleaning ? CLEANING_PAUSE_MILLIS : millis,
          TimeUnit.MILLISECONDS);
    }
  }

  private void accepted(boolean sessionPresent, Expected was, long connectSentNanos) {
    Expected now = spec.cleanStart() ? Expected.ABSENT : afterAbsence(was, connectSentNanos);
    sessionLost = now == Expected.PRESENT && !sessionPresent;
    if (sessionLost) {
      violated(clientId() + " came back and the broker had no session");
    } else if (now == Expected.ABSENT && sessionPresent) {
      violated(clientId() + " should find no session and the broker said that it had one");
    }
    boolean lasting = spec.version().isV5() ? spec.sessionExpirySeconds() > 0 : !spec.cleanStart();
    expected = lasting ? Expected.PRESENT : Expected.ABSENT;
  }

  /** What a short Session Expiry Interval leaves of it, to 1 s and 10 %. */
  private Expected afterAbsence(Expected was, long connectSentNanos) {
    double expiry = spec.sessionExpirySeconds() * 1e9;
    if (was != Expected.PRESENT || !spec.version().isV5() || expiry >= 3600e9) {
      return was;
    }
    if (System.nanoTime() - lastReadBeforeNanos < expiry * 0.9 - 1e9) {
      return Expected.PRESENT;
    }
    double latest = expiry * 1.1 + 1e9 + site.history().heardWithinNanos();
    return connectSentNanos - endedAtNanos > latest ? Expected.ABSENT : Expected.UNKNOWN;
  }

  private void violated(String detail) {
    site.history().violated(Violation.Kind.SESSION_LOST, detail);
  }

  /** The earlier connection must end when the broker has accepted the later one. */
  private void awaitTakeover() {
    Wire earlier = taken;
    if (earlier == null) {
      return;
    }
    long acceptedAt = System.nanoTime();
    loop.schedule(
        () -> {
          if (earlier.channel.isActive() && !stopped && site.faults().quietSince(acceptedAt)) {
            site.history()
                .violated(
                    Violation.Kind.NOT_TAKEN_OVER,
                    clientId() + ": the earlier connection is open after the later's CONNACK");
          }
          if (taken == earlier) {
            dropTaken();
          }
        },
        TAKEOVER_MAX_SECONDS,
        TimeUnit.SECONDS);
    earlier.channel.closeFuture().addListener(f -> taken = taken == earlier ? null : taken);
  }

  private void dropTaken() {
    Wire earlier = taken;
    taken = null;
    if (earlier != null) {
      earlier.channel.close();
    }
  }

  /** One connection. */
  private final class Wire extends ChannelInboundHandlerAdapter {
    private final FrameScanner scanner = new FrameScanner(this::scanned);
    private final SocketChannel channel;
    private Expected was = Expected.UNKNOWN;
    private long connectSentNanos;
    private long connectedAtNanos;
    private long lastReadNanos;
    private @Nullable ScheduledFuture<?> pulse;

    Wire(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      Wire earlier = wire;
      if (earlier != null) {
        taken = earlier;
        earlier.ended();
      }
      wire = this;
      was = expected;
      if (expected == Expected.ABSENT) {
        expected = Expected.UNKNOWN;
      }
      connectSentNanos = System.nanoTime();
      lastReadNanos = connectSentNanos;
      ByteBuf out = buffer(256);
      Frames.connect(out, spec);
      ctx.writeAndFlush(out);
      pulse = loop.scheduleAtFixedRate(this::pulse, 5, 5, TimeUnit.SECONDS);
    }

    private void pulse() {
      long most = hasOthers() && connectedAtNanos == 0 ? CONNACK_MAX_NANOS : SILENCE_MAX_NANOS;
      if (channel.config().isAutoRead() && System.nanoTime() - lastReadNanos > most) {
        channel.close();
      } else if (up && wire == this) {
        ByteBuf out = buffer(2);
        Frames.pingreq(out);
        channel.writeAndFlush(out);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      lastReadNanos = System.nanoTime();
      ByteBuf in = (ByteBuf) message;
      try {
        scanner.scan(in);
      } finally {
        in.release();
      }
    }

    private void scanned(int header, ByteBuf bytes, int from, int to) {
      int type = Inbound.type(header);
      if (wire != this || type == Frames.PINGRESP) {
        return;
      }
      if (up) {
        frame(header, bytes, from, to);
      } else if (type == Frames.CONNACK) {
        connack(bytes, from, to);
      }
    }

    private void connack(ByteBuf bytes, int from, int to) {
      int code = bytes.getUnsignedByte(from + 1);
      if (code != 0) {
        lastRefusal = "CONNACK 0x" + Integer.toHexString(code);
        expected = was;
        channel.close();
        dropTaken();
        return;
      }
      boolean sessionPresent = (bytes.getByte(from) & 1) != 0;
      if (cleaning) {
        stop();
        return;
      }
      connectedAtNanos = System.nanoTime();
      up = true;
      site.history().served(clientId(), connectedAtNanos - wantedSinceNanos);
      wantedSinceNanos = 0;
      accepted(sessionPresent, was, connectSentNanos);
      awaitTakeover();
      connected(sessionPresent, Inbound.receiveMaximum(spec.version(), bytes, from, to));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      readCycleEnded();
      ctx.flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ScheduledFuture<?> running = pulse;
      if (running != null) {
        running.cancel(false);
      }
      if (wire == this) {
        wire = null;
        ended();
        dropTaken();
        comeBackAfter(pauseMillis());
      }
    }

    private void ended() {
      boolean wasUp = up;
      up = false;
      if (wasUp) {
        endedAtNanos = System.nanoTime();
        lastReadBeforeNanos = lastReadNanos;
        site.history().connectionEnded(clientId(), connectedAtNanos, endedAtNanos);
      }
      disconnected(wasUp);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (cause instanceof FrameScanner.MalformedFrame) {
        site.history().violated(Violation.Kind.DAMAGED, clientId() + ": " + cause.getMessage());
      } else if (!(cause instanceof IOException)) {
        site.history().violated(Violation.Kind.DAMAGED, clientId() + ": unreadable: " + cause);
      }
      ctx.close();
    }
  }
}
