package io.troupe.loadtest.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;

/**
 * A publisher. Its frame is prepared once; each message is a copy with packet identifier, time and
 * number patched. What is due and cannot leave yet keeps its time: the wait is part of its latency.
 */
final class PublishingClient extends LoadClient {
  private static final int BACKLOG_MAX = 65_536;
  private static final int TURN_WRITES_MAX = 8;

  private final int index;
  private final byte[] template;
  private final int packetIdAt;
  private final int payloadAt;
  private final int copies;
  private final DueTimes backlog = new DueTimes(BACKLOG_MAX);
  private long number;
  private long refused;
  private long quota;
  private int packetId;
  private int inFlight;
  private int batchSent;
  private boolean flatOut;
  private boolean turnQueued;

  PublishingClient(
      Lane lane, ConnectSpec spec, ConnectWatch watch, int index, String topic, int copies) {
    super(lane, spec, watch);
    this.index = index;
    this.copies = copies;
    int qos = lane.plan.qos();
    ByteBuf out = lane.filler.alloc().buffer();
    byte[] payload = new byte[lane.plan.payloadBytes()];
    lane.filler.getBytes(0, payload, Stamps.SIZE_MIN, payload.length - Stamps.SIZE_MIN);
    Frames.publish(out, spec.version(), topic, payload, qos, false, false, 1);
    template = new byte[out.readableBytes()];
    out.readBytes(template).release();
    payloadAt = template.length - payload.length;
    packetIdAt = payloadAt - (spec.version().isV5() ? 1 : 0) - 2;
  }

  /** Messages sent so far, which is the number of the last. */
  long sent() {
    return number;
  }

  /** Deliveries there are, if all that was sent and not refused arrives. */
  long expected() {
    return (number - refused) * copies;
  }

  int inFlight() {
    return inFlight;
  }

  /** Sends as fast as the broker takes it, until {@link #stop} or the quota. */
  void beginFlatOut(long newQuota) {
    quota = newQuota;
    flatOut = true;
    turn();
  }

  /** Sends nothing new. */
  void stop() {
    flatOut = false;
    lane.unsent += (long) backlog.size() * lane.plan.messagesPerWrite() - batchSent;
    backlog.clear();
    batchSent = 0;
  }

  /** One batch is due. */
  void offer(long dueNanos) {
    if (!backlog.add(dueNanos)) {
      lane.unsent += lane.plan.messagesPerWrite();
    }
    sendDue();
  }

  private void sendDue() {
    while (!backlog.isEmpty() && room() > 0) {
      int count = Math.min(lane.plan.messagesPerWrite() - batchSent, room());
      write(count, backlog.first());
      batchSent += count;
      if (batchSent == lane.plan.messagesPerWrite()) {
        backlog.remove();
        batchSent = 0;
      }
    }
  }

  /** How many messages may leave now. */
  private int room() {
    Channel current = channel();
    if (!isAccepted() || current == null || !current.isWritable()) {
      return 0;
    }
    return lane.plan.qos() == 0
        ? Integer.MAX_VALUE
        : Math.min(lane.plan.window(), receiveMaximum()) - inFlight;
  }

  private void turn() {
    if (flatOut && !turnQueued && canTurn()) {
      turnQueued = true;
      lane.ready(this);
    }
  }

  /** Whether a whole write has room, or what a small window allows at most. */
  private boolean canTurn() {
    return room() >= lane.plan.messagesPerWrite() || (inFlight == 0 && room() > 0);
  }

  /** Some writes of a flat-out publisher; what is left waits for its next turn. */
  void takeTurn() {
    turnQueued = false;
    long now = System.nanoTime();
    for (int writes = 0; flatOut && writes < TURN_WRITES_MAX && canTurn(); writes++) {
      int count = (int) Math.min(Math.min(lane.plan.messagesPerWrite(), room()), quota);
      quota -= count;
      flatOut = quota > 0;
      write(count, now);
    }
    turn();
  }

  private void write(int count, long dueNanos) {
    Channel current = channel();
    if (current == null) {
      return;
    }
    int qos = lane.plan.qos();
    ByteBuf out = current.alloc().directBuffer(count * template.length);
    for (int i = 0; i < count; i++) {
      int at = out.writerIndex();
      out.writeBytes(template);
      if (qos > 0) {
        packetId = packetId % 65_535 + 1;
        out.setShort(at + packetIdAt, packetId);
      }
      Stamps.write(out, at + payloadAt, dueNanos, index, ++number);
    }
    if (qos > 0) {
      inFlight += count;
    }
    lane.sent += count;
    current.writeAndFlush(out, current.voidPromise());
  }

  @Override
  public void frame(int header, ByteBuf bytes, int from, int to) {
    int type = header >> 4;
    if (type == Frames.PUBACK || type == Frames.PUBCOMP) {
      acknowledged(type, bytes, from, to);
    } else if (type == Frames.PUBREC) {
      if (Inbound.ackReason(bytes, from, to) >= 0x80) {
        acknowledged(type, bytes, from, to);
      } else {
        Frames.ack(answers(1024), Frames.PUBREL, bytes.getUnsignedShort(from));
      }
    } else {
      super.frame(header, bytes, from, to);
    }
  }

  private void acknowledged(int type, ByteBuf bytes, int from, int to) {
    inFlight--;
    if (type != Frames.PUBCOMP && Inbound.ackReason(bytes, from, to) >= 0x80) {
      refused++;
      lane.refused++;
    } else {
      lane.acknowledged++;
    }
  }

  @Override
  void readEnded() {
    goOn();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      goOn();
    }
  }

  private void goOn() {
    if (flatOut) {
      turn();
    } else {
      sendDue();
    }
  }
}
