package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Will;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The session core with a journal in memory: stores and applies the events of a command before the
 * rest of its effects count, as the shell does. Effects are recorded as short texts.
 */
final class SessionHarness implements Effects {
  static final String NODE = "node#1";

  final List<SessionEvent> journal = new ArrayList<>();
  private final String clientId;
  private final SessionLimits limits;
  private final List<SessionEvent> events = new ArrayList<>();
  private final List<String> effects = new ArrayList<>();
  private boolean mustStore;
  private long connectionId;

  List<String> out = new ArrayList<>();
  BiPredicate<Message, Delivery> allowed = (message, delivery) -> true;
  Predicate<Message> authorized = message -> true;
  boolean flowing = true;
  long now = 1_700_000_000_000L;
  SessionState state = new SessionState();
  Session session;

  SessionHarness(SessionLimits limits) {
    this.clientId = "c";
    this.limits = limits;
    this.session = new Session(clientId, state, limits, this);
  }

  SessionHarness() {
    this(new SessionLimits(100, 20, 1 << 20, 1 << 20, 10, 35_000, 0));
  }

  // Commands

  /** Runs a command to its end. */
  SessionHarness run(Runnable command) {
    command.run();
    store();
    out.addAll(effects);
    effects.clear();
    return this;
  }

  /** The process dies before the events are stored. */
  void crashBeforeStoring(Runnable command) {
    command.run();
    recover();
  }

  /** The process dies when the events are stored and nothing else was done. */
  void crashBeforeEffects(Runnable command) {
    command.run();
    store();
    recover();
  }

  private void store() {
    if (mustStore) {
      journal.addAll(events);
      events.forEach(e -> e.applyTo(state));
      events.clear();
    }
    mustStore = false;
  }

  /** What may wait a little is stored now. */
  void flush() {
    mustStore = true;
    store();
  }

  /** Only what was stored is left. */
  void recover() {
    events.clear();
    effects.clear();
    mustStore = false;
    state = new SessionState();
    journal.forEach(e -> e.applyTo(state));
    session = new Session(clientId, state, limits, this);
    session.outbound().recover(now);
  }

  /** CONNECT of a session that outlives its connection; returns session present. */
  boolean connect(int receiveMaximum) {
    return connect(false, 3600, null, receiveMaximum);
  }

  boolean connect(boolean cleanStart, long expirySeconds, @Nullable Will will, int receiveMaximum) {
    boolean[] present = new boolean[1];
    run(
        () ->
            present[0] =
                session.attach(cleanStart, expirySeconds, will, null, NODE, ++connectionId));
    session.outbound().attach(true, receiveMaximum);
    session.outbound().start();
    run(session.outbound()::pump);
    return present[0];
  }

  void disconnect() {
    run(() -> session.detach(false, -1, false, now));
  }

  void reconnect(int receiveMaximum) {
    disconnect();
    connect(receiveMaximum);
  }

  void subscribe(Subscription subscription, long endOffset) {
    run(
        () -> {
          session.outbound().subscribing(subscription);
          persist(new SessionEvent.Subscribed(subscription, endOffset, now));
        });
    String filter = subscription.filter().text();
    run(
        () -> {
          session.outbound().subscribed(state.subscription(filter).orElseThrow());
          session.outbound().onQueueOpen(filter);
          session.outbound().pump();
        });
  }

  void unsubscribe(String filter) {
    run(unsubscribing(filter));
  }

  Runnable unsubscribing(String filter) {
    return () -> {
      session.outbound().unsubscribed(filter);
    };
  }

  /** The answer to a read, or a push, that ends at the queue's end. */
  void batch(String filter, long from, QueuedMessage... messages) {
    long next = messages.length == 0 ? from : messages[messages.length - 1].offset() + 1;
    batch(filter, from, next, true, messages);
  }

  void batch(String filter, long from, long next, boolean inStep, QueuedMessage... messages) {
    run(() -> session.outbound().onQueueBatch(filter, from, List.of(messages), next, 0, inStep));
  }

  Runnable batchCommand(String filter, long from, QueuedMessage... messages) {
    long next = messages[messages.length - 1].offset() + 1;
    return () -> session.outbound().onQueueBatch(filter, from, List.of(messages), next, 0, true);
  }

