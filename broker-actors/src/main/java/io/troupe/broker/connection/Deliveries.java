package io.troupe.broker.connection;

import akka.actor.typed.ActorRef;
import io.netty.channel.EventLoop;
import io.troupe.broker.config.SessionConfig;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.Target;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionPost;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.session.Delivery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop has for sessions without a queue in between: one batch for each session and
 * turn, as much as {@link Undelivered} lets it. Owned by its event loop.
 */
final class Deliveries {
  private static final long TICK_MILLIS = 250;

  private final EventLoop loop;
  private final SessionPost destination;
  private final BrokerMetrics metrics;
  private final Undelivered.Limit limit;
  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();
  private final Map<ActorRef<?>, SessionBatch> sessions = new HashMap<>();
  private final List<SessionBatch> begun = new ArrayList<>();
  private boolean ticking;

  /**
   * @param bytesMax on their way to all sessions together before publishers wait
   */
  Deliveries(
      EventLoop loop,
      SessionPost destination,
      BrokerMetrics metrics,
      SessionConfig session,
      long bytesMax) {
    this.loop = loop;
    this.destination = destination;
    this.metrics = metrics;
    this.limit = new Undelivered.Limit(session.mailboxMessagesMax(), session.mailboxBytesMax());
    this.bytesMax = bytesMax;
  }

  /**
   * Adds to the batch of a session.
   *
   * @param runBytes of all messages together
   * @return what its publisher must wait for, or null
   */
  @Nullable Undelivered add(Target target, List<Message> run, long runBytes, String publisher) {
    Delivery delivery = target.delivery(publisher);
    if (delivery == null) {
      return null;
    }
    SessionBatch batch = batch(target.session());
    Undelivered mailbox = batch.mailbox();
    Undelivered.State state = mailbox.state();
    if (state == Undelivered.State.STUCK) {
      metrics.dropped(DropReason.OVERLOAD, run.size());
      return null;
    }
    if (batch.isEmpty()) {
      begun.add(batch);
    }
    batch.add(run, runBytes, delivery);
    return state == Undelivered.State.FULL ? mailbox : null;
  }

  private SessionBatch batch(ActorRef<ClientSessionActor.Command> session) {
    SessionBatch batch = sessions.get(session);
    if (batch == null) {
      batch = new SessionBatch(session, new Undelivered(bytes, limit));
      sessions.put(session, batch);
      if (!ticking) {
        ticking = true;
        loop.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
    return batch;
  }

  /** The turn has ended. */
  void send() {
    for (int i = 0; i < begun.size(); i++) {
      begun.get(i).tell(destination);
    }
    begun.clear();
  }

  private void tick() {
    sessions.values().removeIf(SessionBatch::tick);
    ticking = !sessions.isEmpty();
    if (ticking) {
      loop.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Whether all sessions together are behind: who publishes must wait. */
  boolean isFull() {
    return bytes.get() > bytesMax;
  }

  /** Whether those who wait for all sessions together may go on. */
  boolean hasRoom() {
    return bytes.get() <= bytesMax / 2;
  }

  /** Any thread: bytes on their way to sessions. */
  long bytes() {
    return bytes.get();
  }
}
