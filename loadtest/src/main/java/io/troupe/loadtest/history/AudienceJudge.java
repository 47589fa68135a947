package io.troupe.loadtest.history;

import io.troupe.loadtest.history.Audience.Delivery;
import io.troupe.protocol.packet.Qos;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Judges what one audience received.
 *
 * <p>A group's order is judged only while none of its members lost a connection: a message of a
 * lost member may go to another that has had later ones.
 */
final class AudienceJudge {
  /** A client may notice the end of its connection this much later than the broker. */
  private static final long NOTICED_WITHIN_NANOS = 1_000_000_000L;

  /** The broker may look at its clock, and the client at the connection, this much apart. */
  private static final long EXPIRY_TOLERANCE_NANOS = 2_000_000_000L;

  private final History history;
  private final Audience audience;
  private final BiConsumer<Violation.Kind, String> found;
  private final Map<Long, Delivery> lastCopy = new HashMap<>();
  private final Map<String, Integer> highest = new HashMap<>();
  private final boolean orderJudged;
  private long delivered;
  private long missingAtQos0;

  /**
   * @param found takes each violation, in the order of the deliveries
   */
  AudienceJudge(History history, Audience audience, BiConsumer<Violation.Kind, String> found) {
    this.history = history;
    this.audience = audience;
    this.found = found;
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
      if (audience.matches(flow)) {
        judgeMissing(flow);
      }
    }
  }

  /** PUBLISH packets given to the audience's applications. */
  long delivered() {
    return delivered;
  }

  long missingAtQos0() {
    return missingAtQos0;
  }

  static long key(int flow, int number) {
    return ((long) flow << 32) | number;
  }

  static long key(Reception reception) {
    return key(reception.flow(), reception.number());
  }

  private void judge(Delivery delivery) {
    Reception reception = delivery.reception();
    Flow flow = history.flows.get(reception.flow());
    if (flow == null
        || reception.number() < 1
        || reception.number() > history.offersOf(flow.id()).size()) {
      found.accept(Violation.Kind.PHANTOM, words(delivery) + " was never offered");
      return;
    }
    if (!flow.topic().equals(reception.topic()) || !audience.matches(flow)) {
      found.accept(
          Violation.Kind.PHANTOM,
          words(delivery) + " belongs to topic " + flow.topic() + ", outside the subscription");
      return;
    }
    Offer offer = history.offersOf(flow.id()).get(reception.number() - 1);
    judgePeriod(delivery, offer);
    Delivery before = lastCopy.put(key(reception), delivery);
    if (offer.fate == Offer.Fate.WITHDRAWN) {
      found.accept(Violation.Kind.WILL_UNDUE, words(delivery) + " was withdrawn");
    } else if (before == null) {
      judgeFirst(delivery, flow, offer);
    } else if (!isExplained(before, delivery, flow, offer)) {
      found.accept(
          flow.kind() == Flow.Kind.WILL
              ? Violation.Kind.WILL_DUPLICATED
              : Violation.Kind.DUPLICATED,
          words(delivery) + " came before to " + words(before, delivery));
    }
  }

  /**
   * No message belongs between two subscriptions, and none of before to a new session. What was on
   * its way when a subscription ended may still come (MQTT-3.10.4-3).
   */
  private void judgePeriod(Delivery delivery, Offer offer) {
    Reception reception = delivery.reception();
    Period before = null;
    for (Period period : history.periodsOf(delivery.clientId())) {
      boolean ofEarlierSession =
          period.fresh
              && period.beganAtNanos <= reception.atNanos()
              && offer.takenOverAtNanos < period.beganAtNanos;
      boolean between =
          before != null
              && before.endedAtNanos < offer.offeredAtNanos
              && offer.takenOverAtNanos < period.beganAtNanos;
      if (ofEarlierSession || between) {
        found.accept(
            Violation.Kind.UNSUBSCRIBED,
            words(delivery)
                + (between
                    ? " was published while there was no subscription"
                    : " was taken over before the session began"));
        return;
      }
      before = period;
    }
    if (before != null && before.endedAtNanos < offer.offeredAtNanos && !audience.shared) {
      found.accept(Violation.Kind.UNSUBSCRIBED, words(delivery) + " came after UNSUBACK");
    }
  }

  private void judgeFirst(Delivery delivery, Flow flow, Offer offer) {
    Reception reception = delivery.reception();
    if (reception.dup()
        && offer.offeredAtNanos > reception.connectedAtNanos()
        && !mayHaveBeenWithAnother(reception, offer)) {
      found.accept(
          Violation.Kind.WRONG_FLAGS,
          words(delivery) + " has DUP, but is younger than the connection");
    }
    if (reception.qos() != flow.qos().min(audience.qosMax)) {
      found.accept(Violation.Kind.WRONG_FLAGS, words(delivery) + " should be " + flow.qos());
    }
    if (reception.retain()) {
      found.accept(Violation.Kind.WRONG_FLAGS, words(delivery) + " has RETAIN");
    }
    if (flow.expirySeconds() > 0 && !reception.dup() && offer.takenOverAtNanos != Long.MAX_VALUE) {
      long expired =
          offer.takenOverAtNanos + flow.expirySeconds() * 1_000_000_000L + EXPIRY_TOLERANCE_NANOS;
      // A connection older than that may have had it in a socket's buffer.
      if (reception.connectedAtNanos() > expired) {
        found.accept(Violation.Kind.EXPIRED, words(delivery) + " had expired before CONNECT");
      }
    }
    if (!orderJudged) {
      return;
    }
    String line = delivery.clientId() + "/" + flow.id();
    int before = highest.getOrDefault(line, 0);
    if (reception.number() < before && !isRepeatedFromBefore(delivery, offer)) {
      found.accept(Violation.Kind.REORDERED, words(delivery) + " after no. " + before);
    } else {
      highest.put(line, Math.max(before, reception.number()));
    }
  }

  /**
   * Whether this is the copy of a message that its publisher sent again, whose first copy came
   * before there was a subscription: then it stands between later messages.
   */
  private boolean isRepeatedFromBefore(Delivery delivery, Offer offer) {
    return offer.repeated
        && history.periodsOf(delivery.clientId()).stream()
            .filter(period -> period.beganAtNanos <= delivery.reception().atNanos())
            .reduce((earlier, later) -> later)
            .filter(period -> offer.offeredAtNanos < period.grantedAtNanos)
            .isPresent();
  }

  /** Whether a member of the share group went, perhaps with this message, before it came here. */
  private boolean mayHaveBeenWithAnother(Reception reception, Offer offer) {
    long until = reception.atNanos() + NOTICED_WITHIN_NANOS;
    return audience.shared
        && audience.members.stream()
            .flatMap(m -> history.connectionEnds.getOrDefault(m, Map.of()).values().stream())
            .anyMatch(
                end -> end + history.heardWithinNanos() >= offer.offeredAtNanos && end <= until);
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
        found.accept(
            flow.kind() == Flow.Kind.WILL ? Violation.Kind.WILL_MISSING : Violation.Kind.LOST,
            audience.name + " never got " + flow.topic() + " no. " + (i + 1));
      } else if (flow.kind() == Flow.Kind.STREAM
          && audience.stoodBefore(offer)
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
        + " ms ago"
        + (before.reception().dup() ? " with DUP" : "")
        + connection("its", before, now)
        + connection("this", now, now);
  }

  private String connection(String whose, Delivery delivery, Delivery now) {
    long connectedAt = delivery.reception().connectedAtNanos();
    long age = (now.reception().atNanos() - connectedAt) / 1_000_000;
    Long end = history.connectionEnds.getOrDefault(delivery.clientId(), Map.of()).get(connectedAt);
    String ended =
        end == null ? "open" : "ended " + (end - now.reception().atNanos()) / 1_000_000 + " ms";
    return "; " + whose + " connection " + age + " ms old, " + ended;
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
