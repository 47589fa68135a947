package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.topic.TopicFilter;
import java.util.Collection;
import java.util.List;

/**
 * Queues that are read on though the client has unsubscribed them, since other queues of the
 * session have skipped messages that these deliver (see {@link SubscriptionMatcher}).
 *
 * <pre>
 *   subscribed --leave--> leaving --at the end, and others beyond it; or unwanted--> drained
 *       ^                    |
 *       +----subscribed------+  what came while it was not subscribed is skipped
 * </pre>
 *
 * <p>So that order is kept, other queues wait with messages that were received after the
 * unsubscription until this one has none from before it.
 */
public final class LeavingQueues {
  /** Within this time what was received before an unsubscription is in the queue, nearly always. */
  private static final long ORDER_MILLIS = 1_000;

  private final SessionState state;
  private final SessionLimits limits;
  private final Effects effects;
  private final SubscriptionMatcher matcher;
  private final QueueReaders readers;

  private boolean waits;
  private boolean progress;

  LeavingQueues(
      SessionState state,
      SessionLimits limits,
      Effects effects,
      SubscriptionMatcher matcher,
      QueueReaders readers) {
    this.state = state;
    this.limits = limits;
    this.effects = effects;
    this.matcher = matcher;
    this.readers = readers;
  }

  boolean isLeaving(QueueReader reader) {
    return state.leaving.containsKey(reader.filter);
  }

  /**
   * UNSUBSCRIBE has come, before its partition is asked: what is received from now on is not
   * delivered for this filter.
   *
   * @return whether the session must go on reading the queue: others have left messages to it
   */
  public boolean unsubscribing(String filter) {
    QueueReader reader = readers.get(filter);
    if (reader == null) {
      return false;
    }
    reader.kept = matcher.othersRelyOn(reader.entry);
    reader.atEndMillis = 0;
    effects.persist(new SessionEvent.Unsubscribing(filter, effects.nowMillis()));
    return reader.kept;
  }

  void unsubscribed(String filter) {
    giveUpUnwanted();
    QueueReader reader = readers.get(filter);
    boolean leaving = state.leaving.containsKey(filter);
    if (leaving && reader != null && reader.kept) {
      // nothing is pushed any more
      reader.mode = QueueReader.Mode.BEHIND;
      readers.flow().pump();
      return;
    }
    readers.close(filter);
    effects.persist(
        leaving ? new SessionEvent.Drained(filter) : new SessionEvent.Unsubscribed(filter));
  }

  /** Queues that are read on for subscriptions that are gone by now too. */
  private void giveUpUnwanted() {
    for (SessionState.Entry entry : List.copyOf(state.leaving.values())) {
      QueueReader reader = readers.get(entry.subscription.filter().text());
      if (reader != null && reader.kept && !matcher.isWanted(entry)) {
        end(reader);
      }
    }
  }

  /** The subscription really goes, unless it is being made again. */
  private void end(QueueReader reader) {
    if (!readers.flow().isAsked(reader.filter)) {
      readers.close(reader.filter);
      effects.persist(new SessionEvent.Drained(reader.filter));
      effects.unsubscribe(reader.entry.subscription);
    }
  }

  /** The partition has forgotten a queue that was read on, or it is to be subscribed at QoS 0. */
  public void giveUp(String filter) {
    if (state.leaving.containsKey(filter)) {
      readers.close(filter);
      effects.persist(new SessionEvent.Drained(filter));
    }
  }

  /** Those that are over: now their subscriptions really go. */
  void closeDrained() {
    for (QueueReader reader : List.copyOf(readers.all())) {
      if (reader.mode == QueueReader.Mode.AT_END
          && reader.buffer.isEmpty()
          && isOver(reader, reader.atEndMillis)) {
        end(reader);
      }
    }
  }

  void startRound() {
    waits = false;
    progress = false;
  }

  boolean isWorthAnotherRound() {
    return waits && progress;
  }

