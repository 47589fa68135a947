package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.SharedStrategy;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.QueuedMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which message of a shared subscription's queue went to which member (4.8.2).
 *
 * <p>Stored are what is settled, which QoS 2 messages belong to a member, and how far QoS 1
 * messages may have been sent ({@link SentMarks}). A QoS 2 message that its member was sent stays
 * with it until its session ends (MQTT-4.8.2-4, MQTT-4.8.2-5). QoS 1 messages in flight are known
 * only while the partition lives; those of a member that goes offline go to others.
 */
final class SharedGroup {
  /** An online member. */
  static final class Member {
    final SubscriberState subscriber;
    final @Nullable ActorRef<ClientSessionActor.Command> session;
    int inFlight;

    Member(SubscriberState subscriber) {
      this.subscriber = subscriber;
      this.session = subscriber.session;
    }

    boolean hasCredit() {
      return inFlight < Math.max(1, subscriber.credit);
    }
  }

  private record Flight(String clientId, QueuedMessage message) {}

  /**
   * What to send.
   *
   * @param forGood per member the offsets it keeps for good: stored before anything is sent
   * @param expired how many messages nobody gets, since they are too old
   * @param sentBelow stored before too: offsets below may have been sent at QoS 1; 0: that is
   * @param refused how many messages nobody gets, since no member may have them
   */
  record Assignments(
      Map<SubscriberState, List<QueuedMessage>> batches,
      Map<String, List<Long>> forGood,
      long sentBelow,
      int expired,
      int refused) {}

  private static final int READY_MAX = 1_000;
  private static final int PARKED_MAX = 1_000;

  private long below = 1;
  private final TreeSet<Long> settled = new TreeSet<>();
  private final TreeMap<Long, String> forGood = new TreeMap<>();

  private final Map<String, Member> members = new LinkedHashMap<>();
  private final SharedRing ring = new SharedRing();
  private final Map<Long, Flight> flights = new HashMap<>();
  private final TreeMap<Long, QueuedMessage> returned = new TreeMap<>();

  private final SentMarks sent = new SentMarks();

  /** Members that may not have a message, by its offset. */
  private final Map<Long, Set<String>> refusals = new HashMap<>();

  /** What all members that are online have refused, while one that is not may have the right. */
  private final TreeMap<Long, QueuedMessage> parked = new TreeMap<>();

  private final Deque<QueuedMessage> ready = new ArrayDeque<>();
  private long next = 1;
  private int credit;

  // What is stored.

  /** All offsets below are settled. */
  long below() {
    return below;
  }

  /** How many messages of the queue are not settled. */
  long open(long end) {
    return Math.max(0, end - below - settled.size());
  }

  List<Long> settledAbove() {
    return List.copyOf(settled);
  }

  SortedMap<Long, String> assignedForGood() {
    return forGood;
  }

  void reset() {
    below = 1;
    next = 1;
    settled.clear();
    forGood.clear();
    flights.clear();
    returned.clear();
    sent.reset();
    refusals.clear();
    parked.clear();
    ready.clear();
    members.values().forEach(member -> credit += member.inFlight);
    members.values().forEach(member -> member.inFlight = 0);
  }

  /**
   * @param clientId empty: they belong to nobody any more, and are assigned anew
   */
  void assignForGood(String clientId, List<Long> offsets) {
    for (long offset : offsets) {
      String owner = clientId.isEmpty() ? forGood.remove(offset) : forGood.put(offset, clientId);
      if (clientId.isEmpty() && owner != null) {
        giveBack(owner, offset);
      }
    }
  }

  /** A message that was assigned and not sent is at hand again, or is to be read again. */
  private void giveBack(String clientId, long offset) {
    Flight flight = flights.remove(offset);
    if (flight == null) {
      next = Math.min(next, offset);
    } else {
      returned.put(offset, flight.message());
    }
    Member member = members.get(clientId);
    if (member != null && member.inFlight > 0) {
      member.inFlight--;
      credit += member.hasCredit() ? 1 : 0;
    }
  }

  /** Whether a message belongs to a member for good. */
  boolean isOwn(String clientId, long offset) {
    return clientId.equals(forGood.get(offset));
  }

  /** What belongs to a member for good, but is not among what its session has taken over. */
  List<Long> notTaken(String clientId, List<Long> taken) {
    Set<Long> own = new HashSet<>(taken);
    List<Long> rest = new ArrayList<>();
    forGood.forEach(
        (offset, owner) -> {
          if (owner.equals(clientId) && !own.contains(offset)) {
            rest.add(offset);
          }
        });
    return rest;
  }

  void restoreProgress(long newBelow, List<Long> settledAbove) {
    skipTo(newBelow);
    settledAbove.forEach(this::settleOne);
  }

