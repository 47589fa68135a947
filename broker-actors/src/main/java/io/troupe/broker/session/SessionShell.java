package io.troupe.broker.session;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.connection.OutboundBatch;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.TopicPartitionActor;
import io.troupe.broker.session.ClientSessionActor.Ack;
import io.troupe.broker.session.ClientSessionActor.Command;
import io.troupe.broker.session.ClientSessionActor.Deliver;
import io.troupe.protocol.codec.PublishEncoder;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Will;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.Effects;
import io.troupe.protocol.session.InboundFlow;
import io.troupe.protocol.session.Session;
import io.troupe.protocol.session.SessionEvent;
import io.troupe.protocol.session.SessionState;
import io.troupe.protocol.session.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the session core for its actor: gathers the events of one command, and what to do once they
 * are stored.
 *
 * <p>Owned by the actor; {@link #handle} and {@link #perform} alternate, nothing else comes between
 * them.
 */
final class SessionShell implements Effects {
  private static final int LATER_MAX = 100;
  private static final Duration TICK = Duration.ofSeconds(1);

  /** How long a recovered session waits to hear how its earlier connection ended. */
  private static final Duration LOST_AFTER = Duration.ofSeconds(5);

  final String clientId;
  final SessionSurroundings surroundings;
  final ActorContext<Command> context;
  final TimerScheduler<Command> timers;
  private final ActorRef<ClusterSharding.ShardCommand> shard;
  private final Consumer<Command> region;
  private final List<SessionEvent> events = new ArrayList<>(2);
  private final List<Runnable> after = new ArrayList<>(2);
  private final Attachment attachment;
  private final SubscriptionShell subscriptions;

  private SessionState state = new SessionState();
  private Session session;
  private OutboundBatch batch = new OutboundBatch();
  private long now;
  private boolean durable;
  private boolean journaled;

  private boolean ticking;
  private boolean mustStore;
  private boolean performing;
  private boolean passivating;
  private int readingTicks;

  SessionShell(
      String clientId,
      SessionSurroundings surroundings,
      ActorRef<ClusterSharding.ShardCommand> shard,
      Consumer<Command> region,
      ActorContext<Command> context,
      TimerScheduler<Command> timers) {
    this.clientId = clientId;
    this.surroundings = surroundings;
    this.shard = shard;
    this.region = region;
    this.context = context;
    this.timers = timers;
    this.session = new Session(clientId, state, surroundings.limits(), this);
    this.attachment = new Attachment(this);
    this.subscriptions = new SubscriptionShell(this);
  }

  /** The journal was replayed. */
  void recovered(SessionState recovered) {
    state = recovered;
    session = new Session(clientId, recovered, surroundings.limits(), this);
    journaled = recovered.exists();
    durable = recovered.exists() && recovered.expirySeconds() > 0;
    session.outbound().recover();
    if (!recovered.connectedTo().isEmpty()) {
      timers.startSingleTimer(new ClientSessionActor.Wake(clientId, "", 0), LOST_AFTER);
    }
    idleSoon();
  }

  /** The actor ends: a connection cannot stay without its session. */
  void stopped() {
    attachment.stopped();
  }

  /** Runs a command; returns what must be stored before {@link #perform}. */
  List<SessionEvent> handle(Command command) {
    now = surroundings.nowMillis();
    attachment.forgetRights();
    dispatch(command);
    List<SessionEvent> toStore = mustStore || events.size() >= LATER_MAX ? takeEvents() : List.of();
    if (!ticking
        && (!events.isEmpty() || session.outbound().needsTick() || subscriptions.needsTick())) {
      ticking = true;
      timers.startSingleTimer(new ClientSessionActor.Tick(), TICK);
    }
    return toStore;
  }

  /** The actor is to stop: returns what is worth storing before, so that it goes on as it was. */
  List<SessionEvent> handleStop() {
    now = surroundings.nowMillis();
    after.clear();
    session.outbound().detach();
    return takeEvents();
  }

  /** What is to be stored; what is not stored is applied. */
  private List<SessionEvent> takeEvents() {
    List<SessionEvent> toStore = new ArrayList<>(events.size());
    for (SessionEvent event : events) {
      if (isStored(event)) {
        toStore.add(event);
      } else {
        event.applyTo(state);
      }
    }
    events.clear();
    mustStore = false;
    return toStore;
  }

  /**
   * A session that ends with its connection stores nothing but a will, and the end of what was
   * stored before.
   */
  private boolean isStored(SessionEvent event) {
    if (event instanceof SessionEvent.Attached attached) {
      boolean stored = durable || journaled || attached.will() != null;
      journaled |= stored;
      return stored;
    }
    if (event instanceof SessionEvent.Ended) {
      boolean stored = journaled;
      journaled = false;
      return stored;
    }
    return durable
        || (journaled
            && (event instanceof SessionEvent.Detached
                || event instanceof SessionEvent.WillStarted
                || event instanceof SessionEvent.WillSettled));
  }

  /** What the command asked for, now that its events are stored. */
  void perform() {
    performing = true;
    for (int i = 0; i < after.size(); i++) {
      after.get(i).run();
    }
    performing = false;
    after.clear();
    if (!batch.isEmpty()) {
      ConnectionPort connection = attachment.connection();
      if (connection != null) {
        connection.deliver(batch);
      } else {
        batch.taken();
      }
      batch = new OutboundBatch();
    }
  }

  private void dispatch(Command command) {
    if (command instanceof Deliver deliver) {
      onDeliver(deliver);
    } else if (command instanceof ClientSessionActor.QueueBatch b) {
      session
          .outbound()
          .onQueueBatch(
              b.filter(), b.fromOffset(), b.messages(), b.nextOffset(), b.dropped(), b.inStep());
    } else if (command instanceof ClientSessionActor.Acknowledge acks) {
      onAcknowledge(acks);
    } else if (command instanceof ClientSessionActor.Admit admit) {
      onAdmit(admit);
    } else if (command instanceof ClientSessionActor.Routed routed) {
      onRouted(routed);
    } else if (command instanceof ClientSessionActor.SharedBatch shared) {
      session.outbound().onShared(shared.filter(), shared.messages(), shared.again());
    } else if (command instanceof ClientSessionActor.Pump) {
      session.outbound().pump();
    } else if (command instanceof ClientSessionActor.Tick) {
      onTick();
    } else if (!attachment.handle(command) && !subscriptions.handle(command)) {
      throw new AssertionError(command);
    }
  }

  private void onDeliver(Deliver first) {
    ConnectionPort connection = attachment.connection();
    int taken = 0;
    for (Deliver d = first; d != null; d = d.next()) {
      taken += d.messages().size();
      if (connection == null) {
        surroundings.metrics().dropped(DropReason.OFFLINE, d.messages().size());
      } else if (d.messages().get(0).qos().min(d.delivery().qos()) != Qos.AT_MOST_ONCE) {
        session.outbound().onDirect(d.messages(), d.delivery());
      } else if (connection.isCongested()) {
        surroundings.metrics().dropped(DropReason.SLOW_CONSUMER, d.messages().size());
      } else {
        sendAtMostOnce(d.messages(), d.delivery());
      }
    }
    AtomicInteger undelivered = first.undelivered();
    if (undelivered != null && batch.isEmpty()) {
      undelivered.addAndGet(-taken);
    } else if (undelivered != null) {
      batch.counts(undelivered, taken);
    }
  }

  void sendAtMostOnce(List<Message> messages, Delivery delivery) {
    boolean all = true;
    for (Message message : messages) {
      all &= isDeliverable(message, delivery);
    }
    if (all) {
      batch.add(messages, delivery);
      return;
    }
    for (Message message : messages) {
      if (mayDeliver(message, delivery)) {
        batch.add(message, delivery, 0, false);
      }
    }
  }

  private void onAcknowledge(ClientSessionActor.Acknowledge command) {
    if (!attachment.isAttached(command.connectionId())) {
      return;
    }
    List<Integer> released = null;
    for (Ack ack : command.acks()) {
      switch (ack.type()) {
        case 4 -> session.outbound().onPuback(ack.packetId());
        case 5 -> session.outbound().onPubrec(ack.packetId(), ack.reason());
        case 7 -> session.outbound().onPubcomp(ack.packetId());
        default -> {
          released = released == null ? new ArrayList<>() : released;
          released.add(ack.packetId());
        }
      }
    }
    if (released != null) {
      List<Integer> ids = released;
      List<Boolean> known = session.inbound().release(ids);
      after(() -> complete(ids, known));
    }
    session.outbound().pump();
    subscriptions.morePages();
  }

  private void complete(List<Integer> packetIds, List<Boolean> known) {
    ConnectionPort connection = attachment.connection();
    if (connection == null) {
      return;
    }
    for (int i = 0; i < packetIds.size(); i++) {
      ReasonCode reason =
          known.get(i) ? ReasonCode.SUCCESS : ReasonCode.PACKET_IDENTIFIER_NOT_FOUND;
      connection.send(Pubcomp.of(packetIds.get(i), reason));
    }
  }

  private void onAdmit(ClientSessionActor.Admit command) {
    if (!attachment.isAttached(command.connectionId())) {
      return;
    }
    List<InboundFlow.Admission> admissions = session.inbound().admit(command.packetIds());
    after(
        () -> {
          ConnectionPort connection = attachment.connection();
          if (connection != null) {
            connection.admitted(admissions, session.inbound().settledBelow());
          }
        });
  }

  /** Also from an earlier connection: what it routed must not be routed again. */
  private void onRouted(ClientSessionActor.Routed command) {
    if (command.refused()) {
      session.inbound().refused(command.packetId(), command.sequence());
    } else {
      session.inbound().routed(command.packetId(), command.sequence());
    }
  }

  private void onTick() {
    ticking = false;
    session.outbound().checkpointAll();
    readingTicks = session.outbound().isReading() ? readingTicks + 1 : 0;
    if (readingTicks >= 5) {
      readingTicks = 0;
      session.outbound().retryReads();
    }
    subscriptions.morePages();
    subscriptions.giveUpOverdue();
    mustStore |= !events.isEmpty();
  }

  // What the core asks for

  @Override
  public long nowMillis() {
    return now;
  }

  @Override
  public void persist(SessionEvent event) {
    persistLater(event);
    mustStore = true;
  }

  @Override
  public void persistLater(SessionEvent event) {
    if (performing) {
      throw new AssertionError("too late to store " + event);
    }
    events.add(event);
  }

  private boolean isDeliverable(Message message, Delivery delivery) {
    return attachment.fits(message, delivery) && attachment.mayReceive(message.topic());
  }

  @Override
  public boolean mayDeliver(Message message, Delivery delivery) {
    if (!attachment.mayReceive(message.topic())) {
      surroundings.metrics().dropped(DropReason.NOT_AUTHORIZED, 1);
      return false;
    }
    if (!attachment.fits(message, delivery)) {
      surroundings.metrics().dropped(DropReason.TOO_LARGE, 1);
      return false;
    }
    return true;
  }

  @Override
  public void publish(Message message, Delivery delivery, int packetId, boolean dup) {
    batch.add(message, delivery, packetId, dup);
    if (dup) {
      surroundings.metrics().retransmitted(message.qos().min(delivery.qos()));
    }
  }

  @Override
  public void pubrel(int packetId, ReasonCode reason) {
    after(
        () -> {
          ConnectionPort connection = attachment.connection();
          if (connection != null) {
            connection.send(Pubrel.of(packetId, reason));
          }
        });
  }

  @Override
  public void read(String filter, long fromOffset) {
    tellPartition(
        new TopicPartitionActor.Read(
            filter,
            clientId,
            fromOffset,
            surroundings.pageMessages(),
            surroundings.pageBytes(),
            context.getSelf()));
  }

  @Override
  public void pause(String filter) {
    tellPartition(new TopicPartitionActor.Pause(filter, clientId));
  }

  @Override
  public void settled(String filter, long below) {
    tellPartition(new TopicPartitionActor.Settled(filter, clientId, below));
  }

  @Override
  public void sharedSettled(String filter, long offset) {
    tellPartition(new TopicPartitionActor.SharedSettled(filter, clientId, List.of(offset)));
  }

  private void tellPartition(TopicPartitionActor.FilterCommand command) {
    after(() -> surroundings.partitions().tell(command));
  }

  @Override
  public void dropped(DropCause cause, int messages) {
    DropReason reason =
        switch (cause) {
          case EXPIRED -> DropReason.EXPIRED;
          case PENDING_FULL, QUEUE_FULL -> DropReason.QUEUE_FULL;
        };
    surroundings.metrics().dropped(reason, messages);
  }

  @Override
  public void publishWill(Will will, long sequence, boolean retry) {
    Message message =
        new Message(
            will.topic(),
            will.payload(),
            will.qos(),
            will.retain(),
            will.properties(),
            clientId,
            now);
    after(
        () ->
            surroundings.publishWill(
                message,
                sequence,
                retry,
                result ->
                    context.getSelf().tell(new ClientSessionActor.WillDone(sequence, result))));
  }

  @Override
  public void unsubscribe(Subscription subscription) {
    subscriptions.forget(subscription.filter());
  }

  // What the parts of this shell share

  void after(Runnable action) {
    after.add(action);
  }

  Session session() {
    return session;
  }

  SessionState state() {
    return state;
  }

  boolean isDurable() {
    return durable;
  }

  void setDurable(boolean durable) {
    this.durable = durable;
  }

  Attachment attachment() {
    return attachment;
  }

  SubscriptionShell subscriptions() {
    return subscriptions;
  }

  @Nullable ConnectionPort connection() {
    return attachment.connection();
  }

  ActorRef<Done> ignoreDone() {
    return context.getSystem().ignoreRef();
  }

  void tellSelf(Command command) {
    context.getSelf().tell(command);
  }

  /** Leaves memory after a while without connection. */
  void idleSoon() {
    timers.startSingleTimer(new ClientSessionActor.Idle(), surroundings.passivateAfter());
  }

  void passivate() {
    passivating = true;
    shard.tell(new ClusterSharding.Passivate<>(context.getSelf()));
  }

  /** Whether this actor will be told to stop, so that nobody can attach to it any more. */
  boolean isPassivating() {
    return passivating;
  }

  /** Lets the shard keep a command for the next incarnation. */
  void leaveToNext(Command command) {
    region.accept(command);
  }

  static int encodedLength(Message message, Delivery delivery) {
    return PublishEncoder.encodedLength(
        ProtocolVersion.V5,
        message.topic(),
        message.payload(),
        message.qos().min(delivery.qos()),
        0,
        message.properties(),
        message.properties().messageExpirySeconds(),
        delivery.subscriptionIds());
  }
}
