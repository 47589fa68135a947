package io.troupe.broker.link;

import akka.actor.Address;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.connection.FromSession;
import io.troupe.broker.connection.RemoteConnection;
import io.troupe.broker.connection.Undelivered;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.metrics.LinkMetrics;
import io.troupe.broker.metrics.NodeFigures;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionPost;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The links of this node with the others, as sessions, connections and partitions use them. Order
 * is kept between any two of them. Thread-safe; nothing here blocks.
 */
public final class Links implements SessionPost {

  /** This node, for what comes from others. */
  public interface Receiver {
    /** A connection of another node speaks to its client's session. */
    void toClient(String clientId, ClientSessionActor.Command command);

    /**
     * A session on another node speaks to its connection here.
     *
     * @return whether there is that connection
     */
    boolean toConnection(String node, long connectionId, FromSession content);

    /** Another node tells of itself. */
    void figures(String node, NodeFigures figures);

    /** Sessions of that node are out of reach: their connections here are closed. */
    void lost(String node);
  }

  private final BrokerMetrics metrics;
  private final long queuedBytesMax;
  private final Map<Address, Outbox> byAddress = new ConcurrentHashMap<>();
  private final Map<String, Outbox> byNode = new ConcurrentHashMap<>();
  private final AtomicLong lastParcel = new AtomicLong();
  private volatile @Nullable Receiver receiver;

  /**
   * @param queuedBytesMax what may be on its way to one connection; from there on it is congested
   */
  public Links(BrokerMetrics metrics, long queuedBytesMax) {
    this.metrics = metrics;
    this.queuedBytesMax = queuedBytesMax;
    metrics
        .links()
        .waiting(
            () -> byNode.values().stream().mapToLong(Outbox::waiting).sum(),
            () -> byNode.values().stream().mapToLong(Outbox::bytes).sum(),
            () -> byNode.values().stream().mapToLong(Outbox::bytes).max().orElse(0));
  }

  /**
   * Begins, once this node is a member of its cluster.
   *
   * @param taking this node, for what comes from others
   */
  public void start(ActorSystem<?> system, Receiver taking) {
    receiver = taking;
    system.systemActorOf(LinkActor.create(this), LinkActor.NAME, Props.empty());
  }

  Receiver receiver() {
    Receiver taking = receiver;
    if (taking == null) {
      throw new IllegalStateException("the links have not started");
    }
    return taking;
  }

  @Override
  public void tell(
      ActorRef<ClientSessionActor.Command> session, ClientSessionActor.Command command) {
    Address address = session.path().address();
    if (address.hasLocalScope()) {
      session.tell(command);
      return;
    }
    Undelivered.Parcel parcel =
        command instanceof ClientSessionActor.Deliver deliver ? deliver.parcel() : null;
    Outbox outbox = byAddress.get(address);
    if (outbox == null) {
      drop(parcel); // a node that is no member has no sessions any more
    } else if (!outbox.isFull()) {
      outbox.offer(new LinkItem.ToSession(session, command, expect(parcel, outbox)));
    } else if (command instanceof ClientSessionActor.Deliver deliver) {
      metrics.dropped(DropReason.SLOW_CONSUMER, LinkItem.ToSession.count(deliver));
      drop(parcel);
    } else if (command instanceof ClientSessionActor.QueueBatch batch && batch.inStep()) {
      outbox.offer(
          new LinkItem.ToSession(session, ClientSessionActor.QueueBatch.behind(batch.filter()), 0));
    } else {
      outbox.offer(new LinkItem.ToSession(session, command, 0));
    }
  }

  private void drop(Undelivered.@Nullable Parcel parcel) {
    metrics().of(LinkMetrics.Direction.SENT).dropped().increment();
    if (parcel != null) {
      parcel.taken();
    }
  }

  private long expect(Undelivered.@Nullable Parcel parcel, Outbox outbox) {
    if (parcel == null) {
      return 0;
    }
    long number = lastParcel.incrementAndGet();
    outbox.expect(number, parcel);
    return number;
  }

  /** A session on that node has taken a parcel of ours. */
  void took(String node, long parcel) {
    Outbox outbox = byNode.get(node);
    if (outbox != null) {
      outbox.took(parcel);
    }
  }

  /** A session here has taken a parcel of that node's. */
  void tellTook(String node, long parcel) {
    Outbox outbox = byNode.get(node);
    if (outbox != null) {
      outbox.offer(new LinkItem.Took(parcel));
    }
  }

  /** Tells all other nodes, unless they do not keep up. */
  public void tellAll(NodeFigures figures) {
    for (Outbox outbox : byNode.values()) {
      if (!outbox.isFull()) {
        outbox.offer(new LinkItem.Figures(figures));
      }
    }
  }

  Outbox outbox(String node) {
    return new Outbox(node, metrics().of(LinkMetrics.Direction.SENT));
  }

  LinkMetrics metrics() {
    return metrics.links();
  }

  /**
   * Sends from a connection here to its session.
   *
   * @param node where the session was attached
   * @return false if that node is out of reach; nothing was sent
   */
  public boolean toClient(String node, String clientId, ClientSessionActor.Command command) {
    Outbox outbox = byNode.get(node);
    return outbox != null && outbox.offer(new LinkItem.ToClient(clientId, command));
  }

  /** A connection on another node, for its session here; empty if that node is out of reach. */
  public Optional<ConnectionPort> connection(
      String node, long id, String clientId, ActorRef<ClientSessionActor.Command> session) {
    Outbox outbox = byNode.get(node);
    if (outbox == null) {
      return Optional.empty();
    }
    return Optional.of(
        new RemoteConnection(
            id,
            queuedBytesMax,
            new ToConnection(outbox, id, clientId),
            () -> session.tell(new ClientSessionActor.Detach(id, true, -1))));
  }

  private record ToConnection(Outbox outbox, long id, String clientId)
      implements RemoteConnection.Link {
    @Override
    public void send(FromSession content, Runnable taken) {
      outbox.offer(new LinkItem.ToConnection(id, clientId, content, taken));
    }

    @Override
    public void attached(RemoteConnection connection) {
      outbox.attached(connection);
    }

    @Override
    public void detached(RemoteConnection connection) {
      outbox.detached(connection);
    }

    @Override
    public boolean isFull() {
      return outbox.isFull();
    }
  }

  void found(Outbox outbox, Address address) {
    byNode.put(outbox.node(), outbox);
    byAddress.put(address, outbox);
  }

  void lost(Outbox outbox, Address address) {
    byNode.remove(outbox.node(), outbox);
    byAddress.remove(address, outbox);
    outbox.close();
    receiver().lost(outbox.node());
  }

  /** What came from that node has a gap; the way to it is as it was. */
  void broken(Outbox outbox) {
    outbox.loseConnections();
    receiver().lost(outbox.node());
  }
}
