package io.troupe.protocol.session;

import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.Will;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must survive of a session (4.1): subscriptions, QoS 2 exchanges in both directions, how far
 * each queue is settled, the will, the expiry. Owned by one session actor; changed only by {@link
 * SessionEvent#applyTo}.
 */
public final class SessionState {
  /** A time that never comes. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Sequences of one millisecond: a new session's are beyond those of all before it. */
  private static final int SEQUENCES_PER_MILLI = 1024;

  /** One subscription with its place in its filter's queue. */
  public static final class Entry {
    private static final int TAKEN_MAX = 1024;

    /** While it was subscribed: after, and up to; milliseconds since the epoch. */
    record Period(long afterMillis, long untilMillis) {}

    /**
     * How often a filter may be unsubscribed and subscribed again before its queue has passed the
     * first of these times.
     */
    static final int FORMER_MAX = 100;

    /** Within this time what was received before a subscription was asked for is in the queue. */
    private static final long COMES_WITHIN_MILLIS = 1_000;

    Subscription subscription;
    long atMillis;

    /**
     * What was received from this on, and before {@link #atMillis}, may be in the queue or not;
     * {@link #atMillis}: it was passed, or that is not known after a restart.
     */
    private long makingFromMillis;

    /** Earlier periods of which the queue may still hold messages, oldest first. */
    List<Period> former = List.of();

    long settledBelow;
    long sentBelow;
    long assignedBelow;

    /**
     * Replaced by one of QoS 0, it had this: what its queue holds is delivered before it leaves the
     * queue. QoS 0: not so.
     */
    private Qos drainQos = Qos.AT_MOST_ONCE;

    /** Offsets of QoS 2 messages of a shared subscription, the last {@value #TAKEN_MAX}. */
    private Set<Long> taken = Collections.emptySet();

    Entry(Subscription subscription, long fromOffset, long atMillis) {
      this.subscription = subscription;
      this.atMillis = atMillis;
      this.makingFromMillis = atMillis;
      this.settledBelow = fromOffset;
      this.sentBelow = fromOffset;
      this.assignedBelow = fromOffset;
    }

    public Subscription subscription() {
      return subscription;
    }

    boolean isDraining() {
      return drainQos != Qos.AT_MOST_ONCE;
    }

    void drain() {
      if (!isDraining()) {
        drainQos = subscription.qos();
      }
    }

    /** Other options; with a QoS again, it goes on with its queue. */
    void replace(Subscription by) {
      subscription = by;
      if (by.qos() != Qos.AT_MOST_ONCE) {
        drainQos = Qos.AT_MOST_ONCE;
      }
    }

    /** The QoS of the queue that the session reads, if it outlives its connection; 0: none. */
    Qos queueQos() {
      return isDraining() ? drainQos : subscription.qos();
    }

    boolean readsQueue() {
      return queueQos() != Qos.AT_MOST_ONCE && !subscription.filter().isShared();
    }

    /** A QoS 2 message of this shared subscription has become the session's own. */
    void take(long offset) {
      if (taken.isEmpty()) {
        taken = new LinkedHashSet<>();
      }
      if (taken.add(offset) && taken.size() > TAKEN_MAX) {
        taken.remove(taken.iterator().next());
      }
    }

    /**
     * Whether a message of this shared subscription has become the session's own, now or of late.
     */
    boolean hasTaken(long offset) {
      return taken.contains(offset);
    }

    /** Their offsets: the last {@value #TAKEN_MAX} at least of those that were not settled. */
    public List<Long> taken() {
      return List.copyOf(taken);
    }

    /** In a snapshot: as exchanges begun and completed. */
    private List<SessionEvent> takenEvents() {
      List<SessionEvent> events = new ArrayList<>(2 * taken.size());
      for (long offset : taken) {
        String filter = subscription.filter().text();
        events.add(new SessionEvent.Assigned(1, filter, offset, null, null));
        events.add(new SessionEvent.Completed(1));
      }
      return events;
    }

    /** When it was made, milliseconds since the epoch. */
    public long atMillis() {
      return atMillis;
    }

    /**
     * Since when it was subscribed when a message came, if its queue surely has the message; else
     * -1.
     */
    long surelySince(long receivedAtMillis, long clockSkewMillis, boolean active) {
      for (Period period : former) {
        if (receivedAtMillis >= period.afterMillis() + clockSkewMillis
            && receivedAtMillis <= period.untilMillis()) {
          return period.afterMillis();
        }
      }
      return active && receivedAtMillis >= atMillis + clockSkewMillis ? atMillis : -1;
    }

    /** It is effective now, as SUBSCRIBE asked at this time. */
    void madeSince(long askedAtMillis) {
      if (askedAtMillis <= atMillis) {
        makingFromMillis = askedAtMillis - COMES_WITHIN_MILLIS;
      }
    }

    /** A message of its queue is looked at; a clock set back later makes no other of it. */
    void seen(long receivedAtMillis) {
      if (receivedAtMillis >= atMillis + COMES_WITHIN_MILLIS) {
        makingFromMillis = atMillis;
      }
    }

    /** Whether a message of its queue was received while it was made: nobody is owed it. */
    boolean isFromItsMaking(long receivedAtMillis) {
      return receivedAtMillis >= makingFromMillis && receivedAtMillis < atMillis;
    }

    /** Whether a message that is in the queue was received while, or just before, this was made. */
    boolean mayOwn(long receivedAtMillis) {
      return former.isEmpty()
          || receivedAtMillis > atMillis
          || receivedAtMillis <= former.get(0).afterMillis()
          || surelySince(receivedAtMillis, 0, false) >= 0;
    }

    /** It is unsubscribed. */
    void leave(long untilMillis) {
      if (former.isEmpty()) {
        former = new ArrayList<>(1);
      }
      former.add(new Period(atMillis, untilMillis));
    }

    /** When it was unsubscribed last; it was at least once. */
    long leftAtMillis() {
      return former.get(former.size() - 1).untilMillis();
    }

    /** The queue holds nothing any more of what was received up to this time. */
    void forgetUntil(long untilMillis) {
      former = new ArrayList<>(former);
      former.removeIf(period -> period.untilMillis() <= untilMillis);
    }

    /** Whether it was unsubscribed too often of late to be subscribed again now. */
    public boolean isWornOut() {
      return former.size() >= FORMER_MAX;
    }

    /** Subscribed, unsubscribed, subscribed ...: in a snapshot, before the marks of the queue. */
    private void periodEvents(boolean active, List<SessionEvent> events) {
      String filter = subscription.filter().text();
      Subscription queued = isDraining() ? subscription.withQos(drainQos) : subscription;
      for (Period period : former) {
        events.add(new SessionEvent.Subscribed(queued, settledBelow, period.afterMillis()));
        events.add(new SessionEvent.Unsubscribing(filter, period.untilMillis()));
      }
      if (active) {
        events.add(new SessionEvent.Subscribed(queued, settledBelow, atMillis));
      }
      if (active && isDraining()) {
        events.add(new SessionEvent.Draining(filter));
        events.add(new SessionEvent.Subscribed(subscription, settledBelow, atMillis));
      }
    }

    /** All offsets below are acknowledged or dropped. */
    public long settledBelow() {
      return settledBelow;
    }

    /** Offsets below may have been sent before. */
    public long sentBelow() {
      return sentBelow;
    }

    /** QoS 2 messages below had a packet identifier: complete unless still assigned. */
    public long assignedBelow() {
      return assignedBelow;
    }
  }

  boolean exists;
  long expirySeconds;
  String connectedTo = "";
  long connectionId;
  long connectedAtMillis;
  long disconnectedAtMillis;
  @Nullable Will will;
  @Nullable String username;
  long willDueAtMillis = NEVER;
  boolean willStarted;
  long willSequence;
  long lastSequence;
  final Map<String, Entry> subscriptions = new LinkedHashMap<>(2);

  // Most sessions have nothing in these: a map is made when the first entry comes.
  Map<Integer, Long> inbound = Collections.emptyMap();
  Map<Integer, SessionEvent.Assigned> assigned = Collections.emptyMap();
  Set<Integer> released = Collections.emptySet();

  /**
   * Unsubscribed, but their queues hold messages that other subscriptions have left to them, or may
   * get some that were on their way.
   */
  Map<String, Entry> leaving = Collections.emptyMap();

  void putLeaving(String filter, Entry entry) {
    if (leaving.isEmpty()) {
      leaving = new LinkedHashMap<>();
    }
    leaving.put(filter, entry);
  }

  void putInbound(int packetId, long sequence) {
    if (inbound.isEmpty()) {
      inbound = new LinkedHashMap<>();
    }
    inbound.put(packetId, sequence);
  }

  void putAssigned(SessionEvent.Assigned event) {
    if (assigned.isEmpty()) {
      assigned = new LinkedHashMap<>();
    }
    assigned.put(event.packetId(), event);
  }

  void addReleased(int packetId) {
    if (released.isEmpty()) {
      released = new LinkedHashSet<>();
    }
    released.add(packetId);
  }

  void discard() {
    exists = false;
    expirySeconds = 0;
    connectedTo = "";
    connectionId = 0;
    connectedAtMillis = 0;
    disconnectedAtMillis = 0;
    setWill(null, NEVER);
    username = null;
    subscriptions.clear();
    leaving.clear();
    inbound.clear();
    assigned.clear();
    released.clear();
    // lastSequence goes on: partitions may remember sequences of the earlier session under this
    // client identifier
  }

  /** A queue is not read any more: identifiers of messages that only it holds mean nothing. */
  void forgetAssigned(String filter) {
    assigned.values().removeIf(a -> a.filter().equals(filter) && a.message() == null);
  }

  void setWill(@Nullable Will newWill, long dueAtMillis) {
    will = newWill;
    willDueAtMillis = dueAtMillis;
    willStarted = false;
  }

  /** Where a session that begins at this time begins to number its client's messages. */
  public static long firstSequence(long atMillis) {
    return atMillis * SEQUENCES_PER_MILLI;
  }

  /**
   * Whether messages of this client were numbered since its session began; once in {@value
   * #SEQUENCES_PER_MILLI} cases it says no though they were.
   */
  public boolean hasNumberedMessages() {
    return lastSequence % SEQUENCES_PER_MILLI != 0;
  }

  /** Whether there is a session at all. */
  public boolean exists() {
    return exists;
  }

  /** Session Expiry Interval in seconds; 0 ends with the connection. */
  public long expirySeconds() {
    return expirySeconds;
  }

  /** Incarnation of the node that holds the connection; empty: not connected. */
  public String connectedTo() {
    return connectedTo;
  }

  /** Number of the connection in that incarnation. */
  public long connectionId() {
    return connectionId;
  }

  /** When that connection was attached, milliseconds since the epoch. */
  public long connectedAtMillis() {
    return connectedAtMillis;
  }

  /** When the last connection went, milliseconds since the epoch; 0 while there is one. */
  public long disconnectedAtMillis() {
    return disconnectedAtMillis;
  }

  public Optional<Will> will() {
    return Optional.ofNullable(will);
  }

  /** The name the will's rights go by; empty: anonymous. */
  public Optional<String> username() {
    return Optional.ofNullable(username);
  }

  /** Number of the will's publication, so that a repeated one is recognised. */
  public long willSequence() {
    return willSequence;
  }

  /** When the will is to be published while disconnected; {@link #NEVER} if there is none. */
  public long willDueAtMillis() {
    return willDueAtMillis;
  }

  /**
   * When the session ends while disconnected (MQTT-3.1.2-23); {@link #NEVER} while connected or if
   * it never expires.
   */
  public long expiresAtMillis() {
    return !connectedTo.isEmpty() || expirySeconds == 0xFFFFFFFFL
        ? NEVER
        : disconnectedAtMillis + expirySeconds * 1000;
  }

  public Collection<Entry> subscriptions() {
    return subscriptions.values();
  }

  public Optional<Entry> subscription(String filter) {
    return Optional.ofNullable(subscriptions.get(filter));
  }

  /** A subscription that is gone for the client, with messages still to be delivered. */
  public Optional<Entry> leaving(String filter) {
    return Optional.ofNullable(leaving.get(filter));
  }

  /** The entry of a filter, subscribed or leaving. */
  @Nullable Entry entry(String filter) {
    Entry entry = subscriptions.get(filter);
    return entry == null ? leaving.get(filter) : entry;
  }

  public int subscriptionCount() {
    return subscriptions.size();
  }

  /** Highest sequence given to a message of this client. */
  public long lastSequence() {
    return lastSequence;
  }

  /** Inbound QoS 2 packet identifiers not yet released, with the sequence of their message. */
  public Map<Integer, Long> inbound() {
    return inbound;
  }

  /**
   * Outbound messages with a stored packet identifier and no PUBREC yet, in the order of their
   * assignment.
   */
  public Collection<SessionEvent.Assigned> assigned() {
    return assigned.values();
  }

  /** Outbound packet identifiers after PUBREC and before PUBCOMP, in order. */
  public Set<Integer> released() {
    return released;
  }

  /** The same state as a list of events: what a snapshot stores. */
  public List<SessionEvent> toEvents() {
    List<SessionEvent> events = new ArrayList<>();
    events.add(
        new SessionEvent.Restored(
            exists,
            expirySeconds,
            connectedTo,
            connectionId,
            connectedAtMillis,
            disconnectedAtMillis,
            will,
            willDueAtMillis,
            willStarted,
            willSequence,
            lastSequence,
            username));
    subscriptions.values().forEach(entry -> addEvents(entry, true, events));
    leaving.values().forEach(entry -> addEvents(entry, false, events));
    inbound.forEach((id, sequence) -> events.add(new SessionEvent.InboundRestored(id, sequence)));
    events.addAll(assigned.values());
    released.forEach(id -> events.add(new SessionEvent.Released(id)));
    return events;
  }

  private static void addEvents(Entry entry, boolean active, List<SessionEvent> events) {
    String filter = entry.subscription.filter().text();
    entry.periodEvents(active, events);
    events.add(new SessionEvent.CursorRestored(filter, entry.sentBelow, entry.assignedBelow));
    events.addAll(entry.takenEvents());
  }
}
