package io.troupe.protocol.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A session between a model queue and a model client that follows the protocol, over channels that
 * lose what is in them when the connection or the broker dies. Checks after each step.
 */
final class OutboundSimulation {
  private static final String FILTER = "t";
  private static final int PAGE = 3;

  private final SessionHarness s =
      new SessionHarness(new SessionLimits(50, 4, 1 << 20, 300, 3, 35_000, 0));
  private final Random random;
  private int receiveMaximum;
  private boolean crashed;

  // the queue
  private final List<QueuedMessage> queue = new ArrayList<>();
  private boolean pushes;
  private final Deque<Runnable> toSession = new ArrayDeque<>();

  // the client
  private final Deque<String> toClient = new ArrayDeque<>();
  private final Deque<String> toBroker = new ArrayDeque<>();
  private final Set<Integer> held = new HashSet<>();
  private final Map<Long, Integer> delivered = new HashMap<>();
  private final Map<Qos, Long> lastFirst = new HashMap<>();

  // what the broker has sent on this connection and not seen completed
  private final Map<Integer, String> open = new HashMap<>();
  private final Set<String> everSent = new HashSet<>();

  OutboundSimulation(long seed) {
    random = new Random(seed);
    receiveMaximum = 1 + random.nextInt(5);
    s.connect(receiveMaximum);
    s.subscribe(SessionHarness.subscription(FILTER, Qos.EXACTLY_ONCE), 1);
    collect();
  }

  void step(int action) {
    switch (action) {
      case 0, 1 -> append();
      case 2, 3, 4 -> queueAnswers();
      case 5, 6 -> clientReads();
      case 7, 8 -> brokerReads();
      case 9 -> reconnect();
      case 10 -> crash();
      case 11 -> s.run(s.session.outbound()::checkpointAll);
      case 12 -> s.flush();
      default -> s.run(s.session.outbound()::retryReads);
    }
    collect();
    check();
  }

  private void append() {
    long offset = queue.size() + 1L;
    Qos qos = random.nextBoolean() ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE;
    QueuedMessage message = s.queued(offset, qos);
    queue.add(message);
    if (pushes) {
      toSession.add(batch(offset, List.of(message), offset + 1, true));
    }
  }

  private Runnable batch(long from, List<QueuedMessage> messages, long next, boolean inStep) {
    return () -> s.session.outbound().onQueueBatch(FILTER, from, messages, next, 0, inStep);
  }

  private void queueAnswers() {
    Runnable answer = toSession.poll();
    if (answer != null) {
      perform(answer);
    }
  }

  private void clientReads() {
    String packet = toClient.poll();
    if (packet == null) {
      return;
    }
    String[] words = packet.split(" ");
    if (words[0].equals("PUBREL")) {
      held.remove(id(words[1]));
      toBroker.add("PUBCOMP " + words[1]);
      return;
    }
    long offset = Long.parseLong(words[1].substring(1));
    boolean dup = packet.endsWith("dup");
    if (words[2].equals("q1")) {
      assertTrue(dup || !delivered.containsKey(offset), "a second copy without DUP: " + packet);
      deliver(offset, Qos.AT_LEAST_ONCE);
      toBroker.add("PUBACK " + words[3]);
    } else {
      if (held.add(id(words[3]))) {
        assertFalse(delivered.containsKey(offset), "QoS 2 delivered twice: " + packet);
        deliver(offset, Qos.EXACTLY_ONCE);
      }
      toBroker.add("PUBREC " + words[3]);
    }
  }

  private void deliver(long offset, Qos qos) {
    if (delivered.merge(offset, 1, Integer::sum) == 1) {
      assertTrue(lastFirst.getOrDefault(qos, 0L) < offset, "out of order: " + offset);
      lastFirst.put(qos, offset);
    }
  }

  private static int id(String word) {
    return Integer.parseInt(word.substring(1));
  }