  /** Everything below is gone from the queue or settled. */
  void skipTo(long offset) {
    if (offset <= below) {
      return;
    }
    below = offset;
    settled.headSet(offset, false).clear();
    forGood.headMap(offset, false).clear();
    returned.headMap(offset, false).clear();
    sent.removeBelow(offset);
    refusals.keySet().removeIf(refused -> refused < offset);
    parked.headMap(offset, false).clear();
    while (!ready.isEmpty() && ready.getFirst().offset() < offset) {
      ready.removeFirst();
    }
    next = Math.max(next, offset);
    advance();
  }

  private void settleOne(long offset) {
    sent.remove(offset);
    refusals.remove(offset);
    forGood.remove(offset);
    if (offset >= below) {
      settled.add(offset);
      advance();
    }
  }

  private void advance() {
    while (!settled.isEmpty() && settled.first() == below) {
      settled.pollFirst();
      below++;
    }
  }

  // Members.

  boolean hasMembers() {
    return !members.isEmpty();
  }

  boolean isOnline(String clientId) {
    return members.containsKey(clientId);
  }

  /**
   * A member is online, or its subscription has changed.
   *
   * @return the offsets that are its own for good and are to be sent to its new session actor or
   *     connection again, in order
   */
  NavigableSet<Long> online(SubscriberState subscriber) {
    Member known = members.get(subscriber.clientId);
    if (known != null && Objects.equals(known.session, subscriber.session)) {
      countCredit();
      return Collections.emptyNavigableSet();
    }
    offline(subscriber.clientId);
    refusals.values().forEach(by -> by.remove(subscriber.clientId)); // it may have the right by now
    unpark();
    Member member = new Member(subscriber);
    members.put(subscriber.clientId, member);
    ring.add(member);
    NavigableSet<Long> own = new TreeSet<>();
    for (Map.Entry<Long, String> entry : forGood.entrySet()) {
      if (entry.getValue().equals(subscriber.clientId)) {
        own.add(entry.getKey());
      }
    }
    member.inFlight = own.size();
    countCredit();
    return own;
  }

  private void countCredit() {
    credit = 0;
    for (Member member : ring.members()) {
      credit += Math.max(0, Math.max(1, member.subscriber.credit) - member.inFlight);
    }
  }

  /** A member is offline: what it has not settled, and does not keep for good, goes to others. */
  void offline(String clientId) {
    Member member = members.remove(clientId);
    if (member == null) {
      return;
    }
    ring.remove(member);
    flights
        .entrySet()
        .removeIf(
            flight -> {
              if (!flight.getValue().clientId().equals(clientId)) {
                return false;
              }
              if (!forGood.containsKey(flight.getKey())) {
                returned.put(flight.getKey(), flight.getValue().message());
                sent.add(flight.getKey());
              }
              return true;
            });
    countCredit();
  }

  /**
   * A member's session has ended: what was its own for good is dropped (MQTT-4.8.2-5).
   *
   * @return how many messages
   */
  int gone(String clientId) {
    offline(clientId);
    List<Long> own =
        forGood.entrySet().stream()
            .filter(entry -> entry.getValue().equals(clientId))
            .map(Map.Entry::getKey)
            .toList();
    own.forEach(this::settleOne);
    unpark();
    return own.size();
  }

  /** The members are others now. */
  private void unpark() {
    returned.putAll(parked);
    parked.clear();
  }

  // Messages.

  /** The offset to read from next, or 0: enough is at hand, or nobody takes it. */
  long wantsFrom(long end) {
    return next < end && ready.isEmpty() && credit > 0 ? next : 0;
  }

  /** Messages just stored; taken if nothing before them is still to be read. */
  void offerStored(List<QueuedMessage> messages, long end) {
    if (next == messages.get(0).offset() && ready.size() < READY_MAX && credit > 0) {
      ready.addAll(messages);
      next = end;
    }
  }

  /** A page as asked for with {@link #wantsFrom}. */
  void offerPage(long from, List<QueuedMessage> messages, long nextOffset) {
    if (from != next) {
      return;
    }
    long expected = from;
    for (QueuedMessage message : messages) {
      settleGap(expected, message.offset());
      expected = message.offset() + 1;
      if (message.offset() >= below
          && !settled.contains(message.offset())
          && !flights.containsKey(message.offset())
          && !returned.containsKey(message.offset())
          && !parked.containsKey(message.offset())
          && !forGood.containsKey(message.offset())) {
        ready.addLast(message);
      }
    }
    settleGap(expected, nextOffset);
    next = nextOffset;
  }

  private void settleGap(long from, long to) {
    for (long offset = from; offset < to; offset++) {
      settleOne(offset);
    }
  }

