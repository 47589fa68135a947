package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.Will;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fact of a session that outlives its connection, in the past tense; replaying all of them gives
 * its state.
 */
public sealed interface SessionEvent {

  /** The only place where durable state changes. */
  void applyTo(SessionState state);

  /**
   * A connection was attached (3.1.4).
   *
   * @param fresh whether the earlier state was discarded: Clean Start, or there was none
   *     (MQTT-3.1.2-4)
   * @param expirySeconds Session Expiry Interval in force
   * @param connectedTo incarnation of the node that holds the connection
   * @param connectionId number of the connection in that incarnation
   * @param will of this connection
   * @param username the name the will's rights go by, or null: anonymous
   */
  record Attached(
      boolean fresh,
      long expirySeconds,
      String connectedTo,
      long connectionId,
      @Nullable Will will,
      long atMillis,
      @Nullable String username)
      implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      if (fresh) {
        state.discard();
        // earlier sessions under this client identifier may be forgotten here, but not by the
        // partitions that recognise repeated sequences
        state.lastSequence = Math.max(state.lastSequence, SessionState.firstSequence(atMillis));
      }
      state.exists = true;
      state.expirySeconds = expirySeconds;
      state.connectedTo = connectedTo;
      state.connectionId = connectionId;
      state.connectedAtMillis = atMillis;
      state.disconnectedAtMillis = 0;
      state.setWill(will, SessionState.NEVER);
      state.username = username;
    }
  }

  /**
   * The connection is gone.
   *
   * @param willDueAtMillis when the will is to be published, or {@link SessionState#NEVER}: no will
   *     is left
   */
  record Detached(long expirySeconds, long atMillis, long willDueAtMillis) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.connectedTo = "";
      state.expirySeconds = expirySeconds;
      state.disconnectedAtMillis = atMillis;
      if (willDueAtMillis == SessionState.NEVER) {
        state.setWill(null, SessionState.NEVER);
      } else {
        state.setWill(state.will, willDueAtMillis);
        state.willSequence = ++state.lastSequence;
      }
    }
  }

  /** The will is being published: from now on another attempt is a repetition. */
  record WillStarted() implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.willStarted = true;
    }
  }

  /** The will was published. */
  record WillSettled() implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.setWill(null, SessionState.NEVER);
    }
  }

  /** The session has ended (expired, or replaced with Clean Start): nothing of it is left. */
  record Ended() implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.discard();
    }
  }

  /** A subscription became effective, or its options changed (MQTT-3.8.4-3). */
  record Subscribed(Subscription subscription, long fromOffset, long atMillis)
      implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      String filter = subscription.filter().text();
      SessionState.Entry old = state.subscriptions.get(filter);
      SessionState.Entry leaving = state.leaving.remove(filter);
      if (leaving != null && subscription.qos() != Qos.AT_MOST_ONCE) {
        // it goes on with the queue it was leaving
        leaving.replace(subscription);
        leaving.atMillis = atMillis;
        state.subscriptions.put(filter, leaving);
      } else if (old == null) {
        state.subscriptions.put(filter, new SessionState.Entry(subscription, fromOffset, atMillis));
      } else if (old.isDraining()) {
        old.replace(subscription);
      } else if ((old.subscription.qos() == Qos.AT_MOST_ONCE)
          != (subscription.qos() == Qos.AT_MOST_ONCE)) {
        // it begins, or ceases, to read the queue: earlier marks mean nothing
        SessionState.Entry entry = new SessionState.Entry(subscription, fromOffset, atMillis);
        state.subscriptions.put(filter, entry);
      } else {
        old.subscription = subscription;
      }
    }
  }

  /**
   * A subscription to a queue is gone for the client. The queue is read on: what was received while
   * it was subscribed and is wanted by other subscriptions comes from it.
   */
  record Unsubscribing(String filter, long atMillis) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      SessionState.Entry entry = state.subscriptions.remove(filter);
      if (entry != null) {
        entry.leave(atMillis);
        state.putLeaving(filter, entry);
      }
    }
  }

  /** The queue of a filter holds nothing any more of what came before it was unsubscribed. */
  record Drained(String filter) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      SessionState.Entry entry = state.subscriptions.get(filter);
      if (entry != null) {
        entry.former = List.of();
      } else {
        state.leaving.remove(filter);
        state.forgetAssigned(filter);
      }
    }
  }

  /**
   * The queue of a subscription that was made again holds nothing any more of what was received up
   * to this time, the end of one of its earlier periods.
   */
  record PeriodsOver(String filter, long untilMillis) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      SessionState.Entry entry = state.subscriptions.get(filter);
      if (entry != null) {
        entry.forgetUntil(untilMillis);
      }
    }
  }

  /**
   * A subscription is about to be replaced by one of QoS 0: it goes on reading its queue until
   * nothing is left there (MQTT-3.8.4-4).
   */
  record Draining(String filter) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      SessionState.Entry entry = state.subscriptions.get(filter);
      if (entry != null) {
        entry.drain();
      }
    }
  }

  /** Nothing was left in the queue of a subscription that was draining. */
  record QueueLeft(String filter) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      SessionState.Entry old = state.subscriptions.get(filter);
      if (old != null && old.isDraining()) {
        state.subscriptions.put(filter, new SessionState.Entry(old.subscription, 0, old.atMillis));
      }
    }
  }

  /** A subscription is gone. */
  record Unsubscribed(String filter) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.subscriptions.remove(filter);
      state.forgetAssigned(filter);
    }
  }

  /** QoS 2 PUBLISHes with new packet identifiers came in; their sequences are consecutive. */
  record InboundOpened(List<Integer> packetIds, long firstSequence) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      long sequence = firstSequence;
      for (int packetId : packetIds) {
        state.putInbound(packetId, sequence++);
      }
      state.lastSequence = sequence - 1;
    }
  }

  /** The client released packet identifiers (PUBREL), or the broker refused their messages. */
  record InboundClosed(List<Integer> packetIds) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      packetIds.forEach(state.inbound::remove);
    }
  }

  /**
   * A message got a packet identifier, before it is sent (MQTT-4.3.3-1): QoS 2, or a message that
   * is in no queue.
   *
   * @param filter whose queue holds it
   * @param offset its place there
   * @param message the message itself if no queue holds it for this session (retained, shared QoS
   *     2, unsubscribed since), else null
   */
  record Assigned(
      int packetId,
      String filter,
      long offset,
      @Nullable Message message,
      @Nullable Delivery delivery)
      implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.assigned.remove(packetId); // its place is among those assigned with it
      state.putAssigned(this);
      state.released.remove(packetId);
      SessionState.Entry entry = state.entry(filter);
      if (entry != null && entry.subscription.filter().isShared()) {
        entry.take(offset);
      } else if (entry != null && message == null) {
        entry.assignedBelow = Math.max(entry.assignedBelow, offset + 1);
      }
    }
  }

  /** The client has the message (PUBREC): from now on only PUBREL is sent (MQTT-4.3.3-7). */
  record Released(int packetId) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.assigned.remove(packetId);
      state.addReleased(packetId);
    }
  }

  /** The exchange of a packet identifier is complete. */
  record Completed(int packetId) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.assigned.remove(packetId);
      state.released.remove(packetId);
    }
  }

  /**
   * How far a queue is settled, and how far its messages may have been sent once.
   *
   * @param settledBelow all offsets below are acknowledged or dropped
   * @param sentBelow offsets below may have been sent: after a crash they go out with DUP
   *     (MQTT-3.3.1-1); it may take back what was reserved before and not used
   */
  record CursorMoved(String filter, long settledBelow, long sentBelow) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      SessionState.Entry entry = state.entry(filter);
      if (entry != null) {
        entry.settledBelow = Math.max(entry.settledBelow, settledBelow);
        entry.sentBelow = sentBelow;
      }
    }
  }

  /** First event of a snapshot: everything that is a single value. */
  record Restored(
      boolean exists,
      long expirySeconds,
      String connectedTo,
      long connectionId,
      long connectedAtMillis,
      long disconnectedAtMillis,
      @Nullable Will will,
      long willDueAtMillis,
      boolean willStarted,
      long willSequence,
      long lastSequence,
      @Nullable String username)
      implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.discard();
      state.exists = exists;
      state.expirySeconds = expirySeconds;
      state.connectedTo = connectedTo;
      state.connectionId = connectionId;
      state.connectedAtMillis = connectedAtMillis;
      state.disconnectedAtMillis = disconnectedAtMillis;
      state.setWill(will, willDueAtMillis);
      state.willStarted = willStarted;
      state.willSequence = willSequence;
      state.lastSequence = lastSequence;
      state.username = username;
    }
  }

  /** In a snapshot: the marks of a queue that {@link Subscribed} does not carry. */
  record CursorRestored(String filter, long sentBelow, long assignedBelow) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      SessionState.Entry entry = state.entry(filter);
      if (entry != null) {
        entry.sentBelow = sentBelow;
        entry.assignedBelow = assignedBelow;
      }
    }
  }

  /** In a snapshot: an inbound QoS 2 packet identifier not yet released. */
  record InboundRestored(int packetId, long sequence) implements SessionEvent {
    @Override
    public void applyTo(SessionState state) {
      state.putInbound(packetId, sequence);
    }
  }
}
