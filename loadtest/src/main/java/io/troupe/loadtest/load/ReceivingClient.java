package io.troupe.loadtest.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import java.util.Arrays;

/** A subscriber: counts, checks numbers and content, measures, acknowledges. */
final class ReceivingClient extends LoadClient {
  private final boolean gapsAreLoss;
  private final int contentEvery;
  private long nowNanos;
  private long untilContent;

  /** The last number by publisher; the first publisher heard has a slot of its own. */
  private int firstPublisher = -1;

  private long firstLast;
  private long[] last = {};

  ReceivingClient(Lane lane, ConnectSpec spec, ConnectWatch watch, boolean gapsAreLoss) {
    super(lane, spec, watch);
    this.gapsAreLoss = gapsAreLoss;
    this.contentEvery = lane.plan.contentEvery();
    this.untilContent = contentEvery;
  }

  @Override
  void readBegan() {
    nowNanos = System.nanoTime();
  }

  @Override
  public void frame(int header, ByteBuf bytes, int from, int to) {
    int type = header >> 4;
    if (type == Frames.PUBLISH) {
      published(header, bytes, from, to);
    } else if (type == Frames.PUBREL) {
      Frames.ack(answers(1024), Frames.PUBCOMP, bytes.getUnsignedShort(from));
    } else {
      super.frame(header, bytes, from, to);
    }
  }

  private void published(int header, ByteBuf bytes, int from, int to) {
    int qos = Inbound.qos(header);
    if (qos > 0) {
      int packetId = bytes.getUnsignedShort(Inbound.afterTopic(bytes, from));
      Frames.ack(answers(1024), qos == 1 ? Frames.PUBACK : Frames.PUBREC, packetId);
    }
    int payload = Inbound.payload(spec.version(), header, bytes, from);
    lane.delivered++;
    if (to - payload != lane.plan.payloadBytes()) {
      lane.damaged++;
      return;
    }
    int publisher = Stamps.publisher(bytes, payload);
    long number = Stamps.number(bytes, payload);
    count(publisher, number, Inbound.dup(header));
    if ((number & lane.latencyMask) == 0) {
      lane.recordLatency(nowNanos - Stamps.dueNanos(bytes, payload));
    }
    if (contentEvery > 0 && --untilContent == 0) {
      untilContent = contentEvery;
      checkContent(bytes, payload, to);
    }
  }

  private void count(int publisher, long number, boolean dup) {
    if (firstPublisher == publisher) {
      firstLast = follow(firstLast, number, dup);
    } else if (firstPublisher < 0) {
      firstPublisher = publisher;
      firstLast = follow(0, number, dup);
    } else if (publisher < 0 || publisher >= lane.plan.publishers()) {
      lane.damaged++;
    } else {
      if (last.length <= publisher) {
        last = Arrays.copyOf(last, lane.plan.publishers());
      }
      last[publisher] = follow(last[publisher], number, dup);
    }
  }

  private long follow(long before, long number, boolean dup) {
    if (number <= before) {
      if (!dup) {
        lane.misordered++;
      }
      return before;
    }
    if (gapsAreLoss) {
      lane.gaps += number - before - 1;
    }
    return number;
  }

  private void checkContent(ByteBuf bytes, int payload, int to) {
    int filler = payload + Stamps.SIZE_MIN;
    if (!ByteBufUtil.equals(bytes, filler, lane.filler, 0, to - filler)) {
      lane.damaged++;
    }
  }
}
