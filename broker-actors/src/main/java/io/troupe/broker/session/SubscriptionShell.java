package io.troupe.broker.session;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.routing.Subscriber;
import io.troupe.broker.routing.TopicPartitionActor;
import io.troupe.broker.session.ClientSessionActor.Command;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.OutboundFlow;
import io.troupe.protocol.session.SessionEvent;
import io.troupe.protocol.session.SessionState;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SUBSCRIBE and UNSUBSCRIBE: asks the partitions, stores what became effective, answers, sends
 * retained messages.
 */
final class SubscriptionShell {
  private static final long ANSWERS_WITHIN_MILLIS = 15_000;

  /** How often one SUBSCRIBE may name a filter. */
  private static final int SAME_FILTER_MAX = 8;

  private final SessionShell shell;
  private final SubscribeRequests requests = new SubscribeRequests();
  private final ArrayDeque<ClientSessionActor.RetainedFound> pages = new ArrayDeque<>(0);

  /** Filters whose partition has lost this subscription and is told of it again. */
  private Set<String> forgotten = Collections.emptySet();

  private record Waiting(Command packet, long deadlineMillis) {}

  /**
   * Packets that wait until one before them is answered: what is asked of a filter depends on what
   * was asked before, and a partition is not asked without end. They wait no longer than it may
   * take to answer, so that they are not more than the connection reads in that time.
   */
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);

  private long lastRetainedRequest;

  /** Answers to requests up to this are for an earlier connection. */
  private long staleRetainedRequest;

  SubscriptionShell(SessionShell shell) {
    this.shell = shell;
  }

  boolean handle(Command command) {
    if (command instanceof ClientSessionActor.Subscribe
        || command instanceof ClientSessionActor.Unsubscribe) {
      waiting.add(new Waiting(command, shell.nowMillis() + ANSWERS_WITHIN_MILLIS));
      takeWaiting();
    } else if (command instanceof ClientSessionActor.NextRequest) {
      takeWaiting();
    } else if (command instanceof ClientSessionActor.SubscriptionEffective effective) {
      onEffective(effective);
      nextRequest();
    } else if (command instanceof ClientSessionActor.SubscriptionFailed failed) {
      onFailed(failed);
      nextRequest();
    } else if (command instanceof ClientSessionActor.UnsubscriptionEffective gone) {
      onAnswer(requests.answered(false, gone.filter(), ReasonCode.SUCCESS, gone.existed(), 0));
      nextRequest();
    } else if (command instanceof ClientSessionActor.QueueLeft left) {
      shell.session().outbound().onQueueLeft(left.filter());
    } else if (command instanceof ClientSessionActor.RetainedFound found) {
      onRetained(found);
    } else {
      return false;
    }
    return true;
  }

  private void takeWaiting() {
    if (waiting.isEmpty() || !mayGo(waiting.element().packet())) {
      return;
    }
    Command packet = waiting.remove().packet();
    if (packet instanceof ClientSessionActor.Subscribe subscribe) {
      onSubscribe(subscribe);
    } else if (packet instanceof ClientSessionActor.Unsubscribe unsubscribe) {
      onUnsubscribe(unsubscribe);
    }
    nextRequest();
  }

  /**
   * What is done now is stored, and partitions are told of it, before the next one is looked at.
   */
  private void nextRequest() {
    if (!waiting.isEmpty()) {
      shell.tellSelf(new ClientSessionActor.NextRequest());
    }
  }

  private boolean mayGo(Command packet) {
    if (packet instanceof ClientSessionActor.Subscribe subscribe) {
      return subscribe.entries().stream()
          .noneMatch(
              entry ->
                  entry.subscription() != null
                      && requests.awaits(true, entry.subscription().filter().text()));
    }
    return !(packet instanceof ClientSessionActor.Unsubscribe unsubscribe)
        || unsubscribe.filters().stream()
            .noneMatch(filter -> requests.awaits(true, filter) || requests.awaits(false, filter));
  }

  private SubscribeRequests.Request request(int packetId, boolean subscribe, int entries) {
    long deadline = shell.nowMillis() + ANSWERS_WITHIN_MILLIS;
    return new SubscribeRequests.Request(packetId, subscribe, entries, deadline);
  }

  private void onSubscribe(ClientSessionActor.Subscribe command) {
    if (!shell.attachment().isAttached(command.connectionId())) {
      return;
    }
    var entries = command.entries();
    var request = request(command.packetId(), true, entries.size());
    int room =
        shell.surroundings.subscriptionsMax()
            - shell.state().subscriptionCount()
            - requests.openSubscribes();
    for (int i = 0; i < entries.size(); i++) {
      Subscription subscription = entries.get(i).subscription();
      request.results[i] = entries.get(i).refused();
      if (subscription == null) {
        continue;
      }
      String filter = subscription.filter().text();
      boolean wornOut =
          shell.state().leaving(filter).filter(SessionState.Entry::isWornOut).isPresent();
      if (shell.state().subscription(filter).isEmpty() && (wornOut || room-- <= 0)) {
        request.results[i] = ReasonCode.QUOTA_EXCEEDED;
        continue;
      }
      if (requests.open(filter) >= SAME_FILTER_MAX) {
        request.results[i] = ReasonCode.QUOTA_EXCEEDED;
        continue;
      }
      request.subscriptions[i] = subscription;
      requests.await(request, i, filter);
    }
    if (request.open == 0) {
      onAnswer(request);
      return;
    }
    for (Subscription subscription : request.subscriptions) {
      if (subscription != null) {
        shell.session().outbound().onQueueLeft(subscription.filter().text());
        shell.session().outbound().asked(subscription.filter().text());
        announce(subscription);
      }
    }
  }

  /**
   * Tells the partition of a subscription that this session is online, and from where on it takes
   * the queue.
   */
  void announce(SessionState.Entry entry) {
    announce(entry.subscription());
  }

  private void announce(Subscription subscription) {
    OutboundFlow outbound = shell.session().outbound();
    tell(
        outbound.keepsQueue(subscription) ? subscription.withQos(Qos.AT_LEAST_ONCE) : subscription,
        outbound.nextOffset(subscription.filter().text()),
        shell.context.getSelf());
  }

  /** All of a queue was read for a subscription of QoS 0: from now on it needs none. */
  void leaveQueue(Subscription subscription) {
    tell(
        subscription,
        0,
        shell.context.messageAdapter(
            Command.class,
            answer ->
                answer instanceof ClientSessionActor.SubscriptionEffective effective
                    ? new ClientSessionActor.QueueLeft(effective.filter())
                    : answer));
  }

  private void tell(Subscription subscription, long nextOffset, ActorRef<Command> replyTo) {
    var client = shell.attachment().attached();
    Subscriber subscriber =
        new Subscriber(
            shell.clientId,
            subscription,
            shell.isDurable(),
            client == null ? ClientLimits.DEVICE : client.limits(),
            Math.min(
                client == null ? 1 : client.receiveMaximum(), shell.surroundings.sharedCredit()),
            shell.context.getSelf());
    shell
        .surroundings
        .partitions()
        .tell(new TopicPartitionActor.Subscribe(subscriber, nextOffset, replyTo));
  }

  private void onEffective(ClientSessionActor.SubscriptionEffective effective) {
    String filter = effective.filter();
    if (shell.attachment().onEffective(filter)) {
      return;
    }
    boolean awaited = requests.awaits(true, filter);
    SubscribeRequests.Request complete =
        requests.answered(
            true, filter, ReasonCode.SUCCESS, effective.existed(), effective.endOffset());
    Optional<SessionState.Entry> entry = shell.state().subscription(filter);
    if (awaited) {
      onAnswer(complete);
    } else if (entry.isEmpty()) {
      // the client was gone before its SUBACK: nobody knows of this subscription
      boolean leaving = shell.state().leaving(filter).isPresent();
      unsubscribe(TopicFilter.of(filter), leaving, ignore());
    } else if (shell.connection() != null) {
      onHealed(entry.get().subscription(), forgotten.remove(filter), effective.endOffset());
    }
  }

  /**
   * A partition says again that a subscription is effective: what it has is read.
   *
   * @param wasForgotten whether it did not know the subscription before
   */
  private void onHealed(Subscription subscription, boolean wasForgotten, long endOffset) {
    String filter = subscription.filter().text();
    OutboundFlow outbound = shell.session().outbound();
    if (!wasForgotten || endOffset == 0 || endOffset >= outbound.nextOffset(filter)) {
      outbound.onQueueOpen(filter);
      outbound.pump();
      return;
    }
    // another queue than the one this session has read: its offsets mean nothing here
    outbound.unsubscribed(filter);
    shell.persist(new SessionEvent.Subscribed(subscription, endOffset, shell.nowMillis()));
    shell.after(
        () -> {
          open(filter);
          if (subscription.qos() == Qos.AT_MOST_ONCE) {
            announce(subscription); // it was to read that queue to its end
          }
          shell.tellSelf(new ClientSessionActor.Pump());
        });
  }

  private void onFailed(ClientSessionActor.SubscriptionFailed failed) {
    Optional<SessionState.Entry> entry = shell.state().subscription(failed.filter());
    if (failed.reason() == ReasonCode.NO_SUBSCRIPTION_EXISTED) {
      shell.session().outbound().leaving().giveUp(failed.filter());
      boolean goes = requests.awaits(false, failed.filter());
      if (entry.isPresent() && shell.connection() != null && !goes) {
        if (forgotten.isEmpty()) {
          forgotten = new HashSet<>();
        }
        forgotten.add(failed.filter());
        announce(entry.get());
      }
    } else if (!shell.attachment().onFailed(failed.filter())) {
      onAnswer(requests.answered(true, failed.filter(), failed.reason(), false, 0));
    }
  }

  private void onUnsubscribe(ClientSessionActor.Unsubscribe command) {
    if (!shell.attachment().isAttached(command.connectionId())) {
      return;
    }
    List<String> filters = command.filters();
    var request = request(command.packetId(), false, filters.size());
    List<TopicFilter> ask = new ArrayList<>();
    for (int i = 0; i < filters.size(); i++) {
      Optional<TopicFilter> filter = TopicFilter.parse(filters.get(i));
      if (filter.isEmpty()) {
        request.results[i] = ReasonCode.TOPIC_FILTER_INVALID;
      } else if (shell.state().subscription(filters.get(i)).isEmpty()
          || filters.indexOf(filters.get(i)) < i) {
        // As if each filter came in a packet of its own (MQTT-3.10.4-6).
        request.results[i] = ReasonCode.NO_SUBSCRIPTION_EXISTED;
      } else {
        requests.await(request, i, filters.get(i));
        ask.add(filter.get());
      }
    }
    for (TopicFilter filter : ask) {
      boolean keep = shell.session().outbound().unsubscribing(filter.text());
      shell.after(() -> unsubscribe(filter, keep, shell.context.getSelf()));
    }
    if (request.open == 0) {
      onAnswer(request);
    }
  }

  private void unsubscribe(TopicFilter filter, boolean keep, ActorRef<Command> replyTo) {
    shell
        .surroundings
        .partitions()
        .tell(
            new TopicPartitionActor.Unsubscribe(
                filter.text(), shell.clientId, keep, taken(filter), replyTo));
  }

  /** Of a shared subscription, what must not go to other members any more (MQTT-4.8.2-5). */
  private @Nullable List<Long> taken(TopicFilter filter) {
    return filter.isShared()
        ? shell.state().subscription(filter.text()).map(SessionState.Entry::taken).orElse(List.of())
        : null;
  }

  /** Whether what is assigned to this member has gone to others when the partition answers. */
  boolean isLeaving(String filter) {
    return requests.awaits(false, filter);
  }

  /** The session ends: a subscription goes, without waiting. */
  void forget(TopicFilter filter) {
    unsubscribe(filter, false, ignore());
  }

  /** Nothing is to be pushed any more. */
  void offline() {
    shell.state().subscriptions().forEach(entry -> offline(entry.subscription().filter()));
  }

  /**
   * The connection of an earlier incarnation is gone: partitions know, but not what was sent of
   * that which belongs to this member of a shared subscription.
   */
  void lost() {
    for (SessionState.Entry entry : shell.state().subscriptions()) {
      TopicFilter filter = entry.subscription().filter();
      if (filter.isShared()) {
        offline(filter);
      }
    }
  }

  private void offline(TopicFilter filter) {
    shell
        .surroundings
        .partitions()
        .tell(
            new TopicPartitionActor.Offline(
                filter.text(), shell.clientId, taken(filter), shell.context.getSelf()));
  }

  /** Answers of partitions find nobody to tell. */
  void disconnected() {
    requests.abandon();
    waiting.clear();
    pages.clear();
    forgotten.clear();
    staleRetainedRequest = lastRetainedRequest;
  }

  /** Packets that have waited too long for a partition are answered with a failure. */
  void giveUpOverdue() {
    requests.overdue(shell.nowMillis(), ReasonCode.UNSPECIFIED_ERROR).forEach(this::onAnswer);
    while (!waiting.isEmpty() && shell.nowMillis() >= waiting.element().deadlineMillis()) {
      fail(waiting.remove().packet());
    }
    nextRequest();
  }

  private void fail(Command packet) {
    SubscribeRequests.Request request = null;
    if (packet instanceof ClientSessionActor.Subscribe subscribe) {
      request = request(subscribe.packetId(), true, subscribe.entries().size());
    } else if (packet instanceof ClientSessionActor.Unsubscribe unsubscribe) {
      request = request(unsubscribe.packetId(), false, unsubscribe.filters().size());
    }
    if (request != null) {
      Arrays.fill(request.results, ReasonCode.UNSPECIFIED_ERROR);
      onAnswer(request);
    }
  }

  private ActorRef<Command> ignore() {
    return shell.context.getSystem().ignoreRef();
  }

  private void onAnswer(SubscribeRequests.@Nullable Request request) {
    if (request == null) {
      return;
    }
    if (request.subscribe) {
      subscribed(request);
    } else {
      unsubscribed(request);
    }
  }

  private void subscribed(SubscribeRequests.Request request) {
    List<ReasonCode> reasons = new ArrayList<>(request.results.length);
    for (int i = 0; i < request.results.length; i++) {
      Subscription subscription = request.subscriptions[i];
      ReasonCode result = Objects.requireNonNull(request.results[i]);
      if (subscription != null && result == ReasonCode.SUCCESS) {
        if (!request.existed[i] || subscription.qos() == Qos.AT_MOST_ONCE) {
          shell.session().outbound().leaving().giveUp(subscription.filter().text());
        }
        request.existed[i] &= isSubscribed(subscription.filter().text());
        shell.session().outbound().subscribing(subscription);
        shell.persist(
            new SessionEvent.Subscribed(subscription, request.endOffsets[i], shell.nowMillis()));
        reasons.add(ReasonCode.granted(subscription.qos()));
      } else {
        reasons.add(result);
        if (subscription != null) {
          shell.session().outbound().refused(subscription.filter().text());
        }
      }
    }
    shell.after(() -> acknowledge(request, reasons));
  }

  /** Else the client has no such subscription, whatever the partition keeps of an earlier one. */
  private boolean isSubscribed(String filter) {
    return shell.state().subscription(filter).isPresent()
        || shell.state().leaving(filter).isEmpty();
  }

  private void acknowledge(SubscribeRequests.Request request, List<ReasonCode> reasons) {
    ConnectionPort connection = shell.connection();
    if (connection == null) {
      return;
    }
    connection.send(new Suback(request.packetId, reasons, null, List.of()));
    for (int i = 0; i < reasons.size(); i++) {
      Subscription subscription = request.subscriptions[i];
      if (subscription == null || reasons.get(i).isError()) {
        continue;
      }
      String filter = subscription.filter().text();
      open(filter);
      boolean wanted =
          subscription.retainHandling() == 0
              || (subscription.retainHandling() == 1 && !request.existed[i]);
      if (wanted && !subscription.filter().isShared()) {
        shell.surroundings.findRetained(
            subscription.filter(), "", ++lastRetainedRequest, shell.context.getSelf());
      }
    }
    shell.tellSelf(new ClientSessionActor.Pump());
  }

  private void open(String filter) {
    OutboundFlow outbound = shell.session().outbound();
    shell.state().subscription(filter).ifPresent(outbound::subscribed);
    outbound.onQueueOpen(filter);
  }

  private void unsubscribed(SubscribeRequests.Request request) {
    List<ReasonCode> reasons = new ArrayList<>(request.results.length);
    for (int i = 0; i < request.results.length; i++) {
      ReasonCode result = Objects.requireNonNull(request.results[i]);
      reasons.add(result);
      if (result == ReasonCode.SUCCESS) {
        shell.session().outbound().unsubscribed(request.filters[i]);
      }
    }
    shell.after(
        () -> {
          ConnectionPort connection = shell.connection();
          if (connection != null) {
            connection.send(new Unsuback(request.packetId, reasons, null, List.of()));
          }
        });
  }

  private void onRetained(ClientSessionActor.RetainedFound found) {
    Optional<SessionState.Entry> entry = shell.state().subscription(found.filter());
    if (entry.isEmpty()
        || shell.connection() == null
        || found.requestId() <= staleRetainedRequest) {
      return;
    }
    Subscription s = entry.get().subscription();
    // RETAIN stays set on what is sent because of a new subscription (MQTT-3.3.1-8)
    Delivery delivery =
        new Delivery(
            s.qos(), true, s.subscriptionId() == 0 ? List.of() : List.of(s.subscriptionId()));
    List<Message> unacknowledged = new ArrayList<>();
    List<Message> acknowledged = new ArrayList<>();
    for (Message message : found.messages()) {
      boolean own = s.noLocal() && message.publisher().equals(shell.clientId); // MQTT-3.8.3-3
      if (!own && !message.isExpired(shell.nowMillis())) {
        boolean once = message.qos().min(s.qos()) == Qos.AT_MOST_ONCE;
        (once ? unacknowledged : acknowledged).add(message);
      }
    }
    if (!unacknowledged.isEmpty()) {
      shell.sendAtMostOnce(unacknowledged, delivery);
    }
    if (!acknowledged.isEmpty()) {
      shell.session().outbound().onDirect(acknowledged, delivery);
    }
    if (!found.last()) {
      pages.add(found);
      morePages();
    }
  }

  /** Asks for the next page of retained messages once the client has taken most of those before. */
  void morePages() {
    ConnectionPort connection = shell.connection();
    while (!pages.isEmpty()
        && connection != null
        && !connection.isCongested()
        && shell.session().outbound().hasRoom()) {
      ClientSessionActor.RetainedFound page = pages.removeFirst();
      shell.after(
          () ->
              shell.surroundings.findRetained(
                  TopicFilter.of(page.filter()),
                  page.next(),
                  page.requestId(),
                  shell.context.getSelf()));
    }
  }

  /** Whether {@link #morePages} or {@link #giveUpOverdue} may have something to do. */
  boolean needsTick() {
    return !pages.isEmpty() || !requests.isEmpty();
  }
}
