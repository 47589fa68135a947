package io.troupe.broker.routing;

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
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.RetentionCriteria;
import akka.persistence.typed.javadsl.SignalHandler;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.metrics.ActorFailures;
import io.troupe.broker.partition.GateActor;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.store.QueueLog;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.topic.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition of the topic space: its filters, their subscribers, and one durable queue per filter
 * that needs one. Sharded by its number, event-sourced as {@code partition|<number>}.
 *
 * <p>Stored as events are the subscribers whose sessions outlive their connections, the queues, and
 * what shared subscriptions have settled; messages are in the {@link QueueLog}. Who is online, and
 * who subscribed only for a connection, is told by the nodes whenever the actor starts: until all
 * nodes have told, it stores and reads messages but changes no subscription.
 *
 * <p>A journal that fails restarts the actor with increasing delays; publishers that wait are told
 * that their messages are not stored. Sessions and nodes notice nothing but a delay.
 */
public final class TopicPartitionActor
    extends EventSourcedBehavior<TopicPartitionActor.Command, PartitionEvent, PartitionState> {
  /** What a partition takes. */
  public sealed interface Command {}

  /** A command about one filter: it goes to the partition of that filter. */
  public sealed interface FilterCommand extends Command {
    /** As the client wrote it, {@code $share/...} included. */
    String filter();

    String clientId();

    default TopicFilter topicFilter() {
      return TopicFilter.of(filter());
    }
  }

  /**
   * A command that changes who is subscribed. It goes through the {@link RouteCacheActor} of the
   * session's node, as {@link Partitions#tell} sees to: that repeats it until it is done, tells it
   * to a partition that starts anew, and takes the session offline if its actor stops without a
   * word.
   */
  public sealed interface SubscriptionCommand extends FilterCommand {
    /** The session actor on this node it speaks for; null: an offline one. */
    @Nullable ActorRef<ClientSessionActor.Command> session();
  }

  /**
   * What a node tells, in order and without loss. With another incarnation than the partition's it
   * is only a sign that the node is there: answered with {@link RouteCacheActor.Hello}.
   *
   * @param incarnation the partition's, as the node knows it; 0: not at all
   */
  public record FromNode(
      ActorRef<RouteCacheActor.Command> node,
      long incarnation,
      long sequence,
      List<NodeRequest> requests)
      implements Command {}

  /** The node has taken over what this partition told it under this number. */
  public record NodeAcknowledged(
      ActorRef<RouteCacheActor.Command> node, long incarnation, long sequence) implements Command {}

  /**
   * Adds or refreshes a subscriber; may be repeated. Stored if durable, then effective on every
   * node that holds the prefix, then answered with {@link
   * ClientSessionActor.SubscriptionEffective}. A changed session reference of a known subscriber
   * (it attached again) is an update. Messages queued from then on are pushed from {@code
   * nextOffset} on.
   *
   * @param nextOffset the first offset the session has not taken yet, or 0: from the end of the
   *     queue
   */
  public record Subscribe(
      Subscriber subscriber, long nextOffset, ActorRef<ClientSessionActor.Command> replyTo)
      implements SubscriptionCommand {
    @Override
    public String filter() {
      return subscriber.subscription().filter().text();
    }

    @Override
    public TopicFilter topicFilter() {
      return subscriber.subscription().filter();
    }

    @Override
    public String clientId() {
      return subscriber.clientId();
    }

    @Override
    public @Nullable ActorRef<ClientSessionActor.Command> session() {
      return subscriber.session();
    }
  }

  /**
   * Answered with {@link ClientSessionActor.UnsubscriptionEffective} when effective on every node.
   *
   * @param keep the session reads its queue on: nothing is pushed or sent at QoS 0 any more, but
   *     the subscriber and its cursor stay until they are unsubscribed without this
   * @param taken of a shared subscription, the QoS 2 messages that have become the session's own:
   *     what else is assigned to it goes to other members; null: not known, or not shared
   */
  public record Unsubscribe(
      String filter,
      String clientId,
      boolean keep,
      @Nullable List<Long> taken,
      ActorRef<ClientSessionActor.Command> replyTo)
      implements SubscriptionCommand {
    /** Keeps nothing. */
    Unsubscribe(String filter, String clientId, ActorRef<ClientSessionActor.Command> replyTo) {
      this(filter, clientId, false, null, replyTo);
    }

    @Override
    public @Nullable ActorRef<ClientSessionActor.Command> session() {
      return null;
    }
  }

  /**
   * The session has no connection any more: nothing is pushed, QoS 0 is not sent; unacknowledged
   * QoS 1 messages of a shared subscription go to other members. Ignored if the subscriber has
   * another session reference by now.
   *
   * @param taken as of {@link Unsubscribe}; null: all QoS 2 messages assigned stay with the member
   */
  public record Offline(
      String filter,
      String clientId,
      @Nullable List<Long> taken,
      ActorRef<ClientSessionActor.Command> session)
      implements SubscriptionCommand {
    /** Nothing is known of what it has taken. */
    Offline(String filter, String clientId, ActorRef<ClientSessionActor.Command> session) {
      this(filter, clientId, null, session);
    }
  }

  /**
   * Stores messages in the queue of each matching filter that has one; answered with {@link
   * IngressActor.Appended} when stored.
   */
  public record Append(
      long batchId, List<AppendEntry> entries, ActorRef<IngressActor.Command> replyTo)
      implements Command {}

  /**
   * One message to store.
   *
   * @param sequence QoS 2 from a persistent publisher: its number for this message, stored with it;
   *     0: none
   * @param forgetBelow sequences of this publisher below this are settled and may be forgotten
   * @param retry whether this publisher and sequence may have been stored before: then looked up,
   *     and not stored twice
   */
  public record AppendEntry(Message message, long sequence, long forgetBelow, boolean retry) {}

  /**
   * Asks for stored messages from an offset on; answered with {@link
   * ClientSessionActor.QueueBatch}. When the answer reaches the end of the queue, the session is in
   * step again and later messages are pushed.
   */
  public record Read(
      String filter,
      String clientId,
      long fromOffset,
      int messagesMax,
      int bytesMax,
      ActorRef<ClientSessionActor.Command> replyTo)
      implements FilterCommand {}

  /** The session cannot take pushed batches of this queue for now; it will {@link Read}. */
  public record Pause(String filter, String clientId) implements FilterCommand {}

  /** All offsets below this are settled for the session; their space may be given back. */
  public record Settled(String filter, String clientId, long below) implements FilterCommand {}

  /**
   * A member of a shared subscription may not have these messages: they go to another one, or wait
   * for one that is offline. What no member may have is dropped and counted.
   */
  public record SharedRefused(String filter, String clientId, List<Long> offsets)
      implements FilterCommand {}

  /** A member of a shared subscription has settled these offsets; each gives back one credit. */
  public record SharedSettled(String filter, String clientId, List<Long> offsets)
      implements FilterCommand {}

  /** Which nodes there are. */
  record Nodes(Set<ActorRef<RouteCacheActor.Command>> nodes, boolean complete) implements Command {}

  /** Carry out the subscription changes gathered. */
  record Flush() implements Command {}

  /** Store what has come up after the last events. */
  private record Continue() implements Command {}

  /** Upkeep is due; a test need not wait for it. */
  record Tick() implements Command {}

  record QueueLoaded(
      String filter,
      DurableQueue queue,
      QueueLog.@Nullable Bounds bounds,
      @Nullable Throwable problem)
      implements Command {}

  record PageRead(
      DurableQueue queue,
      long from,
      long end,
      @Nullable List<QueueLog.Entry> entries,
      @Nullable Throwable problem)
      implements Command {}

  record SequencesRead(String publisher, @Nullable Set<Long> open, @Nullable Throwable problem)
      implements Command {}

  record AppendDone(long number, @Nullable Throwable problem) implements Command {}

  record AppendAgain(long number) implements Command {}

  private static final Logger LOG = LoggerFactory.getLogger(TopicPartitionActor.class);

  private record Go() implements Command {}

  private static final Duration TICK = Duration.ofMillis(500);
  private static final int STASH_MAX = 1_000_000;

  /** The state before all events; never changed, since Akka uses it again after a failure. */
  private static final PartitionState NOTHING = new PartitionState(-1);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final PartitionSurroundings surroundings;
  private final ActorRef<NodesActor.Command> nodes;
  private final int partition;
  private final GateActor<Command> gate;
  private PartitionParts parts;

  /** Whether the store has failed since it last stored; logged once. */
  private boolean troubled;

  /** Events given to Akka that it will have applied before anything else happens. */
  private int eventsToApply;

  static String persistenceId(int partition) {
    return "partition|" + partition;
  }

  static Behavior<Command> create(
      int partition, PartitionSurroundings surroundings, ActorRef<NodesActor.Command> nodes) {
    // For mistakes of ours; failures of the journal are handled within, where the stash survives.
    return Behaviors.supervise(
            Behaviors.<Command>setup(
                context ->
                    Behaviors.withTimers(
                        timers -> {
                          var actor =
                              new TopicPartitionActor(
                                  context, timers, partition, surroundings, nodes);
                          return actor.gate.around(actor);
                        })))
        .onFailure(
            Throwable.class,
            SupervisorStrategy.restartWithBackoff(
                    Duration.ofMillis(200), Duration.ofSeconds(5), 0.1)
                .withStashCapacity(STASH_MAX));
  }

  private TopicPartitionActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      int partition,
      PartitionSurroundings surroundings,
      ActorRef<NodesActor.Command> nodes) {
    super(
        PersistenceId.ofUniqueId(persistenceId(partition)),
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.1)
            .withStashCapacity(STASH_MAX));
    this.context = context;
    this.timers = timers;
    this.partition = partition;
    this.surroundings = surroundings;
    this.nodes = nodes;
    this.parts = newParts(new PartitionState(partition));
    this.gate = new GateActor<>(context.getSelf(), Command.class, new Go());
  }

  private PartitionParts newParts(PartitionState state) {
    return new PartitionParts(
        new PartitionScope(
            state,
            surroundings,
            context.getSelf(),
            new PartitionScope.Pipe() {
              @Override
              public <T> void pipe(
                  CompletionStage<T> stage,
                  BiFunction<@Nullable T, @Nullable Throwable, Command> answer) {
                context.pipeToSelf(stage, answer::apply);
              }
            }));
  }

  @Override
  public PartitionState emptyState() {
    return NOTHING;
  }

  @Override
  public Optional<Integer> stashCapacity() {
    return Optional.of(STASH_MAX);
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the very object
  public EventHandler<PartitionState, PartitionEvent> eventHandler() {
    return (state, event) -> {
      PartitionState changed;
      if (eventsToApply > 0) {
        eventsToApply--;
        changed = parts.scope.state;
      } else {
        // Recovery; also after a journal failure, when this object goes on and Akka has the same
        // empty state as at first.
        changed = state == NOTHING ? new PartitionState(partition) : state;
      }
      event.applyTo(changed);
      return changed;
    };
  }

  @Override
  public SnapshotAdapter<PartitionState> snapshotAdapter() {
    return new PartitionSnapshotAdapter(partition);
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(5_000, 2).withDeleteEventsOnSnapshot();
  }

  @Override
  public SignalHandler<PartitionState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.class, this::onRecovered)
        .onSignal(PreRestart.class, (state, signal) -> stopped())
        .onSignal(PostStop.class, (state, signal) -> stopped())
        .build();
  }

  @SuppressWarnings("ReferenceEquality") // the very object
  private void onRecovered(PartitionState state, RecoveryCompleted signal) {
    parts = newParts(state == NOTHING ? new PartitionState(partition) : state);
    for (int closed : parts.scope.state.closedQueues) {
      surroundings.log().deleteQueue(QueueLog.queueId(partition, closed));
    }
    nodes.tell(new NodesActor.Watch(context.getSelf()));
    timers.startTimerWithFixedDelay(new Tick(), TICK); // a failed write has ended all timers
  }

  private void stopped() {
    parts.appends.failAll("the partition stops");
    parts.upkeep.stopped();
  }

  @Override
  public CommandHandler<Command, PartitionEvent, PartitionState> commandHandler() {
    return (state, command) -> {
      gate.handled();
      try {
        handle(command);
        return effect(command);
      } catch (RuntimeException | AssertionError e) {
        failed(command, e);
        throw e;
      }
    };
  }

  private void failed(Command command, Throwable failure) {
    surroundings
        .metrics()
        .actorFailures()
        .add(ActorFailures.Kind.PARTITION, Integer.toString(partition), command, failure);
  }

  private void handle(Command command) {
    if (command instanceof Append append) {
      parts.appends.onAppend(append);
    } else if (command instanceof AppendDone done) {
      if (done.problem() == null && troubled) {
        troubled = false;
        LOG.info("partition {} stores again", partition);
      }
      warn(done.problem(), "append");
      parts.appends.onAppendDone(done);
    } else if (command instanceof Settled settled) {
      parts.upkeep.onSettled(settled);
    } else if (command instanceof Read read) {
      parts.reads.onRead(read);
    } else if (command instanceof PageRead read) {
      warn(read.problem(), "read");
      parts.reads.onPageRead(read);
    } else if (command instanceof SharedSettled settled) {
      parts.shared.onSettled(settled);
    } else if (command instanceof Pause pause) {
      parts.upkeep.onPause(pause);
    } else if (command instanceof NodeAcknowledged acknowledged) {
      parts.scope.links.acknowledged(acknowledged);
    } else if (command instanceof FromNode message) {
      onFromNode(message);
    } else if (command instanceof Flush) {
      parts.changes.flush();
    } else if (command instanceof SubscriptionCommand change) {
      parts.changes.ask(null, 0, change);
    } else if (command instanceof SharedRefused refused) {
      parts.shared.onRefused(refused);
    } else if (command instanceof QueueLoaded loaded) {
      onQueueLoaded(loaded);
    } else if (command instanceof SequencesRead read) {
      warn(read.problem(), "look up sequences");
      parts.appends.onSequences(read);
    } else if (command instanceof AppendAgain again) {
      parts.appends.onAppendAgain(again);
    } else if (command instanceof Nodes now) {
      onNodes(now);
    } else if (command instanceof Tick) {
      parts.upkeep.tick();
    } else if (!(command instanceof Continue)) {
      throw new AssertionError(command);
    }
  }

  private void warn(@Nullable Throwable problem, String what) {
    if (problem != null && !PartitionScope.isOverload(problem) && !troubled) {
      troubled = true;
      LOG.warn("partition {} could not {}: {}", partition, what, problem.toString());
    }
  }

  private void onFromNode(FromNode message) {
    for (NodeRequest request : parts.scope.links.receive(message)) {
      if (request instanceof NodeRequest.Change change) {
        parts.changes.ask(message.node(), change.requestId(), change.command());
      } else if (request instanceof NodeRequest.Hold hold) {
        parts.scope.links.hold(message.node(), hold);
      } else if (request instanceof NodeRequest.Release release) {
        parts.scope.links.release(message.node(), release);
      } else if (request instanceof NodeRequest.Present present) {
        parts.changes.present(message.node(), present.subscriber());
      } else if (request instanceof NodeRequest.Complete) {
        parts.scope.links.complete(message.node());
        becomeReady();
      } else {
        throw new AssertionError(request);
      }
    }
  }

  private void onNodes(Nodes now) {
    Set<ActorRef<RouteCacheActor.Command>> gone =
        parts.scope.links.nodes(now.nodes(), now.complete());
    parts.changes.nodesGone(gone);
    becomeReady();
  }

  private void becomeReady() {
    if (parts.scope.links.becomesReady()) {
      LOG.debug("partition {} is ready", partition);
      parts.changes.ready();
    }
  }

  private void onQueueLoaded(QueueLoaded loaded) {
    warn(loaded.problem(), "load a queue");
    if (parts.loads.onLoaded(loaded)) {
      FilterState filter = parts.scope.state.filter(loaded.filter());
      if (filter != null) {
        parts.shared.onQueueLoaded(filter);
      }
      parts.changes.onQueueLoaded();
      parts.reads.retry();
    } else if (loaded.problem() != null
        && !PartitionScope.isOverload(loaded.problem())
        && parts.appends.isPreparing()) {
      parts.appends.failPreparing(String.valueOf(loaded.problem().getMessage()));
    }
    parts.appends.proceed();
  }

  private Effect<PartitionEvent, PartitionState> effect(Command command) {
    List<PartitionEvent> events = parts.scope.takeEvents();
    if (events.isEmpty()) {
      afterwards();
      return Effect().none();
    }
    eventsToApply = events.size();
    return Effect()
        .persist(events)
        .thenRun(
            () -> {
              try {
                afterwards();
              } catch (RuntimeException | AssertionError e) {
                failed(command, e);
                throw e;
              }
            });
  }

  private void afterwards() {
    PartitionScope scope = parts.scope;
    while (!scope.hasEvents()) {
      List<Runnable> actions = scope.takeAfterwards();
      if (actions.isEmpty()) {
        break;
      }
      actions.forEach(Runnable::run);
    }
    scope.links.flush();
    if (scope.hasEvents()) {
      context.getSelf().tell(new Continue());
    }
  }
}
