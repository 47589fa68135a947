package io.troupe.loadtest.history;

import io.troupe.loadtest.history.Audience.Delivery;
import io.troupe.protocol.packet.Qos;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The judgement on a {@link History}: how many violations of each kind, and the first of them in
 * words. A plain subscriber is due one copy of each message, a share group one together.
 *
 * <p>A group's order is judged only while none of its members lost a connection: a message of a
 * lost member may go to another that has had later ones.
 */
public final class Verdict {
  private static final int EXAMPLES_PER_KIND = 6;

  private final History history;
  private final Map<Violation.Kind, Integer> counts = new EnumMap<>(Violation.Kind.class);
  private final List<Violation> examples = new ArrayList<>();
  private long offered;
  private long takenOver;
  private long refused;
  private long delivered;
  private long missingAtQos0;

  Verdict(History history) {
    this.history = history;
  }

  Verdict judge() {
    for (Violation violation : history.seenDirectly) {
      found(violation.kind(), violation.detail());
    }
    for (List<Offer> list : history.offers.values()) {
      for (Offer offer : list) {
        offered++;
        takenOver += offer.fate == Offer.Fate.TAKEN_OVER ? 1 : 0;
        refused += offer.fate == Offer.Fate.REFUSED ? 1 : 0;
      }
    }
    for (Audience audience : Audience.of(history)) {
      new AudienceJudge(audience).judge();
    }
    if (history.retainedWasRead) {
      judgeRetained();
    }
    return this;
  }

  /** Messages due and not delivered, without the rest of the judgement. */
  int lostCount() {
    int lost = 0;
    for (Audience audience : Audience.of(history)) {
      Map<Long, Integer> copies = new HashMap<>();
      for (Delivery delivery : audience.deliveries(history)) {
        copies.merge(key(delivery.reception()), 1, Integer::sum);
      }
      for (Flow flow : history.flows.values()) {
        List<Offer> list = history.offersOf(flow.id());
        for (int i = 0; i < list.size(); i++) {
          if (audience.isDue(flow, list.get(i)) && !copies.containsKey(key(flow.id(), i + 1))) {
            lost++;
          }
        }
      }
    }
    return lost;
  }

  public boolean isClean() {
    return counts.isEmpty();
  }

  public Map<Violation.Kind, Integer> counts() {
    return Collections.unmodifiableMap(counts);
  }

  public int count(Violation.Kind kind) {
    return counts.getOrDefault(kind, 0);
  }

  /** The first violations of each kind, at most 6. */
  public List<Violation> examples() {
    return List.copyOf(examples);
  }

  public long offered() {
    return offered;
  }

  public long takenOver() {
    return takenOver;
  }

  public long refused() {
    return refused;
  }

  /** PUBLISH packets given to applications, repetitions included. */
  public long delivered() {
    return delivered;
  }

  /** QoS 0 messages that did not arrive: no violation, since connections may have been lost. */
  public long missingAtQos0() {
    return missingAtQos0;
  }

  private void found(Violation.Kind kind, String detail) {
    if (counts.merge(kind, 1, Integer::sum) <= EXAMPLES_PER_KIND) {
      examples.add(new Violation(kind, detail));
    }
  }

  /** The last message taken over, or one after it of which nothing was heard. */
  private void judgeRetained() {
    for (Flow flow : history.flows.values()) {
      if (flow.kind() != Flow.Kind.RETAINED) {
        continue;
      }
      List<Offer> list = history.offersOf(flow.id());
      int last = list.size();
      while (last > 0 && list.get(last - 1).fate != Offer.Fate.TAKEN_OVER) {
        last--;
      }
      int seen = history.retainedSeen.getOrDefault(flow.id(), 0);
      boolean right =
          seen == 0
              ? last == 0 || list.subList(last - 1, list.size()).stream().anyMatch(o -> o.deletes)
              : seen >= last && seen <= list.size();
      if (!right) {
        String expected = last > 0 && list.get(last - 1).deletes ? "none (deleted)" : "no. " + last;
        found(
            Violation.Kind.RETAINED_STALE,
            flow.topic() + ": found " + (seen == 0 ? "none" : "no. " + seen) + ", not " + expected);
      }
    }
  }

  private static long key(int flow, int number) {
    return ((long) flow << 32) | number;
  }

  private static long key(Reception reception) {
    return key(reception.flow(), reception.number());
  }

  /** A client may notice the end of its connection this much later than the broker. */
  private static final long NOTICED_WITHIN_NANOS = 1_000_000_000L;

  /** Judges what one audience received. */
  private final class AudienceJudge {
    private final Audience audience;
    private final Map<Long, Delivery> lastCopy = new HashMap<>();
    private final Map<String, Integer> highest = new HashMap<>();
    private final boolean orderJudged;

    AudienceJudge(Audience audience) {
      this.audience = audience;
      this.orderJudged =
          !audience.shared
              || audience.members.stream()
                  .allMatch(m -> history.connectionEnds.getOrDefault(m, Map.of()).isEmpty());
    }

    void judge() {
      for (Delivery delivery : audience.deliveries(history)) {
        delivered++;
        judge(delivery);
      }
      for (Flow flow : history.flows.values()) {
        judgeMissing(flow);
      }
    }