  void puback(int... ids) {
    acknowledge(ids, session.outbound()::onPuback);
  }

  void pubrec(int... ids) {
    acknowledge(ids, id -> session.outbound().onPubrec(id, ReasonCode.SUCCESS));
  }

  void pubcomp(int... ids) {
    acknowledge(ids, session.outbound()::onPubcomp);
  }

  private void acknowledge(int[] ids, java.util.function.IntConsumer each) {
    run(
        () -> {
          for (int id : ids) {
            each.accept(id);
          }
          session.outbound().pump();
        });
  }

  /** What happened since the last call. */
  List<String> take() {
    List<String> taken = out;
    out = new ArrayList<>();
    return taken;
  }

  /** Only the packets sent since the last call. */
  List<String> packets() {
    return take().stream().filter(e -> e.startsWith("PUB")).toList();
  }

  // Values

  static Subscription subscription(String filter, Qos qos) {
    return new Subscription(TopicFilter.of(filter), qos, false, false, 0, 0);
  }

  Message message(String topic, String payload, Qos qos) {
    return message(topic, payload, qos, MessageProperties.ABSENT);
  }

  Message message(String topic, String payload, Qos qos, long expirySeconds) {
    MessageProperties properties =
        new MessageProperties(MessageProperties.ABSENT, expirySeconds, null, null, null, List.of());
    return new Message(topic, Payload.utf8(payload), qos, false, properties, "p", now);
  }

  QueuedMessage queued(long offset, Qos qos) {
    return new QueuedMessage(offset, message("t", "m" + offset, qos));
  }

  static Will will(long delaySeconds) {
    return new Will(
        "w", Payload.utf8("gone"), Qos.AT_LEAST_ONCE, false, delaySeconds, MessageProperties.NONE);
  }

  // Effects

  @Override
  public long nowMillis() {
    return now;
  }

  @Override
  public void publishWill(Will will, long sequence, boolean retry) {
    effects.add("will " + will.payload().asUtf8() + (retry ? " again" : ""));
  }

  @Override
  public void unsubscribe(Subscription subscription) {
    effects.add("unsubscribe " + subscription.filter().text());
  }

  @Override
  public void persist(SessionEvent event) {
    events.add(event);
    mustStore = true;
  }

  @Override
  public void persistLater(SessionEvent event) {
    events.add(event);
  }

  @Override
  public boolean mayDeliver(Message message, Delivery delivery) {
    return allowed.test(message, delivery);
  }

  @Override
  public boolean isAuthorized(Message message) {
    return authorized.test(message);
  }

  @Override
  public void publish(Message message, Delivery delivery, int packetId, boolean dup) {
    String ids = delivery.subscriptionIds().isEmpty() ? "" : " " + delivery.subscriptionIds();
    effects.add(
        "PUBLISH "
            + message.payload().asUtf8()
            + " q"
            + message.qos().min(delivery.qos()).level()
            + " #"
            + packetId
            + (dup ? " dup" : "")
            + ids);
  }

  @Override
  public boolean isFlowing() {
    return flowing;
  }

  @Override
  public void leaveQueue(Subscription subscription) {
    effects.add("leave " + subscription.filter().text());
  }

  @Override
  public void pubrel(int packetId, ReasonCode reason) {
    effects.add("PUBREL #" + packetId + (reason.isError() ? " unknown" : ""));
  }

  @Override
  public void read(String filter, long fromOffset) {
    effects.add("read " + filter + " " + fromOffset);
  }

  @Override
  public void pause(String filter) {
    effects.add("pause " + filter);
  }

  @Override
  public void settled(String filter, long below) {
    effects.add("settled " + filter + " " + below);
  }

  @Override
  public void sharedSettled(String filter, long offset) {
    effects.add("shared " + filter + " " + offset);
  }

  @Override
  public void sharedRefused(String filter, long offset) {
    effects.add("refused " + filter + " " + offset);
  }

  @Override
  public void dropped(DropCause cause, int messages) {
    effects.add("dropped " + cause + " " + messages);
  }
}