  /**
   * Assigns what is at hand while members have credit.
   *
   * @param awaits whether a member is offline that is not among those given: it may have the right
   *     to what they have refused
   */
  Assignments dispatch(
      SharedStrategy strategy,
      long nowMillis,
      IntUnaryOperator random,
      Predicate<Set<String>> awaits) {
    Map<SubscriberState, List<QueuedMessage>> batches = new LinkedHashMap<>();
    Map<String, List<Long>> kept = new LinkedHashMap<>();
    long sentBelow = 0;
    int expired = 0;
    int refused = 0;
    while (credit > 0 && !(returned.isEmpty() && ready.isEmpty())) {
      boolean givenBack = !returned.isEmpty();
      QueuedMessage message = givenBack ? returned.firstEntry().getValue() : ready.getFirst();
      boolean tooOld = message.message().isExpired(nowMillis);
      List<Member> candidates = candidates(message.offset());
      boolean nobodys = !tooOld && candidates.isEmpty();
      Member member = tooOld || nobodys ? null : ring.choose(strategy, message, candidates, random);
      if (!tooOld && !nobodys && member == null) {
        break;
      }
      if (givenBack) {
        returned.pollFirstEntry();
      } else {
        ready.removeFirst();
      }
      if (member == null) {
        Set<String> by = refusals.getOrDefault(message.offset(), Set.of());
        if (nobodys && parked.size() < PARKED_MAX && awaits.test(by)) {
          parked.put(message.offset(), message);
          continue;
        }
        settleOne(message.offset());
        expired += tooOld ? 1 : 0;
        refused += nobodys ? 1 : 0;
        continue;
      }
      member.inFlight++;
      credit--;
      SubscriberState subscriber = member.subscriber;
      flights.put(message.offset(), new Flight(subscriber.clientId, message));
      batches.computeIfAbsent(subscriber, same -> new ArrayList<>()).add(message);
      if (message.message().qos().min(subscriber.subscription.qos()) == Qos.EXACTLY_ONCE) {
        kept.computeIfAbsent(subscriber.clientId, same -> new ArrayList<>()).add(message.offset());
      } else {
        sentBelow = Math.max(sentBelow, sent.sending(message.offset()));
      }
    }
    return new Assignments(batches, kept, sentBelow, expired, refused);
  }

  /** The members that have not refused a message. */
  private List<Member> candidates(long offset) {
    Set<String> by = refusals.get(offset);
    return by == null
        ? ring.members()
        : ring.members().stream()
            .filter(member -> !by.contains(member.subscriber.clientId))
            .toList();
  }

  /**
   * A member has settled offsets.
   *
   * @return whether any was its own for good: then this must be stored soon
   */
  boolean settle(String clientId, List<Long> offsets) {
    boolean wasForGood = false;
    Member member = members.get(clientId);
    for (long offset : offsets) {
      Flight flight = flights.get(offset);
      boolean own = isOwn(clientId, offset);
      if (flight != null && flight.clientId().equals(clientId)) {
        flights.remove(offset);
      } else if (!own && !returned.containsKey(offset)) {
        // Another member has it by now, or it is settled.
        continue;
      }
      returned.remove(offset);
      wasForGood |= own;
      settleOne(offset);
      if (member != null && member.inFlight > 0) {
        member.inFlight--;
        credit += member.hasCredit() ? 1 : 0;
      }
    }
    return wasForGood;
  }

  /**
   * A member may not have a message and never had it: it is assigned to another one.
   *
   * @return false if the message must be read again first, for {@link #refuse(String, long,
   *     QueuedMessage)}
   */
  boolean refuse(String clientId, long offset) {
    Flight flight = flights.get(offset);
    if (flight != null && flight.clientId().equals(clientId)) {
      flights.remove(offset);
      refused(clientId, flight.message());
      return true;
    }
    return !isOwn(clientId, offset);
  }

  /** The same with what was read; null: the queue does not have the message any more. */
  void refuse(String clientId, long offset, @Nullable QueuedMessage message) {
    if (!isOwn(clientId, offset)) {
      return;
    }
    if (message == null) {
      settle(clientId, List.of(offset));
    } else {
      refused(clientId, message);
    }
  }

  private void refused(String clientId, QueuedMessage message) {
    forGood.remove(message.offset());
    returned.put(message.offset(), message);
    refusals.computeIfAbsent(message.offset(), same -> new HashSet<>(2)).add(clientId);
    Member member = members.get(clientId);
    if (member != null && member.inFlight > 0) {
      member.inFlight--;
      credit += member.hasCredit() ? 1 : 0;
    }
  }

  /** Which messages a member may have got before. */
  SentMarks sent() {
    return sent;
  }

  /** Messages in flight, of all members. */
  int inFlight() {
    return flights.size();
  }
}
