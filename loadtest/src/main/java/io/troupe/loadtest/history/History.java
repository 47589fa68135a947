package io.troupe.loadtest.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything clients offered, were told and received in one run. Times are nanoseconds of one
 * monotonic clock, given by the caller. Any thread may write; {@link Verdict} reads.
 */
public final class History {
  final long run;
  final Map<Integer, Flow> flows = new LinkedHashMap<>();
  final Map<Integer, List<Offer>> offers = new HashMap<>();
  final Map<String, Subscriber> subscribers = new LinkedHashMap<>();
  final Map<String, List<Period>> periods = new HashMap<>();
  final Map<String, List<Reception>> receptions = new HashMap<>();

  /** Client id and time of acceptance of a connection to the time of its end. */
  final Map<String, Map<Long, Long>> connectionEnds = new HashMap<>();

  final Map<Integer, Integer> retainedSeen = new HashMap<>();
  final List<Violation> seenDirectly = new ArrayList<>();
  final List<NodeLoss> losses = new ArrayList<>();
  boolean retainedWasRead;
  long longestOutNanos;

  /** How long a client may be without service, and what this is judged by; by default not. */
  long serviceMaxNanos = Long.MAX_VALUE;

  private volatile long heardWithinNanos = 5_000_000_000L;

  /**
   * @param run number in all stamps of this run, so that messages of another are recognised
   */
  public History(long run) {
    this.run = run;
  }

  public long run() {
    return run;
  }

  public synchronized void declare(Flow flow) {
    flows.put(flow.id(), flow);
    offers.put(flow.id(), new ArrayList<>());
  }

  public synchronized void declare(Subscriber subscriber) {
    subscribers.put(subscriber.clientId(), subscriber);
    receptions.put(subscriber.clientId(), new ArrayList<>());
    periods.put(subscriber.clientId(), new ArrayList<>());
    connectionEnds.put(subscriber.clientId(), new HashMap<>());
  }

  /**
   * A message is about to be sent for the first time.
   *
   * @param deletes whether it is a retained message with an empty payload
   * @return its number within the flow, from 1
   */
  public synchronized int offered(int flow, boolean deletes, long nowNanos) {
    List<Offer> list = offersOf(flow);
    list.add(new Offer(nowNanos, deletes));
    return list.size();
  }

  /** The publisher sent it again. */
  public synchronized void repeated(int flow, int number) {
    offer(flow, number).repeated = true;
  }

  /** PUBACK or PUBREC with success arrived; for a will, its connection was lost. */
  public synchronized void takenOver(int flow, int number, long nowNanos) {
    Offer offer = offer(flow, number);
    offer.fate = Offer.Fate.TAKEN_OVER;
    offer.takenOverAtNanos = Math.min(offer.takenOverAtNanos, nowNanos);
  }

  public synchronized void refused(int flow, int number) {
    offer(flow, number).fate = Offer.Fate.REFUSED;
  }

  /** A will that must not come any more. */
  public synchronized void withdrawn(int flow, int number) {
    offer(flow, number).fate = Offer.Fate.WITHDRAWN;
  }

  /**
   * SUBSCRIBE is about to be sent. Repeated before its SUBACK, or while subscribed, it changes
   * nothing.
   *
   * @param fresh whether the session is new, too
   */
  public synchronized void subscribing(String clientId, boolean fresh, long nowNanos) {
    List<Period> list = periodsOf(clientId);
    if (fresh) {
      ended(clientId, nowNanos);
    }
    if (list.isEmpty() || list.get(list.size() - 1).endedAtNanos != Period.NEVER) {
      list.add(new Period(nowNanos, fresh));
    }
  }

  /** SUBACK arrived; messages offered later are due. A repeated subscription changes nothing. */
  public synchronized void subscribed(String clientId, long nowNanos) {
    List<Period> list = periodsOf(clientId);
    Period last = list.get(list.size() - 1);
    last.grantedAtNanos = Math.min(last.grantedAtNanos, nowNanos);
  }

  /** UNSUBACK arrived, or the broker began a new session: what is offered later is not due. */
  public synchronized void ended(String clientId, long nowNanos) {
    List<Period> list = periodsOf(clientId);
    if (!list.isEmpty()) {
      Period last = list.get(list.size() - 1);
      last.endedAtNanos = Math.min(last.endedAtNanos, nowNanos);
    }
  }

  public synchronized void connectionEnded(String clientId, long connectedAtNanos, long nowNanos) {
    Map<Long, Long> ends = connectionEnds.get(clientId);
    if (ends != null) {
      ends.put(connectedAtNanos, nowNanos);
    }
  }

  /**
   * How much later than the client a busy, paused or lost node may be known to have lost a
   * connection; 5 s by default.
   */
  public void heardWithin(Duration most) {
    heardWithinNanos = most.toNanos();
  }

  public long heardWithinNanos() {
    return heardWithinNanos;
  }

  /** From here on no client may be without service for longer. */
  public synchronized void limitService(Duration most) {
    serviceMaxNanos = most.toNanos();
  }

  /** CONNACK arrived so long after the client first tried. */
  public synchronized void served(String clientId, long outNanos) {
    if (outNanos > serviceMaxNanos) {
      violated(
          Violation.Kind.OUT_OF_SERVICE,
          clientId + " was not connected for " + Violation.seconds(outNanos));
    }
    longestOutNanos = Math.max(longestOutNanos, outNanos);
  }

  public synchronized void nodesLost(List<NodeLoss> lost) {
    losses.addAll(lost);
  }

  public synchronized void received(String clientId, Reception reception) {
    receptionsOf(clientId).add(reception);
  }

  /** What the final reader got for a retained flow: the number, 0 if nothing came. */
  public synchronized void retainedSeen(int flow, int number) {
    retainedSeen.put(flow, number);
  }

  /** The final reader has read all there is; without it retained flows are not judged. */
  public synchronized void retainedRead() {
    retainedWasRead = true;
  }

  /** A violation its observer can name at once, such as a lost session. */
  public synchronized void violated(Violation.Kind kind, String detail) {
    seenDirectly.add(new Violation(kind, detail));
  }

  /** Messages given to applications so far. */
  public synchronized long receivedCount() {
    return receptions.values().stream().mapToLong(List::size).sum();
  }

  /** Whether every message due to a persistent subscriber has arrived at least once. */
  public synchronized boolean isComplete() {
    return new Verdict(this).lostCount() == 0;
  }

  /** Judges what has been written so far. */
  public synchronized Verdict judge() {
    return new Verdict(this).judge();
  }

  List<Offer> offersOf(int flow) {
    return notNull(offers.get(flow), "flow", flow);
  }

  List<Reception> receptionsOf(String clientId) {
    return notNull(receptions.get(clientId), "subscriber", clientId);
  }

  List<Period> periodsOf(String clientId) {
    return notNull(periods.get(clientId), "subscriber", clientId);
  }

  private Offer offer(int flow, int number) {
    return offersOf(flow).get(number - 1);
  }

  private static <T> T notNull(@Nullable T value, String what, Object name) {
    if (value == null) {
      throw new IllegalArgumentException("undeclared " + what + " " + name);
    }
    return value;
  }
}
