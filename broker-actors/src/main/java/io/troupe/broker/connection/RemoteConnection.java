package io.troupe.broker.connection;

import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.InboundFlow;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A connection on another node, as its session sees it. What the session tells it goes over the
 * link to that node, which keeps the order and loses nothing unless one of the two nodes ends: then
 * the session is told that the connection is gone, and the other node closes it.
 */
public final class RemoteConnection implements ConnectionPort {

  /** The way to the connection's node. */
  public interface Link {
    /**
     * Sends.
     *
     * @param taken runs when the other node has it, or never will
     */
    void send(FromSession content, Runnable taken);

    /** From now on {@link RemoteConnection#lost} is called if the link breaks, also right now. */
    void attached(RemoteConnection connection);

    void detached(RemoteConnection connection);

    /** Whether the other node does not keep up. */
    boolean isFull();
  }

  private final long id;
  private final long queuedBytesMax;
  private final Link link;
  private final Runnable onLost;
  private final AtomicLong queuedBytes = new AtomicLong();

  /**
   * @param queuedBytesMax on the way and not yet taken; from there on the connection is congested
   * @param onLost tells the session
   */
  public RemoteConnection(long id, long queuedBytesMax, Link link, Runnable onLost) {
    this.id = id;
    this.queuedBytesMax = queuedBytesMax;
    this.link = link;
    this.onLost = onLost;
  }

  private static void nothing() {}

  /** The link has broken. */
  public void lost() {
    onLost.run();
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public void attached(boolean sessionPresent) {
    link.send(new FromSession.Attached(sessionPresent), RemoteConnection::nothing);
    link.attached(this);
  }

  @Override
  public void refused(ReasonCode reason) {
    link.send(new FromSession.Refused(reason), RemoteConnection::nothing);
    link.detached(this);
  }

  @Override
  public void deliver(OutboundBatch batch) {
    int bytes = batch.sizeBytes();
    queuedBytes.addAndGet(bytes);
    link.send(
        new FromSession.Deliver(batch),
        () -> {
          queuedBytes.addAndGet(-bytes);
          batch.taken();
        });
  }

  @Override
  public void send(Packet packet) {
    link.send(new FromSession.Send(packet), RemoteConnection::nothing);
  }

  @Override
  public void admitted(List<InboundFlow.Admission> admissions, long settledBelow) {
    link.send(new FromSession.Admitted(admissions, settledBelow), RemoteConnection::nothing);
  }

  @Override
  public void handled(int acknowledgements) {
    link.send(new FromSession.Handled(acknowledgements), RemoteConnection::nothing);
  }

  @Override
  public void close(ReasonCode reason) {
    link.send(new FromSession.Close(reason), RemoteConnection::nothing);
    link.detached(this);
  }

  @Override
  public void released() {
    link.detached(this);
  }

  @Override
  public boolean isCongested() {
    return queuedBytes.get() > queuedBytesMax || link.isFull();
  }
}
