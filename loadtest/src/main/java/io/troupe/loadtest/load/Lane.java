package io.troupe.loadtest.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What the clients of one event loop share: counters and latencies, written by that loop alone, so
 * that a message costs no atomic operation. Others ask the loop for a {@link Sample}.
 */
final class Lane {
  static final long LATENCY_MAX_NANOS = 3_600_000_000_000L;
  private static final int TURN_PUBLISHERS_MAX = 16;

  final EventLoop loop;
  final LoadPlan plan;
  final ByteBuf filler;
  final List<PublishingClient> publishers = new ArrayList<>();

  /** A latency is recorded for numbers with these bits zero. */
  final long latencyMask;

  long sent;
  long acknowledged;
  long refused;
  long delivered;
  long gaps;
  long misordered;
  long damaged;
  long unsent;
  private final Deque<PublishingClient> ready = new ArrayDeque<>();
  private boolean turnScheduled;
  private Histogram latencies = new Histogram(LATENCY_MAX_NANOS, 3);

  /** Counters since the start, and latencies in nanoseconds since they were last taken. */
  record Sample(
      long sent,
      long acknowledged,
      long refused,
      long delivered,
      long gaps,
      long misordered,
      long damaged,
      long unsent,
      @Nullable Histogram latencies) {}

  Lane(EventLoop loop, LoadPlan plan) {
    this.loop = loop;
    this.plan = plan;
    this.filler = Stamps.filler(plan.payloadBytes());
    this.latencyMask = plan.messagesPerSecond() == 0 ? 15 : 0;
  }

  /** A flat-out publisher has something to send and room for it. */
  void ready(PublishingClient publisher) {
    ready.add(publisher);
    if (!turnScheduled) {
      turnScheduled = true;
      // A scheduled task, not an executed one: between two of them the loop serves its sockets.
      loop.schedule(this::turn, 1, TimeUnit.NANOSECONDS);
    }
  }

  private void turn() {
    turnScheduled = false;
    for (int left = Math.min(ready.size(), TURN_PUBLISHERS_MAX); left > 0; left--) {
      ready.remove().takeTurn();
    }
    if (!ready.isEmpty() && !turnScheduled) {
      turnScheduled = true;
      loop.schedule(this::turn, 1, TimeUnit.NANOSECONDS);
    }
  }

  void recordLatency(long nanos) {
    latencies.recordValue(Math.min(Math.max(nanos, 0), LATENCY_MAX_NANOS));
  }

  /**
   * Event loop only.
   *
   * @param takeLatencies whether the latencies go with it, or stay for the next sample
   */
  Sample sample(boolean takeLatencies) {
    Histogram taken = null;
    if (takeLatencies) {
      taken = latencies;
      latencies = new Histogram(LATENCY_MAX_NANOS, 3);
    }
    return new Sample(
        sent, acknowledged, refused, delivered, gaps, misordered, damaged, unsent, taken);
  }
}
