package io.troupe.loadtest.check;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.troupe.loadtest.history.Stamp;
import io.troupe.loadtest.history.Violation;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Subscribes once at the end and writes down the retained messages that come. */
final class RetainedReader extends Client {
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

  private final String filter;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private long lastNanos;
  private boolean granted;

  RetainedReader(ClientSite site, ConnectSpec spec, Random random, String filter) {
    super(site, spec, random);
    this.filter = filter;
  }

  /** Completes when nothing has come for a while after SUBACK. */
  CompletableFuture<Void> done() {
    return done;
  }

  @Override
  void connected(boolean sessionPresent, int receiveMaximum) {
    ByteBuf out = buffer(128);
    Frames.subscribe(out, spec().version(), 1, filter, 0);
    send(out);
    lastNanos = System.nanoTime();
    loop.schedule(this::look, 500, TimeUnit.MILLISECONDS);
  }

  private void look() {
    if (granted && System.nanoTime() - lastNanos > QUIET_NANOS) {
      site.history().retainedRead();
      stop();
      done.complete(null);
    } else if (isUp()) {
      loop.schedule(this::look, 200, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  void frame(int header, ByteBuf bytes, int from, int to) {
    lastNanos = System.nanoTime();
    if (Inbound.type(header) == Frames.SUBACK) {
      granted = Inbound.subackCode(spec().version(), bytes, from) < 0x80;
    } else if (Inbound.type(header) == Frames.PUBLISH) {
      int payload = Inbound.payload(spec().version(), header, bytes, from);
      Stamp stamp = Stamp.parse(ByteBufUtil.getBytes(bytes, payload, to - payload));
      if (stamp == null || stamp.run() != site.run()) {
        site.history()
            .violated(Violation.Kind.DAMAGED, "retained message on " + Inbound.topic(bytes, from));
      } else {
        site.history().retainedSeen(stamp.flow(), stamp.number());
        if (!Inbound.retain(header)) {
          site.history()
              .violated(
                  Violation.Kind.WRONG_FLAGS, Inbound.topic(bytes, from) + " came without RETAIN");
        }
      }
    }
  }
}
