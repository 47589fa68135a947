package io.troupe.broker.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.directory.ClientDirectoryActor;
import io.troupe.broker.directory.ClientRecord;
import io.troupe.broker.metrics.ActorFailures;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.TopicPartitionActor;
import io.troupe.broker.session.ClientSessionActor.Ack;
import io.troupe.broker.session.ClientSessionActor.Command;
import io.troupe.broker.session.ClientSessionActor.Deliver;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.InboundFlow;
import io.troupe.protocol.session.Session;
import io.troupe.protocol.session.SessionEvent;
import io.troupe.protocol.session.SessionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The life of a session in its actor: recovery, commands, timers, the end. Each command goes to the
 * session core or to the part of this shell that knows it; {@link UnstoredEvents} gathers what must
 * be stored, {@link SessionEffects} what to do after that.
 *
 * <p>Owned by the actor; {@link #handle} and {@link #perform} alternate, nothing else comes between
 * them.
 */
final class SessionShell {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration PUMP_SOON = Duration.ofMillis(20);

  /** How long a recovered session waits to hear how its earlier connection ended. */
  private static final Duration LOST_AFTER = Duration.ofSeconds(5);

  /** Far more than between two marks of the time a node was alive. */
  private static final Duration LOST_KNOWN_WITHIN = Duration.ofSeconds(10);

  /** After this an ended session is forgotten that could not be before. */
  private static final long FORGET_AGAIN_MILLIS = 10_000;

  final String clientId;
  final SessionSurroundings surroundings;
  final ActorContext<Command> context;
  final TimerScheduler<Command> timers;
  private final ActorRef<ClusterSharding.ShardCommand> shard;
  private final Consumer<Command> region;
  private final UnstoredEvents events = new UnstoredEvents();
  private final Attachment attachment;
  private final SubscriptionShell subscriptions;
  private final SessionEffects effects;

  private SessionState state = new SessionState();
  private Session session;
  private long now;
  private boolean ticking;
  private boolean passivating;
  private int readingTicks;

  /** Whether partitions may have stored sequences of this client's messages. */
  private boolean leavesMarks;

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
    this.attachment = new Attachment(this);
    this.subscriptions = new SubscriptionShell(this);
    this.effects = new SessionEffects(this, events, attachment, subscriptions);
    this.session = new Session(clientId, state, surroundings.limits(), effects);
  }

  /** The journal was replayed. */
  void recovered(SessionState recovered) {
    state = recovered;
    session = new Session(clientId, recovered, surroundings.limits(), effects);
    events.recovered(recovered);
    leavesMarks = recovered.hasNumberedMessages();
    session.outbound().recover(sentUntilMillis(recovered));
    if (!recovered.connectedTo().isEmpty()) {
      timers.startSingleTimer(new ClientSessionActor.Wake(clientId, "", 0), LOST_AFTER);
    }
    idleSoon();
  }

  /** The store cannot give this session: those who wait for it are refused. */
  void notRecovered(List<ClientSessionActor.Attach> waiting, Throwable cause) {
    surroundings.metrics().unreadSessions().add(clientId, cause);
    waiting.forEach(attachment::notRecovered);
  }

  /**
   * An earlier incarnation sent nothing that the node received after this. One that had no
   * connection any more stored how far it was; when that went is known by about a second only.
   */
  private long sentUntilMillis(SessionState recovered) {
    return recovered.connectedTo().isEmpty()
        ? recovered.disconnectedAtMillis() + LOST_KNOWN_WITHIN.toMillis()
        : surroundings.endedBeforeMillis(recovered.connectedTo());
  }

  /** The actor ends: a connection cannot stay without its session. */
  void stopped() {
    attachment.stopped();
  }

  /** The actor ends by a mistake of ours. */
  void failed(Command command, Throwable failure) {
    surroundings
        .metrics()
        .actorFailures()
        .add(ActorFailures.Kind.SESSION, clientId, command, failure);
  }

  /** Runs a command; returns what must be stored before {@link #perform}. */
  List<SessionEvent> handle(Command command) {
    now = surroundings.nowMillis();
    attachment.forgetRights();
    dispatch(command);
    List<SessionEvent> toStore = events.areDue() ? events.take(state) : List.of();
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
    effects.cancel();
    session.outbound().detach();
    return events.take(state);
  }

  /** Whether the session has ended and something of it is stored. */
  boolean leavesTraces() {
    return !state.exists() && (events.leavesEvents() || leavesMarks);
  }

  /**
   * Forgets an ended session; the actor handles nothing else meanwhile.
   *
   * @param toSequenceNr its last event
   */
  CompletionStage<Void> forget(String persistenceId, long toSequenceNr) {
    long marksTo = leavesMarks ? state.lastSequence() : 0;
    return surroundings.forget(clientId, persistenceId, toSequenceNr, marksTo);
  }

  /** Nobody is there to take it any more. */
  void drop(Deliver deliver) {
    onDeliver(deliver);
  }

  /** The directory forgets the client too; or wakes it later, since it is still in the store. */
  void forgotten(boolean done) {
    if (done) {
      surroundings.removeFromDirectory(clientId);
    } else {
      long wakeAt = surroundings.nowMillis() + FORGET_AGAIN_MILLIS;
      surroundings.putDirectory(
          new ClientRecord(clientId, "", wakeAt), 0, context.getSystem().ignoreRef());
    }
  }

  /** What the command asked for, now that its events are stored. */
  void perform() {
    effects.perform();
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
      onSharedBatch(shared);
    } else if (command instanceof ClientSessionActor.Pump) {
      session.outbound().pump();
    } else if (command instanceof ClientSessionActor.Tick) {
      onTick();
    } else if (!attachment.handle(command) && !subscriptions.handle(command)) {
      throw new AssertionError(command);
    }
  }

  /**
   * What was assigned to an earlier connection, or crossed UNSUBSCRIBE, has gone to others when the
   * partition answers.
   */
  private void onSharedBatch(ClientSessionActor.SharedBatch shared) {
    String filter = shared.filter();
    if (!attachment.awaits(filter) && !subscriptions.isLeaving(filter)) {
      session.outbound().onShared(shared.filter(), shared.messages(), shared.again());
    }
  }

  private void onDeliver(Deliver first) {
    ConnectionPort connection = attachment.connection();
    for (Deliver d = first; d != null; d = d.next()) {
      if (connection == null) {
        surroundings.metrics().dropped(DropReason.OFFLINE, d.messages().size());
      } else if (d.messages().get(0).qos().min(d.delivery().qos()) != Qos.AT_MOST_ONCE) {
        session.outbound().onDirect(d.messages(), d.delivery());
      } else if (connection.isCongested()) {
        surroundings.metrics().dropped(DropReason.SLOW_CONSUMER, d.messages().size());
      } else {
        effects.sendAtMostOnce(d.messages(), d.delivery());
      }
    }
    effects.carries(first.parcel());
  }

  private void onAcknowledge(ClientSessionActor.Acknowledge command) {
    ConnectionPort connection = attachment.connection();
    if (connection == null || !attachment.isAttached(command.connectionId())) {
      return;
    }
    connection.handled(command.acks().size());
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
    leavesMarks = true;
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
    session.outbound().leaving().poll();
    readingTicks = session.outbound().isReading() ? readingTicks + 1 : 0;
    if (readingTicks >= 5) {
      readingTicks = 0;
      session.outbound().retryReads();
    }
    subscriptions.morePages();
    subscriptions.giveUpOverdue();
    events.storeNow();
  }

  // What the parts of this shell share

  /** When the command being handled was begun, milliseconds since the epoch. */
  long nowMillis() {
    return now;
  }

  void persist(SessionEvent event) {
    effects.persist(event);
  }

  void after(Runnable action) {
    effects.after(action);
  }

  void sendAtMostOnce(List<Message> messages, Delivery delivery) {
    effects.sendAtMostOnce(messages, delivery);
  }

  Session session() {
    return session;
  }

  SessionState state() {
    return state;
  }

  /** Whether something of the session is stored. */
  boolean isJournaled() {
    return events.isJournaled();
  }

  boolean isDurable() {
    return events.isDurable();
  }

  void setDurable(boolean durable) {
    events.setDurable(durable);
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

  /** Tells the directory; unless {@link #cancelRepeatDirectory} comes before, it is to be again. */
  void tellDirectory(ClientRecord client, long requestId, Duration repeatAfter) {
    surroundings.putDirectory(
        client,
        requestId,
        context.messageAdapter(
            ClientDirectoryActor.Stored.class,
            stored -> new ClientSessionActor.DirectoryStored(stored.requestId(), stored.full())));
    timers.startSingleTimer(new ClientSessionActor.RepeatDirectory(), repeatAfter);
  }

  void cancelRepeatDirectory() {
    timers.cancel(new ClientSessionActor.RepeatDirectory());
  }

  void tellSelf(Command command) {
    context.getSelf().tell(command);
  }

  /** Asks a queue for its next page. */
  void read(String filter, long fromOffset) {
    surroundings
        .partitions()
        .tell(
            new TopicPartitionActor.Read(
                filter,
                clientId,
                fromOffset,
                surroundings.pageMessages(),
                surroundings.pageBytes(),
                context.getSelf()));
  }

  /** A message of this client's own gets a sequence: its will. */
  void willLeaveMark() {
    leavesMarks = true;
  }

  /** When the socket has had a moment to take what was written. */
  void pumpSoon() {
    timers.startSingleTimer(new ClientSessionActor.Pump(), PUMP_SOON);
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
}
