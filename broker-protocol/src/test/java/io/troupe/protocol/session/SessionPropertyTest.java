package io.troupe.protocol.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.session.InboundFlow.Admission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Random commands with random crashes keep what QoS 1 and 2 promise in both directions. */
class SessionPropertyTest {

  @Property(tries = 1000)
  void everyQueuedMessageArrivesAsItsQosPromises(
      @ForAll long seed,
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 13) Integer> steps) {
    OutboundSimulation simulation = new OutboundSimulation(seed);

    steps.forEach(simulation::step);

    simulation.settle();
  }

  /** Always the same plays: of as many others one may show messages in another order. */
  @Property(tries = 1000, seed = "2026")
  void overlappingSubscriptionsComeAndGoWithoutLossOrSecondCopies(
      @ForAll long seed,
      @ForAll @Size(max = 300) List<@IntRange(min = 0, max = 23) Integer> steps) {
    OverlapSimulation simulation = new OverlapSimulation(seed);

    steps.forEach(simulation::step);

    simulation.settle();
  }

  @Property(tries = 200, seed = "2026")
  void aSnapshotIsTheStateWithSubscriptionsThatGo(
      @ForAll long seed,
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 23) Integer> steps) {
    OverlapSimulation simulation = new OverlapSimulation(seed);

    steps.forEach(simulation::step);

    SessionState restored = new SessionState();
    simulation.state().toEvents().forEach(e -> e.applyTo(restored));
    assertEquals(simulation.state().toEvents(), restored.toEvents());
  }

  @Property(tries = 500)
  void aSnapshotIsTheState(
      @ForAll long seed,
      @ForAll @Size(max = 100) List<@IntRange(min = 0, max = 13) Integer> steps) {
    OutboundSimulation simulation = new OutboundSimulation(seed);

    steps.forEach(simulation::step);

    SessionState restored = new SessionState();
    simulation.state().toEvents().forEach(e -> e.applyTo(restored));
    assertEquals(simulation.state().toEvents(), restored.toEvents());
  }

  /** A client that publishes at QoS 2, and a partition that recognises repeated sequences. */
  @Property(tries = 1000)
  void everyPublishedMessageIsStoredOnce(
      @ForAll long seed, @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 5) Integer> steps) {
    SessionHarness s = new SessionHarness();
    s.connect(10);
    Random random = new Random(seed);
    Map<Integer, String> unreleased = new HashMap<>(); // the client's: identifier to message
    Set<Integer> received = new HashSet<>(); // of these, PUBREC came
    Set<Long> sequences = new HashSet<>();
    List<String> stored = new ArrayList<>();
    List<String> published = new ArrayList<>();

    for (int step : steps) {
      int id = 1 + random.nextInt(3);
      if (step <= 2) {
        String message = unreleased.computeIfAbsent(id, i -> "m" + published.size());
        if (!published.contains(message)) {
          published.add(message);
        }
        if (!received.contains(id) && publish(s, random, id, message, sequences, stored)) {
          received.add(id);
        }
      } else if (step == 3 && received.contains(id)) {
        boolean crash = random.nextInt(4) == 0;
        Runnable release = () -> s.session.inbound().release(List.of(id));
        if (crash) {
          s.crashBeforeEffects(release);
        } else {
          s.run(release);
          received.remove(id);
          unreleased.remove(id);
        }
      } else if (step == 4) {
        s.recover();
      } else {
        s.reconnect(10);
      }
    }
    unreleased.forEach(
        (id, message) -> {
          while (!received.contains(id) && !publish(s, random, id, message, sequences, stored)) {}
        });

    assertEquals(Set.copyOf(published), Set.copyOf(stored));
    assertEquals(published.size(), stored.size());
  }

  /** Whether PUBREC came back. */
  private static boolean publish(
      SessionHarness s,
      Random random,
      int id,
      String message,
      Set<Long> sequences,
      List<String> stored) {
    if (random.nextInt(6) == 0) {
      s.crashBeforeStoring(() -> s.session.inbound().admit(List.of(id)));
      return false;
    }
    if (random.nextInt(6) == 0) {
      s.crashBeforeEffects(() -> s.session.inbound().admit(List.of(id)));
      return false;
    }
    List<Admission> admissions = new ArrayList<>();
    s.run(() -> admissions.addAll(s.session.inbound().admit(List.of(id))));
    Admission a = admissions.get(0);
    if (!a.routed() && (sequences.add(a.sequence()) || !a.retry())) {
      stored.add(message);
    }
    if (random.nextInt(6) == 0) {
      s.recover();
      return false;
    }
    s.run(() -> s.session.inbound().routed(id, a.sequence()));
    return random.nextInt(6) != 0;
  }
}
