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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A persistent subscriber that writes down what its application gets: at QoS 2 the first PUBLISH of
 * a packet identifier until PUBREL (4.3.3, method A of the receiver).
 */
final class SubscriberClient extends Client {
  /** How a subscriber behaves. */
  enum Manner {
    /** Acknowledges at once. */
    PROMPT,
    /** Acknowledges what it has every 50 ms, so that its window fills. */
    LAZY,
    /** Leaves for some seconds, with or without a goodbye, again and again. */
    WANDERER,
    /** Connects again while connected, again and again. */
    JUMPER,
    /** Comes back with Clean Start now and then. */
    FRESH,
    /** Unsubscribes for a moment, again and again. */
    FICKLE,
    /** Stays away for shorter or longer than its Session Expiry Interval. */
    EXPIRING
  }

  /** Of an {@link Manner#EXPIRING} subscriber. */
  static final int EXPIRY_SECONDS = 5;

  private static final int LONG_AWAY_MILLIS = 12_000;

  private final Subscriber subscriber;
  private final Manner manner;
  private final Set<Integer> received = new HashSet<>();

  /** Packet identifiers that came by this connection and whose last answer was not sent. */
  private final Set<Integer> open = new HashSet<>();

  private final List<Integer> answered = new ArrayList<>();
  private ByteBuf acks;
  private int granted;
  private boolean wanted = true;
  private boolean settled;
  private long awayMillis;
  private volatile boolean subscribed;

  SubscriberClient(
      ClientSite site, ConnectSpec spec, Random random, Subscriber subscriber, Manner manner) {
    super(site, manner == Manner.EXPIRING ? spec.withSession(false, EXPIRY_SECONDS) : spec, random);
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

  /** No more absences, and subscribed in the end. */
  void settle() {
    settled = true;
    if (!wanted) {
      site.history().ended(clientId(), System.nanoTime());
      subscribeAgain();
    }
  }

  @Override
  void connected(boolean sessionPresent, int receiveMaximum) {
    awayMillis = 0;
    acks.clear();
    open.clear();
    answered.clear();
    if (spec().cleanStart()) {
      respec(spec().withSession(false, Cast.SESSION_EXPIRY_SECONDS));
    }
    if (!sessionPresent) {
      received.clear();
      wanted = true;
      subscribe(!isSessionLost());
    } else if (!wanted) {
      unsubscribe();
    } else if (!subscribed) {
      subscribe(false);
    }
    if (manner != Manner.PROMPT && manner != Manner.LAZY) {
      loop.schedule(this::act, 1000 + random.nextInt(3000), TimeUnit.MILLISECONDS);
    }
  }

  private void act() {
    if (settled || !isUp() || !subscribed || !wanted) {
      return;
    }
    switch (manner) {
      case WANDERER -> goAway(300 + random.nextInt(3000));
      case JUMPER -> takeOver();
      case FRESH -> {
        if (random.nextBoolean()) {
          respec(spec().withSession(true, Cast.SESSION_EXPIRY_SECONDS));
        }
        goAway(random.nextInt(1000));
      }
      case FICKLE -> {
        wanted = false;
        unsubscribe();
      }
      case EXPIRING -> goAway(random.nextBoolean() ? 1000 : LONG_AWAY_MILLIS);
      default -> throw new AssertionError(manner);
    }
  }

  private void goAway(int millis) {
    awayMillis = millis;
    if (random.nextInt(4) == 0) {
      reset();
    } else {
      leave();
    }
  }

  @Override
  long pauseMillis() {
    return awayMillis > 0 && !settled ? awayMillis : super.pauseMillis();
  }

  /** A packet for each filter; its number there is the packet identifier. */
  private void subscribe(boolean fresh) {
    subscribed = false;
    granted = 0;
    site.history().subscribing(clientId(), fresh, System.nanoTime());
    for (int i = 0; i < subscriber.filters().size(); i++) {
      ByteBuf out = buffer(128);
      String filter = subscriber.filters().get(i).text();
      Frames.subscribe(out, spec().version(), i + 1, filter, subscriber.qosMax().level());
      send(out);
    }
    flush();
  }

  private void unsubscribe() {
    for (int i = 0; i < subscriber.filters().size(); i++) {
      ByteBuf out = buffer(128);
      String filter = subscriber.filters().get(i).text();
      Frames.unsubscribe(out, spec().version(), i + 1, filter);
      send(out);
    }
    flush();
  }

  @Override
  void frame(int header, ByteBuf bytes, int from, int to) {
    switch (Inbound.type(header)) {
      case Frames.PUBLISH -> published(header, bytes, from, to);
      case Frames.PUBREL -> {
        int packetId = bytes.getUnsignedShort(from);
        received.remove(packetId);
        Frames.ack(acks, Frames.PUBCOMP, packetId);
        answered.add(packetId);
      }
      case Frames.SUBACK -> suback(Inbound.subackCode(spec().version(), bytes, from));
      case Frames.UNSUBACK -> unsuback(bytes.getUnsignedShort(from));
      default -> {}
    }
  }

  private void suback(int code) {
    if (code != subscriber.qosMax().level()) {
      site.history()
          .violated(
              Violation.Kind.WRONG_FLAGS,
              clientId() + ": SUBACK 0x" + Integer.toHexString(code) + " for " + subscriber);
    } else if (++granted == subscriber.filters().size()) {
      subscribed = true;
      site.history().subscribed(clientId(), System.nanoTime());
      if (manner == Manner.FICKLE) {
        loop.schedule(this::act, 1000 + random.nextInt(3000), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void unsuback(int packetId) {
    if (packetId == subscriber.filters().size() && !wanted) {
      site.history().ended(clientId(), System.nanoTime());
      loop.schedule(this::subscribeAgain, 200 + random.nextInt(1000), TimeUnit.MILLISECONDS);
    }
  }

  private void subscribeAgain() {
    if (!wanted) {
      wanted = true;
      subscribe(false);
    }
  }

  private void published(int header, ByteBuf bytes, int from, int to) {
    int qos = Inbound.qos(header);
    if (qos > 0) {
      int packetId = bytes.getUnsignedShort(Inbound.afterTopic(bytes, from));
      judgeWindow(packetId);
      Frames.ack(acks, qos == 1 ? Frames.PUBACK : Frames.PUBREC, packetId);
      if (qos == 1) {
        answered.add(packetId);
      } else if (!received.add(packetId)) {
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

  /** What is unanswered here is unanswered for the broker too, whatever is on its way. */
  private void judgeWindow(int packetId) {
    if (!open.add(packetId)) {
      site.history()
          .violated(
              Violation.Kind.WINDOW_EXCEEDED,
              clientId() + ": packet identifier " + packetId + " is in use");
    } else if (spec().version().isV5() && open.size() > spec().receiveMaximum()) {
      site.history()
          .violated(
              Violation.Kind.WINDOW_EXCEEDED,
              clientId() + ": " + open.size() + " unacknowledged messages");
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
      answered.forEach(open::remove);
      answered.clear();
    }
  }
}
