package io.troupe.broker.connection;

import akka.actor.typed.ActorRef;
import io.netty.channel.EventLoop;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.Route;
import io.troupe.broker.routing.SharedTargets;
import io.troupe.broker.routing.Target;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one event loop published in one turn of the loop, grouped by target: one
 * message to each session, partition and retained partition when the turn ends. Owned by its event
 * loop.
 *
 * <p>Publishers are not read while more is on its way than may be: to a session, to all of them
 * ({@link Deliveries}) or to the store ({@link StoreLoad}).
 */
final class ReadCycle {
  private final EventLoop loop;
  private final ConnectionSurroundings surroundings;
  private final StoreBatches stores;
  private final StoreLoad load;
  private final Deliveries deliveries;
  private final Map<String, List<Inbound>> waiting = new HashMap<>();
  private final List<Paused> paused = new ArrayList<>();
  private final Runnable endOfTurn = this::endTurn;
  private @Nullable ActorRef<IngressActor.Command> address;
  private boolean scheduled;

  // the run of consecutive messages that go the same way
  private @Nullable Route runRoute;
  private boolean runAcknowledged;
  private String runPublisher = "";
  private @Nullable ClientConnection runConnection;
  private List<Message> run = new ArrayList<>();
  private long runBytes;

  /** A connection that is not read until this session, or all sessions and the store, catch up. */
  private record Paused(ClientConnection connection, @Nullable Undelivered session) {}

  ReadCycle(
      EventLoop loop, ConnectionSurroundings surroundings, StoreLoad load, Deliveries deliveries) {
    this.loop = loop;
    this.surroundings = surroundings;
    this.load = load;
    this.deliveries = deliveries;
    this.stores = new StoreBatches(surroundings, load);
    long tick = 1000;
    loop.scheduleWithFixedDelay(this::onTick, tick, tick, TimeUnit.MILLISECONDS);
  }

  /** Where answers come; set once before the first connection. */
  void address(ActorRef<IngressActor.Command> address) {
    this.address = address;
    stores.address(address);
  }

  /** Any thread: publishes a message of the broker itself. */
  void publish(Message message, long sequence, boolean retry, Consumer<ReasonCode> done) {
    loop.execute(() -> route(Inbound.internal(message, sequence, retry, done)));
  }

  /**
   * Routes a message; false if its topic's route must be fetched first: it is routed when that has
   * come, and its connection must publish nothing else before ({@link ClientConnection#routed}).
   */
  boolean route(Inbound in) {
    Route route = surroundings.routes().match(in.message.topic());
    if (route == null) {
      List<Inbound> others = waiting.computeIfAbsent(in.message.topic(), t -> new ArrayList<>(1));
      others.add(in);
      if (others.size() == 1 && address != null) {
        surroundings.resolve(in.message.topic(), address);
      }
      return false;
    }
    route(in, route);
    return true;
  }

  private void route(Inbound in, Route route) {
    Message message = in.message;
    boolean acknowledged = message.qos() != Qos.AT_MOST_ONCE;
    // A QoS 2 message that may have been routed before a crash goes only where repeats are
    // recognised
    if (!in.retry || message.qos() != Qos.EXACTLY_ONCE) {
      direct(in, route, acknowledged);
    }
    if (acknowledged) {
      for (int partition : route.partitions()) {
        stores.append(partition, in);
      }
    }
    if (message.retain()) {
      stores.retain(surroundings.retainedPartition(message.topic()), in);
    }
    if (route.isEmpty(message.qos())) {
      if (!message.publisher().isEmpty()) { // nobody misses what the broker says of itself
        surroundings.metrics().dropped(DropReason.NO_SUBSCRIBER, 1);
      }
      in.result = ReasonCode.NO_MATCHING_SUBSCRIBERS;
    }
    scheduleEnd();
    if (in.open == 0) {
      complete(in);
    }
  }

