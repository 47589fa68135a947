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
 * goodbye, so that none may come. A delayed will is due if the client stays away, and may not come
 * if it returns in time. A will whose connection a fault ended is due too; what the client did
 * itself counts only away from faults of the broker.
 */
final class WillClient extends Client {
  private static final int DELAY_SECONDS = 2;
  private static final int SESSION_EXPIRY_SECONDS = 60;
  private static final long SETTLE_MILLIS = 2000;

  /** So that a lost node's will comes because the node is lost, not because its client is back. */
  private static final long AWAY_MILLIS = 40_000;

  /** Time between two judgements and the end of the run; no will is judged later. */
  static final long JUDGED_WITHIN_MILLIS = DELAY_SECONDS * 1000L + SETTLE_MILLIS + 500;

  private final Flow flow;
  private final FaultClock faults;
  private final boolean delayed;
  private int number;
  private boolean finishing;

  /** What this client did to the connection that is ending, or last did. */
  private boolean ownEnd;

  /** Whether it stays away after a connection it did not end. */
  private boolean staysAway;

  private boolean goodbye;
  private boolean quick;
  private int ended;
  private long endedAtNanos;

  WillClient(
      ClientSite site,
      ConnectSpec spec,
      Random random,
      Flow flow,
      FaultClock faults,
      boolean delayed) {
    super(site, delayed ? spec.withSession(false, SESSION_EXPIRY_SECONDS) : spec, random);
    this.flow = flow;
    this.faults = faults;
    this.delayed = delayed;
    nextWill();
  }

  private void nextWill() {
    number = site.history().offered(flow.id(), false, System.nanoTime());
    byte[] payload = new Stamp(site.run(), flow.id(), number).toPayload(64);
    respec(
        spec()
            .withWill(
                new WillSpec(
                    flow.topic(),
                    Payload.wrap(payload),
                    flow.qos().level(),
                    false,
                    delayed ? DELAY_SECONDS : 0)));
  }

  /** Ends the current connection with a goodbye; no more follow. Event loop only. */
  void finish() {
    finishing = true;
    ownEnd = true;
    stop();
  }

  @Override
  void connected(boolean sessionPresent, int receiveMaximum) {
    long awayNanos = System.nanoTime() - endedAtNanos;
    if (delayed
        && ownEnd
        && !goodbye
        && sessionPresent
        && awayNanos < TimeUnit.SECONDS.toNanos(DELAY_SECONDS)
        && faults.quietSince(endedAtNanos)) {
      site.history().withdrawn(flow.id(), ended);
    }
    ownEnd = false;
    staysAway = false;
    loop.schedule(this::end, 200 + random.nextInt(1300), TimeUnit.MILLISECONDS);
  }

  @Override
  long pauseMillis() {
    if (staysAway) {
      return AWAY_MILLIS;
    }
    return delayed && ownEnd && !quick ? JUDGED_WITHIN_MILLIS : super.pauseMillis();
  }

  private void end() {
    if (!isUp() || finishing) {
      return;
    }
    ended = number;
    endedAtNanos = System.nanoTime();
    ownEnd = true;
    goodbye = random.nextInt(3) == 0;
    quick = random.nextBoolean();
    if (goodbye) {
      leave();
    } else {
      reset();
    }
    if (goodbye || !delayed || !quick) {
      int judged = ended;
      boolean wasGoodbye = goodbye;
      long atNanos = endedAtNanos;
      long after = SETTLE_MILLIS + (delayed ? DELAY_SECONDS * 1000L : 0);
      loop.schedule(() -> judge(judged, wasGoodbye, atNanos), after, TimeUnit.MILLISECONDS);
    }
  }

  private void judge(int judged, boolean wasGoodbye, long atNanos) {
    if (!faults.quietSince(atNanos)) {
      return;
    }
    if (wasGoodbye) {
      site.history().withdrawn(flow.id(), judged);
    } else {
      site.history().takenOver(flow.id(), judged, atNanos);
    }
  }

  @Override
  void disconnected(boolean wasConnected) {
    if (wasConnected && !ownEnd && !delayed) {
      site.history().takenOver(flow.id(), number, System.nanoTime());
    }
    staysAway = wasConnected && !ownEnd && hasOthers() && random.nextBoolean();
    if (!finishing) {
      nextWill();
    }
  }

  @Override
  void frame(int header, ByteBuf bytes, int from, int to) {}
}