    private void judge(Delivery delivery) {
      Reception reception = delivery.reception();
      Flow flow = history.flows.get(reception.flow());
      if (flow == null
          || reception.number() < 1
          || reception.number() > history.offersOf(flow.id()).size()) {
        found(Violation.Kind.PHANTOM, words(delivery) + " was never offered");
        return;
      }
      if (!flow.topic().equals(reception.topic()) || !audience.filter.matches(flow.topic())) {
        found(
            Violation.Kind.PHANTOM,
            words(delivery) + " belongs to topic " + flow.topic() + ", outside the subscription");
        return;
      }
      Offer offer = history.offersOf(flow.id()).get(reception.number() - 1);
      Delivery before = lastCopy.put(key(reception), delivery);
      if (offer.fate == Offer.Fate.WITHDRAWN) {
        found(Violation.Kind.WILL_UNDUE, words(delivery) + " after DISCONNECT");
      } else if (before == null) {
        judgeFirst(delivery, flow, offer);
      } else if (!isExplained(before, delivery, flow, offer)) {
        found(
            flow.kind() == Flow.Kind.WILL
                ? Violation.Kind.WILL_DUPLICATED
                : Violation.Kind.DUPLICATED,
            words(delivery) + " came before to " + words(before, delivery));
      }
    }

    private void judgeFirst(Delivery delivery, Flow flow, Offer offer) {
      Reception reception = delivery.reception();
      if (reception.dup()
          && offer.offeredAtNanos > reception.connectedAtNanos()
          && !mayHaveBeenWithAnother(reception, offer)) {
        found(
            Violation.Kind.WRONG_FLAGS,
            words(delivery) + " has DUP, but is younger than the connection");
      }
      if (reception.qos() != flow.qos().min(audience.qosMax)) {
        found(Violation.Kind.WRONG_FLAGS, words(delivery) + " should be " + flow.qos());
      }
      if (reception.retain()) {
        found(Violation.Kind.WRONG_FLAGS, words(delivery) + " has RETAIN");
      }
      if (!orderJudged) {
        return;
      }
      String line = delivery.clientId() + "/" + flow.id();
      int before = highest.getOrDefault(line, 0);
      if (reception.number() < before) {
        found(Violation.Kind.REORDERED, words(delivery) + " after no. " + before);
      } else {
        highest.put(line, reception.number());
      }
    }

    /** Whether a member of the share group went, perhaps with this message, before it came here. */
    private boolean mayHaveBeenWithAnother(Reception reception, Offer offer) {
      long until = reception.atNanos() + NOTICED_WITHIN_NANOS;
      return audience.shared
          && audience.members.stream()
              .flatMap(m -> history.connectionEnds.getOrDefault(m, Map.of()).values().stream())
              .anyMatch(end -> end >= offer.offeredAtNanos && end <= until);
    }

    /** Whether a further copy is one the specification allows. */
    private boolean isExplained(Delivery before, Delivery now, Flow flow, Offer offer) {
      if (flow.qos() == Qos.AT_LEAST_ONCE && offer.repeated) {
        return true;
      }
      if (flow.qos().min(audience.qosMax) != Qos.AT_LEAST_ONCE) {
        return false;
      }
      if (before.clientId().equals(now.clientId())) {
        return now.reception().dup();
      }
      Long end =
          history
              .connectionEnds
              .getOrDefault(before.clientId(), Map.of())
              .get(before.reception().connectedAtNanos());
      return now.reception().dup() || (end != null && end <= now.reception().atNanos());
    }

    private void judgeMissing(Flow flow) {
      List<Offer> list = history.offersOf(flow.id());
      for (int i = 0; i < list.size(); i++) {
        Offer offer = list.get(i);
        if (lastCopy.containsKey(key(flow.id(), i + 1))) {
          continue;
        }
        if (audience.isDue(flow, offer)) {
          found(
              flow.kind() == Flow.Kind.WILL ? Violation.Kind.WILL_MISSING : Violation.Kind.LOST,
              audience.name + " never got " + flow.topic() + " no. " + (i + 1));
        } else if (flow.kind() == Flow.Kind.STREAM
            && audience.subscribedAtNanos < offer.offeredAtNanos
            && audience.filter.matches(flow.topic())
            && flow.qos().min(audience.qosMax) == Qos.AT_MOST_ONCE) {
          missingAtQos0++;
        }
      }
    }

    private String words(Delivery before, Delivery now) {
      boolean same =
          before.clientId().equals(now.clientId())
              && before.reception().connectedAtNanos() == now.reception().connectedAtNanos();
      long millis = (now.reception().atNanos() - before.reception().atNanos()) / 1_000_000;
      return before.clientId()
          + (same ? " by the same connection " : " by another connection ")
          + millis
          + " ms ago";
    }

    private String words(Delivery delivery) {
      Reception r = delivery.reception();
      return delivery.clientId()
          + ": "
          + r.topic()
          + " no. "
          + r.number()
          + " (QoS "
          + r.qos().level()
          + (r.dup() ? ", DUP)" : ")");
    }
  }
}