  /** Whether the first message of a buffer must wait until an unsubscribed queue is through. */
  boolean mustWait(QueueReader reader, Message message) {
    reader.seenMillis = Math.max(reader.seenMillis, message.receivedAtMillis());
    if (state.leaving.isEmpty() && state.subscriptions.size() == 1) {
      return false;
    }
    boolean wait =
        isHeldBack(reader, message, state.leaving.values())
            || isHeldBack(reader, message, state.subscriptions.values());
    waits |= wait;
    progress |= !wait;
    return wait;
  }

  private boolean isHeldBack(
      QueueReader reader, Message message, Collection<SessionState.Entry> by) {
    for (SessionState.Entry entry : by) {
      if (entry == reader.entry || entry.former.isEmpty()) {
        continue;
      }
      for (SessionState.Entry.Period period : entry.former) {
        if (message.receivedAtMillis() > period.untilMillis()
            && !isThrough(entry, period.untilMillis())
            && matcher.applies(entry.subscription, message)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isThrough(SessionState.Entry entry, long untilMillis) {
    QueueReader reader = readers.get(entry.subscription.filter().text());
    return reader == null
        || reader.seenMillis > untilMillis
        || hasAllUntil(reader, untilMillis + ORDER_MILLIS);
  }

  /** Looks again at queues that were at their end; to be called now and then. */
  public void poll() {
    for (QueueReader reader : List.copyOf(readers.all())) {
      if (isLeaving(reader)) {
        if (reader.mode != QueueReader.Mode.READING) {
          reader.mode = QueueReader.Mode.BEHIND;
        }
      } else if (!reader.entry.former.isEmpty()
          && reader.mode == QueueReader.Mode.IN_STEP
          && reader.buffer.isEmpty()) {
        forgetPeriods(reader, effects.nowMillis());
      }
    }
    readers.flow().pump();
  }

  /** Of a subscription that was made again, at the end of its queue at the given time. */
  private void forgetPeriods(QueueReader reader, long atEndMillis) {
    if (isOver(reader, atEndMillis)) {
      effects.persistLater(new SessionEvent.Drained(reader.filter));
      return;
    }
    long over = 0;
    for (SessionState.Entry.Period period : reader.entry.former) {
      if (isOver(reader, atEndMillis, period)) {
        over = period.untilMillis();
      }
    }
    if (over > 0) {
      effects.persistLater(new SessionEvent.PeriodsOver(reader.filter, over));
    }
  }

  private boolean isOver(QueueReader reader, long atEndMillis) {
    List<SessionState.Entry.Period> former = reader.entry.former;
    return former.isEmpty() || isOver(reader, atEndMillis, former.get(former.size() - 1));
  }

  /**
   * Whether no queue holds anything any more of what came before an unsubscription: not this one,
   * at its end at the given time, nor others, which skip what this one has delivered.
   */
  private boolean isOver(QueueReader reader, long atEndMillis, SessionState.Entry.Period period) {
    long lastComes = period.untilMillis() + limits.leavingMillis();
    if (atEndMillis < lastComes) {
      return false;
    }
    TopicFilter filter = reader.entry.subscription.filter();
    for (QueueReader other : readers.all()) {
      if (other != reader
          && !hasAllUntil(other, lastComes)
          && other.entry.subscription.filter().overlaps(filter)) {
        return false;
      }
    }
    return true;
  }

  private boolean hasAllUntil(QueueReader reader, long millis) {
    boolean inStep =
        reader.mode == QueueReader.Mode.IN_STEP && reader.buffer.isEmpty() && !isLeaving(reader);
    long atEnd = inStep ? effects.nowMillis() : reader.atEndMillis;
    return Math.max(atEnd, reader.seenMillis) >= millis;
  }

  /** Whether {@link #poll} has something to do, now or later. */
  boolean needsPoll() {
    for (QueueReader reader : readers.all()) {
      if (!reader.entry.former.isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
