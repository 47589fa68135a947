package io.troupe.loadtest.check;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.troupe.loadtest.history.Reception;
import io.troupe.loadtest.history.Stamp;
import io.troupe.loadtest.history.Subscriber;
import io.troupe.loadtest.history.Violation;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import io.troupe.protocol.packet.Qos;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A persistent subscriber that writes down what its application gets: at QoS 2 the first PUBLISH of
 * a packet identifier until PUBREL (4.3.3, method A of the receiver).
 */
final class SubscriberClient extends Client {
  private static final int SUBSCRIBE_ID = 1;

  /** How a subscriber behaves. */
  enum Manner {
    /** Acknowledges at once. */
    PROMPT,
    /** Acknowledges what it has every 50 ms, so that its window fills. */
    LAZY,
    /** Disconnects for some seconds, again and again. */
    WANDERER
  }

  private final Subscriber subscriber;
  private final Manner manner;
  private final Set<Integer> received = new HashSet<>();
  private ByteBuf acks;
  private boolean settled;
  private boolean away;
  private volatile boolean subscribed;

  SubscriberClient(
      ClientSite site, ConnectSpec spec, Random random, Subscriber subscriber, Manner manner) {
    super(site, spec, random);
    this.subscriber = subscriber;
    this.manner = manner;
    this.acks = Unpooled.buffer(256);
    if (manner == Manner.LAZY) {
      loop.scheduleAtFixedRate(this::sendAcks, 50, 50, TimeUnit.MILLISECONDS);
    }
  }

  /** Whether SUBACK granted the subscription. Any thread. */
  boolean isSubscribed() {
    return subscribed;
  }

  /** No more absences. */
  void settle() {
    settled = true;
  }

  @Override
  void connected(boolean sessionPresent, int receiveMaximum) {
    away = false;
    acks.clear();
    if (!sessionPresent) {
      received.clear();
    }
    if (!sessionPresent || !subscribed) {
      ByteBuf out = buffer(128);
      Frames.subscribe(
          out,
          spec().version(),
          SUBSCRIBE_ID,
          subscriber.filter().text(),
          subscriber.qosMax().level());
      send(out);
    }
    if (manner == Manner.WANDERER) {
      loop.schedule(this::wander, 1000 + random.nextInt(3000), TimeUnit.MILLISECONDS);
    }
  }

  private void wander() {
    if (!settled && isUp() && subscribed) {
      away = true;
      leave();
    }
  }

  @Override
  long pauseMillis() {
    return away && !settled ? 300L + random.nextInt(3000) : super.pauseMillis();
  }

  @Override
  void frame(int header, ByteBuf bytes, int from, int to) {
    switch (Inbound.type(header)) {
      case Frames.PUBLISH -> published(header, bytes, from, to);
      case Frames.PUBREL -> {
        int packetId = bytes.getUnsignedShort(from);
        received.remove(packetId);
        Frames.ack(acks, Frames.PUBCOMP, packetId);
      }
      case Frames.SUBACK -> suback(Inbound.subackCode(spec().version(), bytes, from));
      default -> {}
    }
  }

  private void suback(int code) {
    if (code == subscriber.qosMax().level()) {
      subscribed = true;
      site.history().subscribed(clientId(), System.nanoTime());
    } else {
      site.history()
          .violated(
              Violation.Kind.WRONG_FLAGS,
              clientId() + ": SUBACK 0x" + Integer.toHexString(code) + " for " + subscriber);
    }
  }

  private void published(int header, ByteBuf bytes, int from, int to) {
    int qos = Inbound.qos(header);
    if (qos > 0) {
      int packetId = bytes.getUnsignedShort(Inbound.afterTopic(bytes, from));
      Frames.ack(acks, qos == 1 ? Frames.PUBACK : Frames.PUBREC, packetId);
      if (qos == 2 && !received.add(packetId)) {
        return;
      }
    }
    int payload = Inbound.payload(spec().version(), header, bytes, from);
    Stamp stamp = Stamp.parse(ByteBufUtil.getBytes(bytes, payload, to - payload));
    String topic = Inbound.topic(bytes, from);
    if (stamp == null) {
      site.history().violated(Violation.Kind.DAMAGED, clientId() + ": payload on " + topic);
    } else if (stamp.run() != site.run()) {
      site.history().violated(Violation.Kind.PHANTOM, clientId() + ": other run's " + topic);
    } else {
      site.history()
          .received(
              clientId(),
              new Reception(
                  stamp.flow(),
                  stamp.number(),
                  topic,
                  Qos.of(qos),
                  Inbound.dup(header),
                  Inbound.retain(header),
                  connectedAtNanos(),
                  System.nanoTime()));
    }
  }

  @Override
  void readCycleEnded() {
    if (manner != Manner.LAZY) {
      sendAcks();
    }
  }

  private void sendAcks() {
    if (acks.isReadable() && isUp()) {
      send(acks);
      flush();
      acks = Unpooled.buffer(256);
    }
  }
}