  private void brokerReads() {
    String packet = toBroker.poll();
    if (packet == null) {
      return;
    }
    int id = id(packet.split(" ")[1]);
    OutboundFlow flow = s.session.outbound();
    perform(
        () -> {
          if (packet.startsWith("PUBACK")) {
            flow.onPuback(id);
          } else if (packet.startsWith("PUBREC")) {
            flow.onPubrec(id, ReasonCode.SUCCESS);
          } else {
            flow.onPubcomp(id);
          }
          flow.pump();
        });
    if (!packet.startsWith("PUBREC")) {
      open.remove(id);
    }
  }

  /** Now and then the broker dies in the middle of a command. */
  private void perform(Runnable command) {
    int fate = random.nextInt(20);
    if (fate == 0) {
      s.crashBeforeStoring(command);
      reborn();
    } else if (fate == 1) {
      s.crashBeforeEffects(command);
      reborn();
    } else {
      s.run(command);
    }
  }

  private void crash() {
    s.recover();
    reborn();
  }

  private void reborn() {
    crashed = true;
    disconnected();
    s.run(() -> s.session.connectionLost(s.now));
    connect();
  }

  private void reconnect() {
    disconnected();
    s.disconnect();
    if (random.nextInt(4) == 0) {
      s.recover(); // it left memory meanwhile
    }
    connect();
  }

  private void disconnected() {
    s.take();
    toClient.clear();
    toBroker.clear();
    toSession.clear();
    open.clear();
    pushes = false;
  }

  private void connect() {
    receiveMaximum = 1 + random.nextInt(5);
    s.connect(receiveMaximum);
  }

  /** Hands on what the session asked for. */
  private void collect() {
    for (String effect : s.take()) {
      String[] words = effect.split(" ");
      switch (words[0]) {
        case "PUBLISH" -> {
          sent(words, effect.endsWith("dup"));
          toClient.add(effect);
        }
        case "PUBREL" -> toClient.add(effect);
        case "read" -> read(Long.parseLong(words[2]));
        case "pause" -> pushes = false;
        default -> {}
      }
    }
  }

  private void sent(String[] words, boolean dup) {
    String before = open.put(id(words[3]), words[1]);
    assertEquals(null, before, "packet identifier in use: " + words[3]);
    boolean first = everSent.add(words[1]);
    assertFalse(first && dup && !crashed, "first delivery with DUP: " + words[1]);
  }

  private void read(long from) {
    int begin = (int) Math.min(queue.size(), Math.max(1, from) - 1);
    int end = Math.min(queue.size(), begin + PAGE);
    pushes = end == queue.size();
    toSession.add(batch(from, List.copyOf(queue.subList(begin, end)), end + 1L, pushes));
  }

  private void check() {
    assertTrue(open.size() <= receiveMaximum, "window: " + open);
    assertTrue(s.session.outbound().windowUsed() <= receiveMaximum);
    SessionState replayed = new SessionState();
    s.journal.forEach(e -> e.applyTo(replayed));
    assertEquals(s.state.toEvents(), replayed.toEvents());
  }

  /** No more faults: everything arrives. */
  void settle() {
    reconnect();
    collect();
    for (int i = 0; i < 100_000 && !isQuiet(); i++) {
      Runnable answer = toSession.poll();
      if (answer != null) {
        s.run(answer);
      }
      clientReads();
      String packet = toBroker.peek();
      if (packet != null) {
        calmly();
      }
      collect();
      check();
    }
    for (QueuedMessage m : queue) {
      assertTrue(delivered.containsKey(m.offset()), "not delivered: " + m.offset());
    }
    assertEquals(0, s.session.outbound().inflightCount());
    s.flush();
    assertTrue(s.state.assigned().isEmpty());
    assertTrue(s.state.released().isEmpty());
  }

  private void calmly() {
    String packet = toBroker.remove();
    int id = id(packet.split(" ")[1]);
    if (packet.startsWith("PUBACK")) {
      s.puback(id);
    } else if (packet.startsWith("PUBREC")) {
      s.pubrec(id);
    } else {
      s.pubcomp(id);
    }
    if (!packet.startsWith("PUBREC")) {
      open.remove(id);
    }
  }

  private boolean isQuiet() {
    return toSession.isEmpty() && toClient.isEmpty() && toBroker.isEmpty();
  }

  SessionState state() {
    return s.state;
  }
}
