package io.troupe.broker.session;

import io.troupe.protocol.session.SessionEvent;
import io.troupe.protocol.session.SessionState;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of one session that are not stored yet, and which of them are stored at all: a session
 * that ends with its connection stores nothing but a will, and the end of what was stored before.
 * Owned by the session's actor.
 */
final class UnstoredEvents {
  /** So many are not left to wait. */
  private static final int LATER_MAX = 100;

  private final List<SessionEvent> events = new ArrayList<>(2);
  private boolean now;
  private boolean durable;

  /** Whether the journal has something of this session. */
  private boolean journaled;

  /** Whether the journal has anything of this client identifier, also of ended sessions. */
  private boolean leavesEvents;

  void recovered(SessionState state) {
    journaled = state.exists();
    leavesEvents = state.exists() || state.lastSequence() > 0;
    durable = state.exists() && state.expirySeconds() > 0;
  }

  /** Whether the journal has something of this session. */
  boolean isJournaled() {
    return journaled;
  }

  /** Whether the session outlives its connection. */
  boolean isDurable() {
    return durable;
  }

  /** Whether the journal has anything of this client identifier, also of ended sessions. */
  boolean leavesEvents() {
    return leavesEvents;
  }

  void setDurable(boolean durable) {
    this.durable = durable;
  }

  /** Adds an event that may wait a little. */
  void add(SessionEvent event) {
    events.add(event);
  }

  /** What there is waits no longer. */
  void storeNow() {
    now |= !events.isEmpty();
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  boolean areDue() {
    return now || events.size() >= LATER_MAX;
  }

  /** What is to be stored; what is not stored is applied. */
  List<SessionEvent> take(SessionState state) {
    List<SessionEvent> toStore = new ArrayList<>(events.size());
    for (SessionEvent event : events) {
      if (isStored(event)) {
        toStore.add(event);
      } else {
        event.applyTo(state);
      }
    }
    events.clear();
    now = false;
    leavesEvents |= !toStore.isEmpty();
    return toStore;
  }

  private boolean isStored(SessionEvent event) {
    if (event instanceof SessionEvent.Attached attached) {
      boolean stored = durable || journaled || attached.will() != null;
      journaled |= stored;
      return stored;
    }
    if (event instanceof SessionEvent.Ended) {
      boolean stored = journaled;
      journaled = false;
      return stored;
    }
    return durable
        || (journaled
            && (event instanceof SessionEvent.Detached
                || event instanceof SessionEvent.WillStarted
                || event instanceof SessionEvent.WillSettled));
  }
}
