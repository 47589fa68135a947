package io.troupe.broker.directory;

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
import io.troupe.broker.limits.ClusterCap;
import io.troupe.broker.metrics.ActorFailures;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.partition.PastDeletionActor;
import io.troupe.broker.partition.TurnsActor;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * A part of the index of all clients with stored state, by client identifier; wakes sessions at
 * their deadlines and when the node of their connection is gone, again every ten seconds until the
 * session has changed its record or removed it.
 *
 * <p>Changes that arrive while an event is being written are written together as the next one. When
 * the journal fails, the partition recovers and writes the same changes again, for as long as it
 * takes, at most five seconds apart. When a command fails, by a mistake of ours, the partition
 * recovers and leaves out that command alone.
 */
public final class ClientDirectoryActor
    extends EventSourcedBehavior<
        ClientDirectoryActor.Command, DirectoryEvent.Changed, ClientIndex> {
  /** How long a session has to act before it is woken again. */
  private static final long REPEAT_MILLIS = 10_000;

  /** The longest time between two looks at the clock and at the nodes. */
  private static final long TICK_MILLIS_MAX = 1_000;

  /** The shortest, so that thousands due at once are woken in paced batches. */
  private static final long TICK_MILLIS_MIN = 100;

  private static final Duration RESTART_MIN = Duration.ofMillis(200);
  private static final Duration RESTART_MAX = Duration.ofSeconds(5);

  /** A turn takes this many commands. */
  private static final int TURN_COMMANDS = 1_000;

  private static final int LIST_WEIGHT = 50;

  /** Fewer changes are not worth a snapshot. */
  private static final int SNAPSHOT_CHANGES_MIN = 1_000;

  /** What a directory partition takes. */
  public sealed interface Command {}

  /**
   * Stores what is known of a client, replacing what was; answered with {@link Stored} when stored.
   *
   * @param requestId the asker's, to know the answer by
   */
  public record Put(ClientRecord client, long requestId, ActorRef<Stored> replyTo)
      implements Command {}

  /**
   * What a {@link Put} of this number asked for is stored, or something newer of that client.
   *
   * @param full it is not stored: the cluster has as many sessions as it may
   */
  public record Stored(long requestId, boolean full) {
    public Stored(long requestId) {
      this(requestId, false);
    }
  }

  /** The session has ended: forgets the client. */
  public record Remove(String clientId) implements Command {}

  /**
   * Asks for the clients of this partition whose identifier begins with {@code prefix}.
   *
   * @param after the last client of the page before, or empty
   */
  public record ListClients(String prefix, String after, int limit, ActorRef<ClientPage> replyTo)
      implements Command {}

  /** Changes nothing; starts the partition. */
  record Ping() implements Command {}

  private record Tick() implements Command {}

  private record Turn(List<Command> commands) implements Command {}

  private record Go() implements Command {}

  /**
   * What a partition uses of its node.
   *
   * @param cap what this node may still take of the sessions of all nodes
   * @param wakeBatch how many sessions one partition wakes in a tenth of a second
   */
  record Surroundings(
      NodeIncarnations nodes,
      SessionWaker waker,
      ClusterCap cap,
      BrokerMetrics metrics,
      LongSupplier nowMillis,
      int wakeBatch) {}

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final int partition;
  private final Surroundings surroundings;
  private final TurnsActor<Command> turns;

  /** Where every recovery begins, also one after a failed write: never changed. */
  private final ClientIndex none = new ClientIndex();

  private List<Command> turn = List.of();

  /** Clients of this turn that the cluster has no room for; places taken for others. */
  private final Set<String> refused = new HashSet<>();

  private int places;
  private boolean writing;
  private Deadlines deadlines = new Deadlines();
  private long nodesSeen;
  private long tickAtMillis;

  static Behavior<Command> create(int partition, Surroundings surroundings) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  var actor = new ClientDirectoryActor(context, timers, partition, surroundings);
                  return actor.turns.around(
                      Behaviors.supervise(actor)
                          .onFailure(
                              Throwable.class,
                              SupervisorStrategy.restartWithBackoff(
                                  RESTART_MIN, RESTART_MAX, 0.1)));
                }));
  }

  private ClientDirectoryActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      int partition,
      Surroundings surroundings) {
    super(
        PersistenceId.ofUniqueId("directory|" + partition),
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
            command -> command instanceof ListClients ? LIST_WEIGHT : 1,
            TURN_COMMANDS);
  }

  @Override
  public ClientIndex emptyState() {
    return none;
  }

  @Override
  public CommandHandler<Command, DirectoryEvent.Changed, ClientIndex> commandHandler() {
    return this::onCommand;
  }

  private Effect<DirectoryEvent.Changed, ClientIndex> onCommand(
      ClientIndex index, Command command) {
    turn = command instanceof Turn many ? many.commands : List.of(command);
    try {
      DirectoryEvent.Changed event = change(index);
      if (event.size() > 0) {
        writing = true;
        return Effect().persist(event).thenRun(state -> onWritten(state, event));
      }
      endTurn(index);
      return Effect().none();
    } catch (RuntimeException | AssertionError e) {
      failed(e);
      throw e;
    }
  }

  private void failed(Throwable failure) {
    surroundings
        .metrics
        .actorFailures()
        .add(
            ActorFailures.Kind.DIRECTORY,
            Integer.toString(partition),
            turn.size() == 1 ? turn.get(0) : new Turn(turn),
            failure);
  }

  /** What the changes of this turn come to; the last of a client counts. */
  private DirectoryEvent.Changed change(ClientIndex index) {
    Map<String, Optional<ClientRecord>> last = new LinkedHashMap<>();
    for (Command command : turn) {
      if (command instanceof Put put) {
        if (hasRoom(index, last, put.client)) {
          last.put(put.client.clientId(), Optional.of(put.client));
        }
      } else if (command instanceof Remove remove) {
        last.put(remove.clientId, Optional.empty());
      }
    }
    return index.change(last);
  }

  /** A client that comes with a new session needs a place; whoever is known has one. */
  private boolean hasRoom(
      ClientIndex index, Map<String, Optional<ClientRecord>> last, ClientRecord client) {
    String id = client.clientId();
    boolean known = last.containsKey(id) || index.get(id) != null;
    if (known || !client.isConnected()) {
      return true;
    }
    if (surroundings.cap.tryTake()) {
      places++;
      return true;
    }
    refused.add(id);
    return false;
  }

  private void settlePlaces() {
    surroundings.cap.settled(places);
    places = 0;
    refused.clear();
  }

  private void onWritten(ClientIndex index, DirectoryEvent.Changed event) {
    writing = false;
    try {
      keepDeadlines(index, event);
      endTurn(index);
    } catch (RuntimeException | AssertionError e) {
      failed(e);
      throw e;
    }
  }

  private void keepDeadlines(ClientIndex index, DirectoryEvent.Changed event) {
    event.removed().forEach(deadlines::remove);
    for (ClientRecord client : event.put()) {
      deadlines.set(client.clientId(), wakeAt(client));
    }
    report(index);
    if (deadlines.next() < tickAtMillis) {
      tickWithin(TICK_MILLIS_MIN);
    }
  }

  private void endTurn(ClientIndex index) {
    for (Command command : turn) {
      if (command instanceof Put put) {
        put.replyTo.tell(new Stored(put.requestId, refused.contains(put.client.clientId())));
      } else if (command instanceof Tick) {
        onTick(index);
      } else if (command instanceof ListClients list) {
        list.replyTo.tell(index.page(list.prefix, list.after, list.limit));
      }
    }
    turn = List.of();
    settlePlaces();
    turns.ended();
  }

  private long wakeAt(ClientRecord client) {
    return isLost(client) ? surroundings.nowMillis.getAsLong() : client.wakeAtMillis();
  }

  private boolean isLost(ClientRecord client) {
    return client.isConnected() && !surroundings.nodes.isAlive(client.connectedTo());
  }

  private void onTick(ClientIndex index) {
    long nodesNow = surroundings.nodes.version();
    if (nodesNow != nodesSeen) {
      nodesSeen = nodesNow;
      for (ClientRecord client : index.all()) {
        if (isLost(client)) {
          deadlines.set(client.clientId(), wakeAt(client));
        }
      }
    }
    long now = surroundings.nowMillis.getAsLong();
    List<String> due = deadlines.due(now, surroundings.wakeBatch, now + REPEAT_MILLIS);
    for (String clientId : due) {
      wake(index, clientId);
    }
    tickWithin(TICK_MILLIS_MIN);
  }

  private void wake(ClientIndex index, String clientId) {
    ClientRecord client = index.get(clientId);
    if (client == null) {
      deadlines.remove(clientId);
    } else if (isLost(client)) {
      String lost = client.connectedTo();
      surroundings.waker.wake(clientId, lost, surroundings.nodes.endedAtMillis(lost));
    } else {
      surroundings.waker.wake(clientId, "", 0);
    }
  }

  /** Looks again at the next deadline, but not before this time and soon in any case. */
  private void tickWithin(long millisMin) {
    long now = surroundings.nowMillis.getAsLong();
    long untilNext = Math.min(TICK_MILLIS_MAX, deadlines.next() - now);
    long delay = Math.max(millisMin, untilNext);
    tickAtMillis = now + delay;
    timers.startSingleTimer(Tick.class, new Tick(), Duration.ofMillis(delay));
  }

  private void report(ClientIndex index) {
    surroundings.metrics.storedSessions(partition, index.size(), index.size() - index.connected());
  }

  @Override
  public EventHandler<ClientIndex, DirectoryEvent.Changed> eventHandler() {
    return this::apply;
  }

  @SuppressWarnings("ReferenceEquality")
  private ClientIndex apply(ClientIndex index, DirectoryEvent.Changed event) {
    ClientIndex changed = index == none ? new ClientIndex() : index;
    changed.apply(event);
    return changed;
  }

  @Override
  public SignalHandler<ClientIndex> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.class, (index, signal) -> onRecovered(index))
        .onSignal(SnapshotCompleted.class, (index, signal) -> onSnapshot(signal))
        .onSignal(SnapshotFailed.class, (index, signal) -> onSnapshotFailed(signal))
        .onSignal(PreRestart.class, (index, signal) -> onFailed())
        .onSignal(
            PostStop.class, (index, signal) -> surroundings.metrics.storedSessions(partition, 0, 0))
        .build();
  }

  private void onRecovered(ClientIndex index) {
    deadlines = new Deadlines();
    nodesSeen = surroundings.nodes.version();
    for (ClientRecord client : index.all()) {
      deadlines.set(client.clientId(), wakeAt(client));
    }
    report(index);
    tickWithin(TICK_MILLIS_MIN);
    turns.ended();
  }

  private void onFailed() {
    if (writing) {
      turns.again(turn);
    } else {
      turns.apart(turn); // who sent the one left out hears nothing, and asks again
    }
    writing = false;
    turn = List.of();
    settlePlaces();
  }

  private void onSnapshot(SnapshotCompleted signal) {
    PastDeletionActor.deleteBefore(
        context, persistenceId().id(), signal.getSnapshotMetadata().sequenceNr());
  }

  private void onSnapshotFailed(SnapshotFailed signal) {
    context
        .getLog()
        .warn("No snapshot of directory partition {}: {}", partition, signal.failure().toString());
  }

  /**
   * A snapshot writes what there is, so it waits until as many records have been written as
   * changes: disk traffic is at most twice that of the changes, and recovery reads at most twice
   * what there is.
   */
  @Override
  public boolean shouldSnapshot(ClientIndex index, DirectoryEvent.Changed event, long sequenceNr) {
    return index.changes() > Math.max(SNAPSHOT_CHANGES_MIN, index.size());
  }

  @Override
  public SnapshotAdapter<ClientIndex> snapshotAdapter() {
    return new SnapshotAdapter<>() {
      @Override
      public Object toJournal(ClientIndex index) {
        return index.snapshot();
      }

      @Override
      public ClientIndex fromJournal(Object snapshot) {
        return ClientIndex.restore((DirectoryEvent.All) snapshot);
      }
    };
  }
}
