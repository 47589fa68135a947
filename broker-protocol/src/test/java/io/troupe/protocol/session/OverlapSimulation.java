package io.troupe.protocol.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A session that subscribes and unsubscribes overlapping filters while messages come: model queues
 * that get messages late, and a model client that follows the protocol. Each message arrives once,
 * whichever subscriptions come and go, as long as one that was there when it came stays.
 */
final class OverlapSimulation {
  private static final List<String> FILTERS = List.of("a/#", "a/b", "+/b", "a/+", "#");
  private static final List<String> TOPICS = List.of("a/b", "a/c", "c/b");
  private static final int PAGE = 3;

  /** A filter's queue in its partition, and this session's place there. */
  private static final class Queue {
    final TopicFilter filter;
    final List<QueuedMessage> stored = new ArrayList<>();
    final Deque<Message> onTheWay = new ArrayDeque<>();
    boolean subscribed;
    boolean online;
    boolean pushes;

    /** Since when the client has the subscription; 0: it has not. */
    long since;

    Queue(String filter) {
      this.filter = TopicFilter.of(filter);
    }

    long end() {
      return stored.size() + 1L;
    }
  }

  private final SessionHarness s =
      new SessionHarness(new SessionLimits(50, 4, 1 << 20, 300, 3, 5_000, 0));
  private final Random random;
  private final Map<String, Queue> queues = new LinkedHashMap<>();
  private final Deque<Runnable> toSession = new ArrayDeque<>();
  private final Set<String> unanswered = new HashSet<>();
  private Runnable afterStoring = () -> {};
  // the client
  private final Deque<String> toClient = new ArrayDeque<>();
  private final Deque<String> toBroker = new ArrayDeque<>();
  private final Set<Integer> held = new HashSet<>();
  private final Map<Integer, Integer> delivered = new HashMap<>();
  private final Map<String, Integer> lastFirst = new HashMap<>();

  /** Per message number: topic, and the subscriptions that it was published to. */
  private final List<Map<Queue, Long>> owedTo = new ArrayList<>();

  /**
   * Messages that came to a queue just subscribed to and were published before: they may come from
   * it besides, as a copy for an overlapping subscription (MQTT-3.3.4-2), or from it alone.
   */
  private final Set<Integer> early = new HashSet<>();

  /**
   * Whether subscriptions have any QoS, or one for all and the session crashes besides: what is
   * sent at QoS 1 is not stored one by one, so after a crash another QoS makes another message of
   * it.
   */
  private final boolean mixed;

  private final List<String> topics = new ArrayList<>();

  OverlapSimulation(long seed) {
    random = new Random(seed);
    mixed = random.nextBoolean();
    FILTERS.forEach(filter -> queues.put(filter, new Queue(filter)));
    s.connect(1 + random.nextInt(4));
  }

  SessionState state() {
    return s.state;
  }

  void step(int action) {
    s.now += 1 + random.nextInt(10);
    Queue queue = queues.get(FILTERS.get(random.nextInt(FILTERS.size())));
    switch (action) {
      case 0, 1, 2 -> publish();
      case 3, 4, 5 -> arrive(queue);
      case 6, 7, 8, 9 -> sessionHears();
      case 10, 11, 12 -> clientReads();
      case 13, 14, 15 -> brokerReads();
      case 16, 17 -> subscribe(queue);
      case 18 -> unsubscribe(queue);
      case 19 -> reconnect(false);
      case 20 -> reconnect(!mixed);
      case 21 -> s.run(s.session.outbound()::retryReads);
      default -> tick();
    }
    collect();
    SessionState replayed = new SessionState();
    s.flush();
    s.journal.forEach(e -> e.applyTo(replayed));
    assertEquals(s.state.toEvents(), replayed.toEvents());
  }

  private void tick() {
    s.run(s.session.outbound()::checkpointAll);
    s.run(s.session.outbound().leaving()::poll);
  }

  // The partitions.

  private void publish() {
    int number = topics.size();
    String topic = TOPICS.get(random.nextInt(TOPICS.size()));
    Qos qos = random.nextBoolean() ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE;
    Message message = s.message(topic, "m" + number, qos);
    Map<Queue, Long> owed = new HashMap<>();
    for (Queue queue : queues.values()) {
      if (queue.filter.matches(topic)) {
        queue.onTheWay.add(message);
        if (queue.since > 0) {
          owed.put(queue, queue.since);
        }
      }
    }
    topics.add(topic);
    owedTo.add(owed);
  }

  private void arrive(Queue queue) {
    Message message = queue.onTheWay.poll();
    if (message != null) {
      long offset = queue.end();
      queue.stored.add(new QueuedMessage(offset, message));
      boolean pending = unanswered.contains(queue.filter.text());
      if (queue.subscribed && (pending || message.receivedAtMillis() <= queue.since)) {
        early.add(number(message));
      }
      if (queue.subscribed && queue.online && queue.pushes) {
        answer(queue, offset, queue.stored.subList((int) offset - 1, (int) offset), true);
      }
    }
  }

  private static int number(Message message) {
    return Integer.parseInt(message.payload().asUtf8().substring(1));
  }

  private void answer(Queue queue, long from, List<QueuedMessage> messages, boolean inStep) {
    List<QueuedMessage> copy = List.copyOf(messages);
    long next = copy.isEmpty() ? from : copy.get(copy.size() - 1).offset() + 1;
    String filter = queue.filter.text();
    toSession.add(() -> s.session.outbound().onQueueBatch(filter, from, copy, next, 0, inStep));
  }

