package io.troupe.loadtest.check;

import io.troupe.loadtest.wire.ConnectSpec.Credentials;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of the checker; the same plan with the same seed offers the same messages and faults, as
 * far as timing lets it.
 *
 * @param subscribers plain persistent subscribers, of different versions, QoS and manners
 * @param shareMembers members of each of three share groups; 0 for none
 * @param messagesPerSecond over all publishers and QoS
 * @param window unacknowledged QoS 1 and 2 messages of a publisher at most; each has its own number
 * @param duration of publishing; settling comes after it
 * @param faultEvery mean time between faults
 * @param settleMax how long undelivered messages are waited for at the end
 * @param leavesNothing whether sessions and retained messages are removed at the end; on a broker
 *     that is not ours they are in any case
 */
public record CheckPlan(
    long seed,
    int publishers,
    int subscribers,
    int shareMembers,
    int willClients,
    int messagesPerSecond,
    int window,
    Duration duration,
    List<Fault> faults,
    Duration faultEvery,
    Duration settleMax,
    @Nullable Credentials credentials,
    boolean leavesNothing) {

  public CheckPlan {
    faults = List.copyOf(faults);
  }

  /** A few seconds with the given faults, for tests. */
  public static CheckPlan brief(long seed, List<Fault> faults) {
    return new CheckPlan(
        seed,
        3,
        16,
        2,
        3,
        300,
        20,
        Duration.ofSeconds(6),
        faults,
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        null,
        false);
  }
}
