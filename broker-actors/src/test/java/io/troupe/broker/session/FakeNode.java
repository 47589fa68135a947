package io.troupe.broker.session;

import akka.actor.typed.ActorRef;
import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.connection.OutboundBatch;
import io.troupe.broker.directory.ClientDirectoryActor;
import io.troupe.broker.directory.ClientRecord;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.routing.Partitions;
import io.troupe.broker.routing.TopicPartitionActor;
import io.troupe.broker.session.ClientSessionActor.Command;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.session.InboundFlow;
import io.troupe.protocol.session.SessionLimits;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The node around a session: answers what is asked of it, at once unless told to hold answers back,
 * then notes it as a short text.
 */
final class FakeNode implements SessionSurroundings, Partitions {
  final BlockingQueue<String> log = new LinkedBlockingQueue<>();
  final Map<Long, ConnectionPort> connections = new ConcurrentHashMap<>();
  final BrokerMetrics metrics = new BrokerMetrics();

  /** Answers of partitions and the directory that were held back. */
  final Queue<Runnable> held = new ArrayDeque<>();

  final BlockingQueue<Consumer<ReasonCode>> wills = new LinkedBlockingQueue<>();
  private final AtomicLong clock;

  /** What the last subscription was. */
  volatile @Nullable Subscription subscribed;

  volatile boolean holdPartitions;
  volatile boolean holdDirectory;
  private final Set<String> directoryRequests = ConcurrentHashMap.newKeySet();
  volatile boolean holdWills;
  volatile CompletionStage<Void> forgotten = CompletableFuture.completedStage(null);
  volatile String incarnation = "node#1";
  volatile long lastAliveMillis;
  volatile long startedMillis = Long.MAX_VALUE;

  FakeNode(AtomicLong clock) {
    this.clock = clock;
  }

  /** A new connection of this number. */
  void open(long id) {
    connections.put(id, new Connection(id));
  }

  void release() {
    List<Runnable> answers;
    synchronized (held) {
      answers = List.copyOf(held);
      held.clear();
    }
    answers.forEach(Runnable::run);
  }

  /** Gives the oldest answer that was held back. */
  void releaseOne() {
    Runnable answer;
    synchronized (held) {
      answer = held.remove();
    }
    answer.run();
  }

  private void answer(boolean hold, Runnable answer) {
    if (hold) {
      synchronized (held) {
        held.add(answer);
      }
    } else {
      answer.run();
    }
  }

  private final class Connection implements ConnectionPort {
    private final long id;

    Connection(long id) {
      this.id = id;
    }

    private void note(String what) {
      log.add(id + " " + what);
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public void attached(boolean sessionPresent) {
      note("attached " + sessionPresent);
    }

    @Override
    public void refused(ReasonCode reason) {
      note("refused " + reason);
    }

    @Override
    public void deliver(OutboundBatch batch) {
      for (OutboundBatch.Run run : batch.runs()) {
        for (Message message : run.messages()) {
          note(
              "publish "
                  + message.payload().asUtf8()
                  + " #"
                  + run.packetId()
                  + (run.dup() ? " dup" : ""));
        }
      }
    }

    @Override
    public void send(Packet packet) {
      if (packet instanceof Suback suback) {
        note("suback " + suback.reasons());
      } else if (packet instanceof Unsuback unsuback) {
        note("unsuback " + unsuback.reasons());
      } else {
        note(packet.getClass().getSimpleName());
      }
    }

    @Override
    public void admitted(List<InboundFlow.Admission> admissions, long settledBelow) {
      note("admitted " + admissions.stream().map(InboundFlow.Admission::packetId).toList());
    }

    @Override
    public void handled(int acknowledgements) {}

    @Override
    public void close(ReasonCode reason) {
      note("close " + reason);
      connections.remove(id, this);
    }

    @Override
    public boolean isCongested() {
      return false;
    }
  }

  // Partitions

