package io.troupe.loadtest.check;

import io.netty.buffer.ByteBuf;
import io.troupe.loadtest.history.Flow;
import io.troupe.loadtest.history.Stamp;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.ConnectSpec.WillSpec;
import io.troupe.protocol.packet.Payload;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Connects with a will again and again, and either breaks off, so that the will is due, or says
 * goodbye, so that none may come. Only what happens away from faults of the broker is held against
 * it: a connection that a fault ended leaves it open.
 */
final class WillClient extends Client {
  private static final long SETTLE_MILLIS = 2000;

  private final Flow flow;
  private final FaultClock faults;
  private int number;
  private boolean finishing;

  WillClient(ClientSite site, ConnectSpec spec, Random random, Flow flow, FaultClock faults) {
    super(site, spec, random);
    this.flow = flow;
    this.faults = faults;
    nextWill();
  }

  private void nextWill() {
    number = site.history().offered(flow.id(), false, System.nanoTime());
    byte[] payload = new Stamp(site.run(), flow.id(), number).toPayload(64);
    respec(
        spec()
            .withWill(
                new WillSpec(flow.topic(), Payload.wrap(payload), flow.qos().level(), false)));
  }

  /** Ends the current connection with a goodbye; no more follow. Event loop only. */
  void finish() {
    finishing = true;
    stop();
  }

  @Override
  void connected(boolean sessionPresent, int receiveMaximum) {
    loop.schedule(this::end, 200 + random.nextInt(1300), TimeUnit.MILLISECONDS);
  }

  private void end() {
    if (!isUp() || finishing) {
      return;
    }
    int ended = number;
    long atNanos = System.nanoTime();
    boolean goodbye = random.nextInt(3) == 0;
    if (goodbye) {
      leave();
    } else {
      reset();
    }
    loop.schedule(() -> judge(ended, goodbye, atNanos), SETTLE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void judge(int ended, boolean goodbye, long atNanos) {
    if (!faults.quietSince(atNanos)) {
      return;
    }
    if (goodbye) {
      site.history().withdrawn(flow.id(), ended);
    } else {
      site.history().takenOver(flow.id(), ended);
    }
  }

  @Override
  void disconnected(boolean wasConnected) {
    if (!finishing) {
      nextWill();
    }
  }

  @Override
  void frame(int header, ByteBuf bytes, int from, int to) {}
}
