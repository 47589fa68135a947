package io.troupe.loadtest.history;

import io.troupe.loadtest.history.Audience.Delivery;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The judgement on a {@link History}: how many violations of each kind, and the first of them in
 * words. A plain subscriber is due one copy of each message, a share group one together.
 */
public final class Verdict {
  private static final int EXAMPLES_PER_KIND = 6;
  private static final long LOST_TOGETHER_NANOS = 3_000_000_000L;
  private static final long WILL_MAX_NANOS = 5_000_000_000L;

  private final History history;
  private final Map<Violation.Kind, Integer> counts = new EnumMap<>(Violation.Kind.class);
  private final List<Violation> examples = new ArrayList<>();
  private long offered;
  private long takenOver;
  private long refused;
  private long delivered;
  private long missingAtQos0;
  private long longestWaitNanos;
  private long longestNoticeNanos;
  private long longestWillNanos;

  Verdict(History history) {
    this.history = history;
  }

  Verdict judge() {
    for (Violation violation : history.seenDirectly) {
      found(violation.kind(), violation.detail());
    }
    for (Flow flow : history.flows.values()) {
      for (Offer offer : history.offersOf(flow.id())) {
        offered++;
        if (offer.takenOverAtNanos != Long.MAX_VALUE && flow.kind() != Flow.Kind.WILL) {
          longestWaitNanos =
              Math.max(longestWaitNanos, offer.takenOverAtNanos - offer.offeredAtNanos);
        }
        takenOver += offer.fate == Offer.Fate.TAKEN_OVER ? 1 : 0;
        refused += offer.fate == Offer.Fate.REFUSED ? 1 : 0;
      }
    }
    for (Audience audience : Audience.of(history)) {
      AudienceJudge judge = new AudienceJudge(history, audience, this::found);
      judge.judge();
      delivered += judge.delivered();
      missingAtQos0 += judge.missingAtQos0();
    }
    if (history.retainedWasRead) {
      judgeRetained();
    }
    judgeService();
    return this;
  }

  private void judgeService() {
    if (longestWaitNanos > history.serviceMaxNanos) {
      found(
          Violation.Kind.OUT_OF_SERVICE,
          "a message was not acknowledged for " + Violation.seconds(longestWaitNanos));
    }
    for (NodeLoss loss : history.losses) {
      longestNoticeNanos = Math.max(longestNoticeNanos, loss.noticedAtNanos() - loss.lostAtNanos());
      for (Flow flow : history.flows.values()) {
        if (flow.kind() == Flow.Kind.WILL) {
          judgeWillsOf(loss, flow);
        }
      }
    }
  }

  /** Of clients that lost their connection with the node. */
  private void judgeWillsOf(NodeLoss loss, Flow flow) {
    List<Offer> list = history.offersOf(flow.id());
    for (int i = 0; i < list.size(); i++) {
      long afterLoss = list.get(i).takenOverAtNanos - loss.lostAtNanos();
      if (list.get(i).takenOverAtNanos == Long.MAX_VALUE
          || afterLoss < 0
          || afterLoss > LOST_TOGETHER_NANOS) {
        continue;
      }
      int number = i + 1;
      long nanos =
          history.receptions.values().stream()
                  .flatMap(List::stream)
                  .filter(r -> r.flow() == flow.id() && r.number() == number)
                  .mapToLong(Reception::atNanos)
                  .min()
                  .orElse(loss.noticedAtNanos())
              - loss.noticedAtNanos();
      longestWillNanos = Math.max(longestWillNanos, nanos);
      if (nanos > WILL_MAX_NANOS && history.serviceMaxNanos != Long.MAX_VALUE) {
        found(
            Violation.Kind.WILL_LATE,
            flow.topic() + " no. " + number + " came after " + Violation.seconds(nanos));
      }
    }
  }

  /** Messages due and not delivered, without the rest of the judgement. */
  int lostCount() {
    int lost = 0;
    for (Audience audience : Audience.of(history)) {
      Set<Long> copies = new HashSet<>();
      for (Delivery delivery : audience.deliveries(history)) {
        copies.add(AudienceJudge.key(delivery.reception()));
      }
      for (Flow flow : history.flows.values()) {
        List<Offer> list = history.offersOf(flow.id());
        for (int i = 0; i < list.size(); i++) {
          if (audience.isDue(flow, list.get(i))
              && !copies.contains(AudienceJudge.key(flow.id(), i + 1))) {
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

  /** The longest time from a message's offer to its acknowledgement; 0 if nothing was. */
  public long longestWaitNanos() {
    return longestWaitNanos;
  }

  /** The longest time from a client's first attempt to connect to its CONNACK. */
  public long longestOutNanos() {
    return history.longestOutNanos;
  }

  /** The longest time from the loss of a node to its removal by the others; 0 if none was. */
  public long longestNoticeNanos() {
    return longestNoticeNanos;
  }

  /** The longest time from such a removal to a will of the lost node's clients. */
  public long longestWillNanos() {
    return longestWillNanos;
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
}