  private void read(Queue queue, long from) {
    if (!queue.subscribed) {
      toSession.add(() -> s.session.outbound().leaving().giveUp(queue.filter.text()));
      return;
    }
    int begin = (int) Math.min(queue.stored.size(), from - 1);
    int end = Math.min(queue.stored.size(), begin + PAGE);
    queue.pushes = queue.online && end == queue.stored.size();
    answer(queue, from, queue.stored.subList(begin, end), queue.pushes);
  }

  // SUBSCRIBE and UNSUBSCRIBE, as the shell does them.

  private void subscribe(Queue queue) {
    String filter = queue.filter.text();
    boolean wornOut = s.state.leaving(filter).filter(SessionState.Entry::isWornOut).isPresent();
    if (wornOut || !unanswered.add(filter)) {
      return;
    }
    s.run(() -> s.session.outbound().asked(filter));
    boolean existed = queue.subscribed;
    queue.subscribed = true;
    queue.online = true;
    queue.pushes = false;
    long end = queue.end();
    Qos qos = mixed && random.nextBoolean() ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE;
    toSession.add(
        () -> {
          if (!existed) {
            s.session.outbound().leaving().giveUp(filter);
          }
          Subscription subscription = SessionHarness.subscription(filter, qos);
          s.session.outbound().subscribing(subscription);
          s.persist(new SessionEvent.Subscribed(subscription, end, s.now));
          afterStoring = () -> subscribed(queue);
        });
  }

  private void subscribed(Queue queue) {
    String filter = queue.filter.text();
    s.session.outbound().subscribed(s.state.subscription(filter).orElseThrow());
    s.session.outbound().onQueueOpen(filter);
    s.session.outbound().pump();
    unanswered.remove(filter);
    queue.since = queue.since == 0 ? s.now : queue.since;
  }

  private void unsubscribe(Queue queue) {
    String filter = queue.filter.text();
    if (queue.since == 0 || !unanswered.add(filter)) {
      return;
    }
    boolean[] keep = new boolean[1];
    s.run(() -> keep[0] = s.session.outbound().leaving().unsubscribing(filter));
    queue.since = 0;
    queue.online = false;
    queue.subscribed = keep[0];
    toSession.add(
        () -> {
          s.session.outbound().unsubscribed(filter);
          unanswered.remove(filter);
        });
  }

  private void sessionHears() {
    Runnable answer = toSession.poll();
    if (answer != null) {
      s.run(answer);
      s.run(afterStoring);
      afterStoring = () -> {};
    }
  }

  private void reconnect(boolean crash) {
    s.flush();
    s.take();
    toClient.clear();
    toBroker.clear();
    toSession.clear();
    unanswered.clear();
    if (crash) {
      s.recover();
      s.run(() -> s.session.connectionLost(s.now));
    } else {
      s.disconnect();
    }
    for (Queue queue : queues.values()) {
      boolean there = s.state.subscription(queue.filter.text()).isPresent();
      boolean leaving = s.state.leaving(queue.filter.text()).isPresent();
      queue.pushes = false;
      queue.online = there;
      queue.subscribed = there || (leaving && queue.subscribed);
      queue.since = !there ? 0 : queue.since == 0 ? s.now : queue.since;
    }
    s.connect(1 + random.nextInt(4));
  }

  // The client.

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
    int number = Integer.parseInt(words[1].substring(1));
    boolean again = packet.endsWith("dup");
    if (words[2].equals("q1")) {
      assertTrue(again || isFirst(number), "twice: " + packet);
      deliver(number, words[2]);
      toBroker.add("PUBACK " + words[3]);
    } else {
      if (held.add(id(words[3]))) {
        assertTrue(isFirst(number), "QoS 2 twice: " + packet);
        deliver(number, words[2]);
      }
      toBroker.add("PUBREC " + words[3]);
    }
  }

  private boolean isFirst(int number) {
    return !delivered.containsKey(number) || early.contains(number);
  }

  private void deliver(int number, String qos) {
    if (delivered.merge(number, 1, Integer::sum) == 1 && !early.contains(number)) {
      String flow = topics.get(number) + qos;
      assertTrue(lastFirst.getOrDefault(flow, -1) < number, "out of order: " + number);
      lastFirst.put(flow, number);
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
    s.run(
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
  }

  /** Hands on what the session asked for. */
  private void collect() {
    for (String effect : s.take()) {
      String[] words = effect.split(" ");
      switch (words[0]) {
        case "PUBLISH", "PUBREL" -> toClient.add(effect);
        case "read" -> read(queues.get(words[1]), Long.parseLong(words[2]));
        case "pause" -> queues.get(words[1]).pushes = false;
        case "unsubscribe" -> queues.get(words[1]).subscribed = false;
        default -> {}
      }
    }
  }

  /** No more changes: what is owed arrives, and nothing is left of what was unsubscribed. */
  void settle() {
    if (random.nextBoolean()) {
      reconnect(false);
    }
    for (int round = 0; round < 4; round++) {
      queues
          .values()
          .forEach(
              queue -> {
                while (!queue.onTheWay.isEmpty()) {
                  arrive(queue);
                }
              });
      tick();
      collect();
      for (int i = 0; i < 100_000 && !isQuiet(); i++) {
        sessionHears();
        clientReads();
        brokerReads();
        collect();
      }
      s.now += 6_000;
    }
    for (int number = 0; number < topics.size(); number++) {
      for (Map.Entry<Queue, Long> owed : owedTo.get(number).entrySet()) {
        if (owed.getKey().since == owed.getValue()) {
          assertTrue(delivered.containsKey(number), "not delivered: m" + number);
        }
      }
    }
    s.flush();
    assertTrue(s.state.leaving.isEmpty(), () -> "still read: " + s.state.leaving.keySet());
    assertEquals(0, s.session.outbound().inflightCount());
  }

  private boolean isQuiet() {
    return toSession.isEmpty() && toClient.isEmpty() && toBroker.isEmpty();
  }
}