  @Override
  public void tell(TopicPartitionActor.FilterCommand command) {
    String filter = command.filter();
    if (command instanceof TopicPartitionActor.Subscribe subscribe) {
      subscribed = subscribe.subscriber().subscription();
      answer(
          holdPartitions,
          () ->
              subscribe
                  .replyTo()
                  .tell(new ClientSessionActor.SubscriptionEffective(filter, false, 1)));
      log.add("subscribe " + filter + " from " + subscribe.nextOffset());
    } else if (command instanceof TopicPartitionActor.Unsubscribe unsubscribe) {
      answer(
          holdPartitions,
          () ->
              unsubscribe
                  .replyTo()
                  .tell(new ClientSessionActor.UnsubscriptionEffective(filter, true)));
      log.add("unsubscribe " + filter + (unsubscribe.keep() ? " and keep the queue" : ""));
    } else if (command instanceof TopicPartitionActor.Read read) {
      answer(
          holdPartitions,
          () -> {
            long from = read.fromOffset();
            read.replyTo()
                .tell(new ClientSessionActor.QueueBatch(filter, from, List.of(), from, 0, true));
          });
      log.add("read " + filter + " from " + read.fromOffset());
    } else if (command instanceof TopicPartitionActor.Offline) {
      log.add("offline " + filter);
    } else if (command instanceof TopicPartitionActor.Settled settled) {
      log.add("settled " + filter + " " + settled.below());
    } else {
      log.add(command.getClass().getSimpleName() + " " + filter);
    }
  }

  @Override
  public void append(int partition, TopicPartitionActor.Append append) {
    throw new AssertionError(append);
  }

  // Directory, retained messages, wills

  @Override
  public void putDirectory(
      ClientRecord client, long requestId, ActorRef<ClientDirectoryActor.Stored> replyTo) {
    String wake = client.wakeAtMillis() == Long.MAX_VALUE ? "" : " " + client.wakeAtMillis();
    answer(holdDirectory, () -> replyTo.tell(new ClientDirectoryActor.Stored(requestId)));
    if (!directoryRequests.add(requestId + " " + replyTo)) {
      return; // repeated, because this machine is slow
    }
    log.add("directory " + client.connectedTo() + wake);
  }

  @Override
  public void removeFromDirectory(String clientId) {
    log.add("directory removed");
  }

  @Override
  public CompletionStage<Void> forget(
      String clientId, String persistenceId, long toSequenceNr, long marksTo) {
    log.add("forget to " + toSequenceNr + (marksTo > 0 ? " with marks" : ""));
    return forgotten;
  }

  @Override
  public void findRetained(
      TopicFilter filter, String cursor, long requestId, ActorRef<Command> replyTo) {
    log.add("retained " + filter.text());
  }

  @Override
  public void publishWill(
      Message will,
      @Nullable String username,
      long sequence,
      boolean retry,
      Consumer<ReasonCode> done) {
    log.add("will" + (retry ? " again" : ""));
    if (holdWills) {
      wills.add(done);
    } else {
      done.accept(ReasonCode.SUCCESS);
    }
  }

  // Settings

  @Override
  public long nowMillis() {
    return clock.get();
  }

  @Override
  public SessionLimits limits() {
    return new SessionLimits(10, 100, 1 << 20, 1 << 20, 100, 35_000, 0);
  }

  @Override
  public BrokerMetrics metrics() {
    return metrics;
  }

  @Override
  public String incarnation() {
    return incarnation;
  }

  @Override
  public long startedMillis() {
    return startedMillis;
  }

  @Override
  public long lastAliveMillis(String of) {
    return of.equals(incarnation) ? nowMillis() : lastAliveMillis;
  }

  @Override
  public int subscriptionsMax() {
    return 3;
  }

  @Override
  public int sharedCredit() {
    return 10;
  }

  @Override
  public int pageMessages() {
    return 100;
  }

  @Override
  public int pageBytes() {
    return 1 << 20;
  }

  @Override
  public Duration passivateAfter() {
    return Duration.ofSeconds(30);
  }

  @Override
  public Optional<ConnectionPort> connection(
      String of, long connectionId, String clientId, ActorRef<Command> session) {
    return Optional.ofNullable(connections.get(connectionId));
  }

  @Override
  public Partitions partitions() {
    return this;
  }

  @Override
  public boolean mayReceive(String clientId, @Nullable String username, String topic) {
    return true;
  }
}
