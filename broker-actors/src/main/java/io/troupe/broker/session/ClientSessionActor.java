package io.troupe.broker.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.RecoveryFailed;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.RetentionCriteria;
import akka.persistence.typed.javadsl.SignalHandler;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.connection.Undelivered;
import io.troupe.broker.partition.GateActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Will;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.QueuedMessage;
import io.troupe.protocol.session.SessionEvent;
import io.troupe.protocol.session.SessionState;
import io.troupe.protocol.session.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The session of one client: sharded by client identifier, event-sourced. A shell: {@link
 * SessionShell} runs the session core and says what to store; this class stores it and then lets
 * the shell do the rest.
 *
 * <p>A command that fails, by a mistake of ours, ends the actor and the client's connection (Server
 * unavailable). The next command starts it again from what it has stored.
 *
 * <p>A session that ends with its connection and has no will stores nothing. Every message from a
 * connection carries the connection's number; those of an earlier connection are dropped.
 */
public final class ClientSessionActor
    extends EventSourcedBehavior<ClientSessionActor.Command, SessionEvent, SessionState> {

  /** What a session takes. */
  public sealed interface Command {}

  /**
   * A connection asks for the session (3.1.4); answered through {@code ConnectionPort}.
   *
   * @param node the incarnation of the node the connection is on
   * @param username null if the client gave none
   * @param limits the client's type and limits of its queues, as its credential says
   * @param maximumPacketSize largest PUBLISH the client takes, in bytes
   */
  public record Attach(
      String node,
      long connectionId,
      String clientId,
      @Nullable String username,
      ClientLimits limits,
      boolean cleanStart,
      long expirySeconds,
      int receiveMaximum,
      long maximumPacketSize,
      @Nullable Will will)
      implements Command {}

  /**
   * The connection is gone.
   *
   * @param withWill false after a DISCONNECT that discards the will
   * @param newExpirySeconds from DISCONNECT, or -1
   */
  public record Detach(long connectionId, boolean withWill, long newExpirySeconds)
      implements Command {}

  /** SUBSCRIBE, already checked: each entry is to be subscribed or already refused. */
  public record Subscribe(long connectionId, int packetId, List<Requested> entries)
      implements Command {}

  /**
   * One entry of a SUBSCRIBE.
   *
   * @param refused why it is refused, or null
   */
  public record Requested(@Nullable Subscription subscription, @Nullable ReasonCode refused) {}

  /** UNSUBSCRIBE. */
  public record Unsubscribe(long connectionId, int packetId, List<String> filters)
      implements Command {}

  /** Acknowledgements of one socket read, in order. */
  public record Acknowledge(long connectionId, List<Ack> acks) implements Command {}

  /**
   * PUBACK, PUBREC, PUBREL or PUBCOMP of the client.
   *
   * @param type the control packet type, 4 to 7
   */
  public record Ack(int type, int packetId, ReasonCode reason) {}

  /** QoS 2 PUBLISHes of one socket read, to be admitted before they are routed. */
  public record Admit(long connectionId, List<Integer> packetIds) implements Command {}

  /**
   * An admitted PUBLISH was routed (PUBREC is out), or refused with an error.
   *
   * @param sequence of its message, as admitted
   */
  public record Routed(int packetId, long sequence, boolean refused) implements Command {}

  /**
   * Messages not stored anywhere, published in this order, for all of which the same delivery
   * holds.
   *
   * @param next more of the same read cycle, or null
   * @param parcel taken once all messages of the chain are; null in links behind the first, and for
   *     what nobody counts
   */
  public record Deliver(
      List<Message> messages,
      Delivery delivery,
      @Nullable Deliver next,
      Undelivered.@Nullable Parcel parcel)
      implements Command {}

  /**
   * Messages of a durable queue: pushed after they were stored, or the answer to a {@code Read}.
   *
   * @param fromOffset where the batch begins: there is nothing in the queue between this and the
   *     first message
   * @param nextOffset the offset after the batch, also if it is empty
   * @param dropped how many messages between the two were dropped by the queue's limits
   * @param inStep whether later messages will be pushed
   */
  public record QueueBatch(
      String filter,
      long fromOffset,
      List<QueuedMessage> messages,
      long nextOffset,
      int dropped,
      boolean inStep)
      implements Command {

    /** That there is more of a queue than was sent: the session must read. */
    public static QueueBatch behind(String filter) {
      return new QueueBatch(filter, 0, List.of(), 0, 0, false);
    }
  }

  /**
   * Messages of a shared subscription assigned to this member.
   *
   * @param again offsets that this or another member may have got before
   */
  public record SharedBatch(String filter, List<QueuedMessage> messages, List<Long> again)
      implements Command {}

  /**
   * The subscription is stored and effective on all nodes.
   *
   * @param existed whether this client was subscribed to this filter before
   * @param endOffset the next offset the queue will give: where a new durable subscription starts
   */
  public record SubscriptionEffective(String filter, boolean existed, long endOffset)
      implements Command {}

  /** The subscription cannot be had. */
  public record SubscriptionFailed(String filter, ReasonCode reason) implements Command {}

  /** The subscription is gone on all nodes. */
  public record UnsubscriptionEffective(String filter, boolean existed) implements Command {}

  /**
   * A page of the retained messages that match a new subscription. The next page comes only when it
   * is asked for, with {@code next}, so that a filter matching millions fills no mailbox.
   *
   * @param messages may be empty
   * @param next what to ask the next page with, or empty: this was the last one
   */
  public record RetainedFound(String filter, long requestId, List<Message> messages, String next)
      implements Command {

    public boolean last() {
      return next.isEmpty();
    }
  }

  /**
   * A deadline kept in the directory has come, or the node of the connection is gone: look at the
   * clock.
   *
   * @param clientId for the shard region
   * @param lostIncarnation the node incarnation that is gone, or empty
   * @param lostAtMillis when it was last known alive, milliseconds since the epoch
   */
  public record Wake(String clientId, String lostIncarnation, long lostAtMillis)
      implements Command {}

  /** Asks the session to stop: sharding's hand-over and passivation. */
  public record Stop() implements Command {}

  /**
   * The directory has stored that a client is connected, as this request asked.
   *
   * @param full it has not: the cluster has as many sessions as it may
   */
  record DirectoryStored(long requestId, boolean full) implements Command {}

  /** The directory has not answered yet. */
  record RepeatDirectory() implements Command {}

  /** Goes on with an attach whose predecessor was just detached. */
  record GoOnAttaching(long connectionId) implements Command {}

  /** A connection that is taken over has not said how it ended. */
  record DetachOverdue(long connectionId) implements Command {}

  /** Answers of partitions have not come in time. */
  record AnswersOverdue(long connectionId) implements Command {}

  /** The will is stored (or not). */
  record WillDone(long sequence, ReasonCode result) implements Command {}

  /** A queue that was read to its end pushes nothing any more. */
  record QueueLeft(String filter) implements Command {}

  /** Sends what there is room for. */
  record Pump() implements Command {}

  /** A SUBSCRIBE or UNSUBSCRIBE that has waited may go on. */
  record NextRequest() implements Command {}

  /** Stores what may wait a little; asks again for lost answers. */
  record Tick() implements Command {}

  /** No connection and nothing to do for a while. */
  record Idle() implements Command {}

  /** Forgets the ended session. */
  private record Forget() implements Command {}

  /** The ended session is forgotten, or cannot be now. */
  private record Forgotten(@Nullable Throwable problem) implements Command {}

  private record Go() implements Command {}

  /** The store takes longer than a client that waits for CONNACK can be left without an answer. */
  private record RecoveryOverdue() implements Command {}

  private static final Duration FORGET_WITHIN = Duration.ofSeconds(5);

  private final ActorContext<Command> context;
  private final SessionShell shell;
  private final TimerScheduler<Command> timers;
  private final GateActor<Command> gate;
  private boolean forgetting;
  private boolean recoveryFailed;

  /**
   * @param shard which this entity asks to be passivated
   * @param region sends to this client's session by way of its shard, which keeps what comes while
   *     the entity is passivated
   */
  public static Behavior<Command> create(
      String clientId,
      SessionSurroundings surroundings,
      ActorRef<ClusterSharding.ShardCommand> shard,
      Consumer<Command> region) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  var session =
                      new ClientSessionActor(
                          clientId, surroundings, shard, region, context, timers);
                  return session.gate.around(session);
                }));
  }

  private ClientSessionActor(
      String clientId,
      SessionSurroundings surroundings,
      ActorRef<ClusterSharding.ShardCommand> shard,
      Consumer<Command> region,
      ActorContext<Command> context,
      TimerScheduler<Command> timers) {
    // not PersistenceId.of: a client identifier may contain its separator
    super(PersistenceId.ofUniqueId(persistenceId(clientId)));
    this.context = context;
    this.timers = timers;
    this.gate = new GateActor<>(context.getSelf(), Command.class, new Go());
    gate.hold(new RecoveryOverdue(), this::recoveryOverdue);
    recoverWithin();
    this.shell = new SessionShell(clientId, surroundings, shard, region, context, timers);
  }

  /** Under which the session of a client is stored. */
  public static String persistenceId(String clientId) {
    return "session|" + clientId;
  }

  @Override
  public SessionState emptyState() {
    return new SessionState();
  }

  @Override
  public CommandHandler<Command, SessionEvent, SessionState> commandHandler() {
    return (state, command) -> {
      gate.handled();
      if (forgetting) {
        return forgetting(command);
      }
      if (command instanceof Stop) {
        return stop();
      }
      List<SessionEvent> toStore = handle(command);
      if (toStore.isEmpty()) {
        perform(command);
        return Effect().none();
      }
      return Effect().persist(toStore).thenRun((SessionState stored) -> perform(command));
    };
  }

  private Effect<SessionEvent, SessionState> stop() {
    List<SessionEvent> last = shell.handleStop();
    if (!last.isEmpty()) {
      return Effect().persist(last).thenStop();
    }
    if (!shell.leavesTraces()) {
      return Effect().stop();
    }
    forgetting = true;
    context.getSelf().tell(new Forget()); // the number of the last event is right only then
    return Effect().none();
  }

  /** Nothing is left to be done for anybody; who comes next waits for the next incarnation. */
  private Effect<SessionEvent, SessionState> forgetting(Command command) {
    if (command instanceof Forget) {
      CompletableFuture<Void> done =
          shell
              .forget(persistenceId().id(), lastSequenceNumber(context))
              .toCompletableFuture()
              .orTimeout(FORGET_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      context.pipeToSelf(done, (nothing, problem) -> new Forgotten(problem));
    } else if (command instanceof Forgotten forgotten) {
      if (forgotten.problem != null) {
        context
            .getLog()
            .warn("{} has ended and is still stored", persistenceId(), forgotten.problem);
      }
      shell.forgotten(forgotten.problem == null);
      return Effect().stop();
    } else if (command instanceof Deliver deliver) {
      shell.drop(deliver);
    }
    return Effect().none();
  }

  private List<SessionEvent> handle(Command command) {
    try {
      return shell.handle(command);
    } catch (RuntimeException | AssertionError e) {
      shell.failed(command, e);
      throw e;
    }
  }

  private void perform(Command command) {
    try {
      shell.perform();
    } catch (RuntimeException | AssertionError e) {
      shell.failed(command, e);
      throw e;
    }
  }

  @Override
  public EventHandler<SessionState, SessionEvent> eventHandler() {
    return (state, event) -> {
      event.applyTo(state);
      return state;
    };
  }

  @Override
  public SignalHandler<SessionState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::recovered)
        .onSignal(RecoveryFailed.class, (state, failed) -> recoveryFailed(failed.getFailure()))
        .onSignal(PostStop.instance(), state -> shell.stopped())
        .build();
  }

  private void recovered(SessionState state) {
    timers.cancel(new RecoveryOverdue());
    shell.recovered(state);
    gate.open();
  }

  private void recoverWithin() {
    timers.startSingleTimer(new RecoveryOverdue(), Attachment.ANSWERS_WITHIN);
  }

  private void recoveryOverdue() {
    refuse(new TimeoutException("no answer of the store in " + Attachment.ANSWERS_WITHIN));
    recoverWithin();
  }

  /** Akka says it twice: it catches what it throws to end the actor. */
  private void recoveryFailed(Throwable cause) {
    if (!recoveryFailed) {
      recoveryFailed = true;
      refuse(cause);
    }
  }

  /** Whoever waits is told; the client may come again, and then the store is asked again. */
  private void refuse(Throwable cause) {
    List<Attach> clients = gate.take(Attach.class);
    shell.notRecovered(clients, cause);
    gate.take(Deliver.class).forEach(shell::drop);
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(200, 1).withDeleteEventsOnSnapshot();
  }
}