  private void direct(Inbound in, Route route, boolean acknowledged) {
    Message message = in.message;
    if (!route.shared(message.qos()).isEmpty()) {
      for (SharedTargets shared : route.shared(message.qos())) {
        Target member =
            shared.pick(surroundings.sharedStrategies(), message.publisher(), message.topic());
        List<Message> one = List.of(message);
        waitFor(
            deliveries.add(member, one, message.sizeBytes(), message.publisher()), in.connection);
      }
    }
    if (route.direct(message.qos()).isEmpty()) {
      return;
    }
    if (route != runRoute
        || acknowledged != runAcknowledged
        || !runPublisher.equals(message.publisher())) {
      closeRun();
      runRoute = route;
      runAcknowledged = acknowledged;
      runPublisher = message.publisher();
      runConnection = in.connection;
    }
    run.add(message);
    runBytes += message.sizeBytes();
  }

  private void closeRun() {
    Route route = runRoute;
    if (route == null || run.isEmpty()) {
      return;
    }
    List<Message> messages = run;
    run = new ArrayList<>();
    Qos qos = runAcknowledged ? Qos.AT_LEAST_ONCE : Qos.AT_MOST_ONCE;
    for (Target target : route.direct(qos)) {
      waitFor(deliveries.add(target, messages, runBytes, runPublisher), runConnection);
    }
    runBytes = 0;
    runRoute = null;
    runConnection = null;
  }

  private void waitFor(@Nullable Undelivered full, @Nullable ClientConnection publisher) {
    if (full != null && publisher != null && publisher.pause(Pauses.BEHIND)) {
      surroundings.metrics().pausedForSession();
      addPaused(new Paused(publisher, full));
    }
  }

  private void scheduleEnd() {
    if (!scheduled) {
      scheduled = true;
      loop.execute(endOfTurn);
    }
  }

  private void endTurn() {
    scheduled = false;
    closeRun();
    deliveries.send();
    stores.send();
  }

  /**
   * Whether sessions are behind with what this loop sent them, or the store with what it got, if
   * this message needs it: the publisher must wait.
   */
  boolean isBehind(Inbound in) {
    return deliveries.isFull() || (in.open > 0 && load.isFull());
  }

  /** The connection has stopped reading until those behind have caught up. */
  void pauseUntilCaughtUp(ClientConnection connection) {
    if (load.isFull()) {
      surroundings.metrics().pausedForStore();
    }
    addPaused(new Paused(connection, null));
  }

  private void addPaused(Paused added) {
    paused.add(added);
    if (paused.size() == 1) {
      loop.schedule(this::checkCaughtUp, 1, TimeUnit.MILLISECONDS);
    }
  }

  private void checkCaughtUp() {
    boolean behind = !deliveries.hasRoom() || !load.hasRoom();
    List<Paused> were = List.copyOf(paused);
    paused.clear();
    for (Paused p : were) {
      boolean waits = p.session == null ? behind : p.session.state() == Undelivered.State.FULL;
      if (waits && !p.connection.isClosed()) {
        paused.add(p);
      } else {
        p.connection.caughtUp();
      }
    }
    if (!paused.isEmpty()) {
      loop.schedule(this::checkCaughtUp, 2, TimeUnit.MILLISECONDS);
    }
  }

  /** An answer of a partition, a retained partition or the route cache. */
  void onAnswer(IngressActor.Command answer) {
    if (answer instanceof IngressActor.RouteReady ready) {
      List<Inbound> ins = waiting.remove(ready.topic());
      if (ins != null) {
        for (Inbound in : ins) {
          if (route(in) && in.connection != null) {
            in.connection.routed();
          }
        }
      }
    } else {
      stores.onAnswer(answer, this::complete);
    }
  }

  private void onTick() {
    if (!waiting.isEmpty() && address != null) {
      for (String topic : waiting.keySet()) {
        surroundings.resolve(topic, address);
      }
    }
    stores.expire(this::complete);
  }

  private void complete(Inbound in) {
    in.complete = true;
    if (in.connection != null) {
      in.connection.completed(in);
    } else if (in.done != null) {
      in.done.accept(in.failed ? ReasonCode.UNSPECIFIED_ERROR : in.result);
    }
  }
}
