package io.troupe.broker.retained;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.SnapshotAdapter;
import akka.persistence.typed.SnapshotCompleted;
import akka.persistence.typed.SnapshotFailed;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.metrics.ActorFailures;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.partition.PastDeletionActor;
import io.troupe.broker.partition.TurnsActor;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionPost;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.ObjIntConsumer;

/**
 * A part of the retained messages, placed by the first levels of their topics.
 *
 * <p>Store commands that arrive while an event is being written are written together as the next
 * one. When the journal fails, the commands being written are answered with {@link
 * IngressActor.RetainFailed}, and the partition recovers and goes on with those that came later; it
 * tries for as long as the journal fails, at most five seconds apart. When a command fails, by a
 * mistake of ours, the partition recovers and leaves out that command alone.
 */
public final class RetainedPartitionActor
    extends EventSourcedBehavior<
        RetainedPartitionActor.Command, RetainedEvent.Changed, RetainedMessages> {
  private static final Duration EXPIRE_INTERVAL = Duration.ofSeconds(10);
  private static final Duration RESTART_MIN = Duration.ofMillis(200);
  private static final Duration RESTART_MAX = Duration.ofSeconds(5);

  /** A turn takes about this many bytes of messages, or as many searches as give a fair share. */
  private static final int TURN_BYTES = 1 << 20;

  private static final int FIND_BYTES = 1 << 14;
  private static final int COMMAND_BYTES = 256;

  /** Changes of fewer bytes are not worth a snapshot. */
  private static final long SNAPSHOT_BYTES_MIN = 256 * 1024;

  /** What a retained partition takes. */
  public sealed interface Command {}

  /**
   * Retains each message, or deletes its topic's if the payload is empty (MQTT-3.3.1-5 to -7);
   * answered with {@link IngressActor.RetainedStored} when stored, {@link
   * IngressActor.RetainFailed} if that fails.
   *
   * @param told whether the publishers are told of a refusal; if not, what is beyond a limit counts
   *     as stored, and its topic has no retained message any more
   */
  public record Store(
      long batchId, List<Message> messages, boolean told, ActorRef<IngressActor.Command> replyTo)
      implements Command {}

  /**
   * Finds a page of what a filter (without share name) matches; answered with {@link
   * ClientSessionActor.RetainedFound}, by this partition or a later one that it was passed on to.
   *
   * @param cursor empty for the first page, then {@code next} of the page before
   */
  public record Find(
      String filter, String cursor, long requestId, ActorRef<ClientSessionActor.Command> replyTo)
      implements Command {}

  /** Changes nothing; starts the partition. */
  record Ping() implements Command {}

  private record Expire() implements Command {}

  private record Turn(List<Command> commands) implements Command {}

  private record Go() implements Command {}

  /**
   * What a partition uses of its node.
   *
   * @param limits for all partitions together
   * @param peers sends to a partition
   * @param sessions brings answers to sessions
   */
  record Surroundings(
      RetainedLimits limits,
      RetainedPlacement placement,
      RetainedUsage usage,
      BrokerMetrics metrics,
      LongSupplier nowMillis,
      ObjIntConsumer<Command> peers,
      SessionPost sessions) {}

  private final ActorContext<Command> context;
  private final int partition;
  private final Surroundings surroundings;
  private final TimerScheduler<Command> timers;
  private final TurnsActor<Command> turns;

  /** Where every recovery begins, also one after a failed write: never changed. */
  private final RetainedMessages none = new RetainedMessages();

  /** What the turn being written stores, and what it searches for after that. */
  private final List<Store> storing = new ArrayList<>();

  private final List<Find> finding = new ArrayList<>();
  private boolean writing;

  static Behavior<Command> create(int partition, Surroundings surroundings) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  var actor = new RetainedPartitionActor(context, timers, partition, surroundings);
                  return actor.turns.around(
                      Behaviors.supervise(actor)
                          .onFailure(
                              Throwable.class,
                              SupervisorStrategy.restartWithBackoff(
                                  RESTART_MIN, RESTART_MAX, 0.1)));
                }));
  }

  private RetainedPartitionActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      int partition,
      Surroundings surroundings) {
    super(
        PersistenceId.ofUniqueId("retained|" + partition),
        SupervisorStrategy.restartWithBackoff(RESTART_MIN, RESTART_MAX, 0.1));
    this.context = context;
    this.timers = timers;
    this.partition = partition;
    this.surroundings = surroundings;
    turns =
        new TurnsActor<>(
            context.getSelf(),
            Command.class,
            Turn::new,
            new Go(),
            RetainedPartitionActor::weight,
            TURN_BYTES);
  }

  @Override
  public RetainedMessages emptyState() {
    return none;
  }

  private static int weight(Command command) {
    if (command instanceof Store store) {
      long bytes = COMMAND_BYTES;
      for (Message message : store.messages) {
        bytes += message.sizeBytes();
      }
      return (int) Math.min(bytes, TURN_BYTES);
    }
    return command instanceof Find ? FIND_BYTES : COMMAND_BYTES;
  }

  @Override
  public CommandHandler<Command, RetainedEvent.Changed, RetainedMessages> commandHandler() {
    return this::onCommand;
  }

  private Effect<RetainedEvent.Changed, RetainedMessages> onCommand(
      RetainedMessages messages, Command command) {
    if (command instanceof Turn turn) {
      for (Command each : turn.commands) {
        if (each instanceof Store store) {
          storing.add(store);
        } else if (each instanceof Find find) {
          finding.add(find);
        }
      }
    }
    try {
      messages.expire(surroundings.nowMillis.getAsLong());
      return storing.isEmpty()
          ? nothingToWrite(messages, RetainedMessages.Admission.NOTHING)
          : onStore(messages);
    } catch (RuntimeException | AssertionError e) {
      failed(e);
      throw e;
    }
  }

  private void failed(Throwable failure) {
    List<Command> turn = turn();
    surroundings
        .metrics
        .actorFailures()
        .add(
            ActorFailures.Kind.RETAINED,
            Integer.toString(partition),
            turn.size() == 1 ? turn.get(0) : new Turn(turn),
            failure);
  }

  /** What is not answered yet of the turn under way. */
  private List<Command> turn() {
    List<Command> turn = new ArrayList<>(storing);
    turn.addAll(finding);
    return turn;
  }

  private Effect<RetainedEvent.Changed, RetainedMessages> onStore(RetainedMessages messages) {
    List<Message> wanted = new ArrayList<>();
    BitSet told = new BitSet();
    for (Store store : storing) {
      told.set(wanted.size(), wanted.size() + store.messages.size(), store.told);
      wanted.addAll(store.messages);
    }
    RetainedLimits left = surroundings.usage.left(surroundings.limits, partition);
    RetainedMessages.Admission admission = messages.admit(wanted, told::get, left);
    if (admission.change().isEmpty()) {
      return nothingToWrite(messages, admission);
    }
    writing = true;
    return Effect().persist(admission.change()).thenRun(state -> onWritten(state, admission));
  }

  private void onWritten(RetainedMessages messages, RetainedMessages.Admission admission) {
    writing = false;
    try {
      endTurn(messages, admission);
    } catch (RuntimeException | AssertionError e) {
      failed(e);
      throw e;
    }
  }

  private Effect<RetainedEvent.Changed, RetainedMessages> nothingToWrite(
      RetainedMessages messages, RetainedMessages.Admission admission) {
    endTurn(messages, admission);
    return Effect().none();
  }

  /** A search of the same turn comes last, so it sees what the same client stored before it. */
  private void endTurn(RetainedMessages messages, RetainedMessages.Admission admission) {
    report(messages);
    if (admission.refused() > 0) {
      surroundings.metrics.dropped(DropReason.RETAINED_FULL, admission.refused());
    }
    int from = 0;
    for (Store store : storing) {
      int to = from + store.messages.size();
      List<ReasonCode> own = List.copyOf(admission.results().subList(from, to));
      boolean allStored = own.stream().noneMatch(ReasonCode::isError);
      store.replyTo.tell(
          new IngressActor.RetainedStored(store.batchId, partition, allStored ? List.of() : own));
      from = to;
    }
    storing.clear();
    finding.forEach(find -> onFind(messages, find));
    finding.clear();
    turns.ended();
  }

  private void onFind(RetainedMessages messages, Find find) {
    TopicFilter filter = TopicFilter.of(find.filter);
    RetainedMessages.Page page =
        messages.find(
            find.filter,
            RetainedCursor.after(find.cursor),
            surroundings.limits,
            surroundings.nowMillis.getAsLong());
    int nextPartition = page.more() ? partition : surroundings.placement.next(filter, partition);
    String next =
        nextPartition < 0
            ? RetainedCursor.END
            : RetainedCursor.of(nextPartition, page.more() ? page.last() : "");
    if (page.messages().isEmpty() && nextPartition >= 0) {
      surroundings.peers.accept(
          new Find(find.filter, next, find.requestId, find.replyTo), nextPartition);
    } else {
      surroundings.sessions.tell(
          find.replyTo,
          new ClientSessionActor.RetainedFound(find.filter, find.requestId, page.messages(), next));
    }
  }

  private void report(RetainedMessages messages) {
    surroundings.usage.set(partition, messages.count(), messages.bytes());
    surroundings.metrics.retained(partition, messages.count(), messages.bytes());
  }

  @Override
  public EventHandler<RetainedMessages, RetainedEvent.Changed> eventHandler() {
    return this::apply;
  }

  @SuppressWarnings("ReferenceEquality")
  private RetainedMessages apply(RetainedMessages messages, RetainedEvent.Changed event) {
    RetainedMessages changed = messages == none ? new RetainedMessages() : messages;
    changed.apply(event);
    return changed;
  }

  @Override
  public SignalHandler<RetainedMessages> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.class, (messages, signal) -> onRecovered(messages))
        .onSignal(SnapshotCompleted.class, (messages, signal) -> onSnapshot(signal))
        .onSignal(SnapshotFailed.class, (messages, signal) -> onSnapshotFailed(signal))
        .onSignal(PreRestart.class, (messages, signal) -> onFailed())
        .onSignal(PostStop.class, (messages, signal) -> onStopped())
        .build();
  }

  private void onRecovered(RetainedMessages messages) {
    timers.startTimerWithFixedDelay(new Expire(), EXPIRE_INTERVAL);
    messages.expire(surroundings.nowMillis.getAsLong());
    report(messages);
    turns.ended();
  }

  private void onFailed() {
    if (writing) {
      writing = false;
      failed(storing, "the journal failed");
      turns.again(List.copyOf(finding));
    } else {
      for (Command leftOut : turns.apart(turn())) {
        if (leftOut instanceof Store store) {
          failed(List.of(store), "the partition failed");
        }
      }
      storing.clear();
    }
    finding.clear();
  }

  private void failed(List<Store> stores, String reason) {
    for (Store store : stores) {
      store.replyTo.tell(new IngressActor.RetainFailed(store.batchId, partition, reason));
    }
    storing.clear();
  }

  private void onStopped() {
    for (Command command : turns.takeAll()) {
      if (command instanceof Store store) {
        storing.add(store);
      }
    }
    failed(storing, "the partition stopped");
    surroundings.usage.set(partition, 0, 0);
    surroundings.metrics.retained(partition, 0, 0);
  }

  private void onSnapshot(SnapshotCompleted signal) {
    PastDeletionActor.deleteBefore(
        context, persistenceId().id(), signal.getSnapshotMetadata().sequenceNr());
  }

  private void onSnapshotFailed(SnapshotFailed signal) {
    context
        .getLog()
        .warn(
            "No snapshot of retained partition {}: {}", partition, signal.getFailure().toString());
  }

  /**
   * A snapshot writes what there is, so it waits until as much has been written as changes: disk
   * traffic is at most twice that of the changes, and recovery reads at most twice what there is.
   */
  @Override
  public boolean shouldSnapshot(
      RetainedMessages messages, RetainedEvent.Changed event, long sequenceNr) {
    return messages.changedBytes() > Math.max(SNAPSHOT_BYTES_MIN, messages.bytes());
  }

  @Override
  public SnapshotAdapter<RetainedMessages> snapshotAdapter() {
    return new SnapshotAdapter<>() {
      @Override
      public Object toJournal(RetainedMessages messages) {
        return messages.snapshot();
      }

      @Override
      public RetainedMessages fromJournal(Object snapshot) {
        return RetainedMessages.restore((RetainedEvent.All) snapshot);
      }
    };
  }
}
