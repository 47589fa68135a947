package io.troupe.broker.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.troupe.broker.metrics.LinkMetrics;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageTable;
import io.troupe.protocol.packet.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is in an {@link Outbox} to its node: one batch at a time, repeated until it is taken,
 * while the next gathers. Ends when the receiving actor has ended: what is under way is lost then.
 */
final class LinkSenderActor extends AbstractBehavior<LinkSenderActor.Command> {
  /** A batch ends with the item that reaches this. */
  private static final int BATCH_BYTES = 256 * 1024;

  /** What fits a frame between nodes, with its envelope. */
  static final int PART_BYTES = 192 * 1024;

  private static final Duration TICK = Duration.ofMillis(250);
  private static final long REPEAT_AFTER_NANOS = 1_000_000_000L;

  /** What it takes. */
  sealed interface Command {}

  /**
   * The other node knows this link and has an actor for it.
   *
   * @param version of {@link LinkCodec} that it reads
   */
  record Opened(long linkId, ActorRef<LinkReceiverActor.Command> receiver, int version)
      implements Command {}

  /** The other node has taken this batch. */
  record Taken(long linkId, long batch) implements Command {}

  private record Look() implements Command {}

  private record Tick() implements Command {}

  private record ReceiverEnded() implements Command {}

  private final String own;
  private final long linkId;
  private final Outbox outbox;
  private final ActorRef<LinkActor.Command> other;
  private final LinkMetrics metrics;
  private final LinkMetrics.Counts sent;
  private final ActorRefResolver resolver;
  private @Nullable ActorRef<LinkReceiverActor.Command> receiver;
  private int version;
  private List<LinkItem> underWay = List.of();
  private List<LinkReceiverActor.Part> parts = List.of();
  private long batch;
  private long sentAtNanos;

  /**
   * @param own incarnation of this node
   * @param other the other node's
   */
  static Behavior<Command> create(
      String own,
      long linkId,
      Outbox outbox,
      ActorRef<LinkActor.Command> other,
      LinkMetrics metrics) {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(new Tick(), TICK);
          return Behaviors.setup(
              context -> new LinkSenderActor(context, own, linkId, outbox, other, metrics));
        });
  }

  private LinkSenderActor(
      ActorContext<Command> context,
      String own,
      long linkId,
      Outbox outbox,
      ActorRef<LinkActor.Command> other,
      LinkMetrics metrics) {
    super(context);
    this.metrics = metrics;
    this.sent = metrics.of(LinkMetrics.Direction.SENT);
    this.own = own;
    this.linkId = linkId;
    this.outbox = outbox;
    this.other = other;
    this.resolver = ActorRefResolver.get(context.getSystem());
    ActorRef<Command> self = context.getSelf();
    outbox.opened(() -> self.tell(new Look()));
    open();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Look.class, look -> onLook())
        .onMessage(Taken.class, this::onTaken)
        .onMessage(Tick.class, tick -> onTick())
        .onMessage(Opened.class, this::onOpened)
        .onMessage(ReceiverEnded.class, ended -> Behaviors.stopped())
        .onSignal(PostStop.class, signal -> onStopped())
        .build();
  }

  private void open() {
    other.tell(new LinkActor.Open(own, linkId, getContext().getSelf()));
  }

  private Behavior<Command> onOpened(Opened opened) {
    if (receiver == null && opened.linkId() == linkId) {
      receiver = opened.receiver();
      version = Math.min(opened.version(), LinkCodec.VERSION);
      getContext().watchWith(opened.receiver(), new ReceiverEnded());
      return send();
    }
    return this;
  }

  private Behavior<Command> onLook() {
    outbox.looking();
    return send();
  }

  private Behavior<Command> onTaken(Taken taken) {
    if (taken.linkId() != linkId || taken.batch() != batch || parts.isEmpty()) {
      return this;
    }
    settle();
    return send();
  }

  private void settle() {
    parts = List.of();
    underWay.forEach(this::settle);
    underWay = List.of();
  }

  private void settle(LinkItem item) {
    outbox.settled(item);
    if (version < 2 && item instanceof LinkItem.ToSession to) {
      outbox.took(to.parcel()); // that node will not tell
    }
  }

  private Behavior<Command> onTick() {
    if (receiver == null) {
      open();
    } else if (!parts.isEmpty() && System.nanoTime() - sentAtNanos > REPEAT_AFTER_NANOS) {
      metrics.repeat();
      tellParts();
    }
    outbox.tick();
    return outbox.isBroken() ? Behaviors.stopped() : this;
  }

  private Behavior<Command> send() {
    if (receiver == null || !parts.isEmpty()) {
      return this;
    }
    ByteWriter out = new ByteWriter(1024);
    MessageTable messages = new MessageTable();
    List<LinkItem> items = new ArrayList<>();
    while (out.size() < BATCH_BYTES) {
      LinkItem item = outbox.poll();
      if (item == null) {
        break;
      }
      if (item.since() > version) {
        outbox.settled(item);
      } else {
        items.add(item);
        LinkCodec.write(item, version, resolver::toSerializationFormat, messages, out);
      }
    }
    if (!items.isEmpty()) {
      sent.batch(out.size(), items.size());
      underWay = items;
      batch++;
      parts = split(out.toByteArray());
      tellParts();
    }
    return this;
  }

  private List<LinkReceiverActor.Part> split(byte[] bytes) {
    int count = (bytes.length + PART_BYTES - 1) / PART_BYTES;
    List<LinkReceiverActor.Part> split = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int to = Math.min(bytes.length, (i + 1) * PART_BYTES);
      Payload part = Payload.wrap(Arrays.copyOfRange(bytes, i * PART_BYTES, to));
      split.add(new LinkReceiverActor.Part(batch, i, count, part));
    }
    return split;
  }

  private void tellParts() {
    sentAtNanos = System.nanoTime();
    ActorRef<LinkReceiverActor.Command> to = receiver;
    if (to != null) {
      parts.forEach(to::tell);
    }
  }

  private Behavior<Command> onStopped() {
    settle();
    return this;
  }
}
