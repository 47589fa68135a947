package io.troupe.broker.connection;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import io.netty.channel.EventLoop;
import io.troupe.broker.limits.ConnectionQuota;
import io.troupe.broker.metrics.DisconnectReason;
import io.troupe.broker.metrics.DropReason;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.transport.ConnectionHandler;
import io.troupe.protocol.transport.MqttConnection;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All client connections of this node, and what each event loop has for them. */
public final class Connections implements ConnectionHandler.Factory {

  /** One event loop's part. */
  record Loop(ReadCycle cycle, OutboundQueue outbound, FrameCache frames) {}

  private final ConnectionSurroundings surroundings;
  private final IdentityHashMap<EventLoop, Loop> loops = new IdentityHashMap<>();
  private final List<Loop> loopList = new ArrayList<>();
  private final Map<Long, ClientConnection> connections = new ConcurrentHashMap<>();

  /**
   * Sessions tell connections of several nodes apart by their numbers: each node begins anywhere.
   */
  private final AtomicLong lastId = new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 62));

  private final AtomicInteger nextLoop = new AtomicInteger();

  /**
   * Prepares the event loops.
   *
   * @param spawn starts the actor of an event loop under a name
   */
  public Connections(
      ConnectionSurroundings surroundings,
      List<EventLoop> eventLoops,
      BiFunction<Behavior<IngressActor.Command>, String, ActorRef<IngressActor.Command>> spawn) {
    this.surroundings = surroundings;
    StoreLoad load = new StoreLoad(surroundings.routing().waitingBytesMax());
    surroundings.metrics().waitingForStore(load::bytes);
    long bytesMax = surroundings.session().undeliveredBytesMax() / eventLoops.size();
    for (EventLoop eventLoop : eventLoops) {
      Deliveries deliveries =
          new Deliveries(
              eventLoop,
              surroundings.sessions(),
              surroundings.metrics(),
              surroundings.session(),
              bytesMax);
      surroundings.metrics().waitingForSessions(deliveries::bytes);
      ReadCycle cycle = new ReadCycle(eventLoop, surroundings, load, deliveries);
      cycle.address(
          spawn.apply(IngressActor.create(eventLoop, cycle), "ingress-" + loopList.size()));
      Loop loop =
          new Loop(
              cycle, new OutboundQueue(eventLoop, surroundings::mayAcknowledge), new FrameCache());
      loops.put(eventLoop, loop);
      loopList.add(loop);
    }
  }

  @Override
  public @Nullable ConnectionHandler accept(MqttConnection mqtt) {
    surroundings.metrics().socketOpened(mqtt.transport());
    ConnectionQuota.Slot slot =
        surroundings.admit(mqtt.remoteAddress(), mqtt.transport().isEncrypted());
    if (slot == null) {
      surroundings.metrics().connectionClosed(mqtt.transport(), null, DisconnectReason.SERVER_BUSY);
      return null;
    }
    ClientConnection connection =
        new ClientConnection(lastId.incrementAndGet(), mqtt, surroundings, this, slot);
    connections.put(connection.id(), connection);
    return connection;
  }

  void remove(ClientConnection connection) {
    connections.remove(connection.id());
  }

  Loop loop(EventLoop eventLoop) {
    Loop loop = loops.get(eventLoop);
    if (loop == null) {
      throw new IllegalStateException("not an event loop of this broker: " + eventLoop);
    }
    return loop;
  }

  /** The connection of this number, unless it is gone. */
  public Optional<ConnectionPort> connection(long id) {
    return Optional.ofNullable(connections.get(id));
  }

  /**
   * Takes what a session on another node tells its connection here.
   *
   * @return whether there is that connection
   */
  public boolean receive(String node, long id, FromSession content) {
    ClientConnection connection = connections.get(id);
    if (connection == null) {
      return false;
    }
    if (content instanceof FromSession.Deliver deliver) {
      connection.deliver(connection.isCongested() ? withoutQos0(deliver.batch()) : deliver.batch());
    } else if (content instanceof FromSession.Send send) {
      connection.send(send.packet());
    } else if (content instanceof FromSession.Admitted admitted) {
      connection.admitted(admitted.admissions(), admitted.settledBelow());
    } else if (content instanceof FromSession.Handled handled) {
      connection.handled(handled.acknowledgements());
    } else if (content instanceof FromSession.Attached attached) {
      connection.attachedOn(node, attached.sessionPresent());
    } else if (content instanceof FromSession.Refused refused) {
      connection.refused(refused.reason());
    } else if (content instanceof FromSession.Close close) {
      connection.close(close.reason());
    } else {
      throw new AssertionError(content);
    }
    return true;
  }

  /** What a slow socket still gets. */
  private OutboundBatch withoutQos0(OutboundBatch batch) {
    OutboundBatch rest = new OutboundBatch();
    for (OutboundBatch.Run run : batch.runs()) {
      if (run.packetId() != 0) {
        rest.add(run.messages().get(0), run.delivery(), run.packetId(), run.dup());
      } else {
        surroundings.metrics().dropped(DropReason.SLOW_CONSUMER, run.messages().size());
      }
    }
    return rest;
  }

  /** A node is out of reach: connections whose sessions are there close, so that clients return. */
  public void lost(String node) {
    connections.values().forEach(connection -> connection.lost(node));
  }

  public int count() {
    return connections.size();
  }

  /** Publishes a message of the broker itself; {@code done} runs on an event loop. */
  public void publish(Message message, long sequence, boolean retry, Consumer<ReasonCode> done) {
    int index = Math.floorMod(nextLoop.getAndIncrement(), loopList.size());
    loopList.get(index).cycle().publish(message, sequence, retry, done);
  }

  /** The connections open now, in no order. */
  public List<? extends ConnectionPort> all() {
    return List.copyOf(connections.values());
  }

  /** Asks every connection to close; 5.0 clients are told why. */
  public void closeAll(ReasonCode reason) {
    connections.values().forEach(c -> c.close(reason));
  }
}
