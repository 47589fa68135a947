package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * One session's subscription in its partition. Of a durable one, everything but {@link #session},
 * {@link #confirmed}, {@link #node} and {@link #inStep} is stored.
 */
final class SubscriberState {
  final String clientId;
  Subscription subscription;
  boolean durable;
  ClientLimits limits = ClientLimits.DEVICE;
  int credit;

  /** All offsets below are settled; meaningful for those who read the queue on their own. */
  long cursor;

  /** For which limits the cursor counts. */
  ClientLimits cursorLimits = ClientLimits.DEVICE;

  /** What was not queued for this subscriber, since it was at its limit; null: nothing. */
  @Nullable SkippedRanges skipped;

  /** It has had everything below, if perhaps not settled it, when it was last in step. */
  long hadBelow;

  /** While online. */
  @Nullable ActorRef<ClientSessionActor.Command> session;

  /**
   * Whether the session was told that its subscription is effective; it takes nothing of a share
   * group before, as that would be for an earlier connection.
   */
  boolean confirmed;

  /** The node that carries its commands. */
  @Nullable ActorRef<RouteCacheActor.Command> node;

  /** Whether it has all messages of the queue and gets new ones pushed. */
  boolean inStep;

  SubscriberState(String clientId, Subscription subscription) {
    this.clientId = clientId;
    this.subscription = subscription;
  }

  /** As {@link Subscriber#queued}. */
  boolean queued() {
    return subscription.qos() != Qos.AT_MOST_ONCE && (durable || subscription.filter().isShared());
  }

  /** Whether it reads a queue on its own and not as member of a group. */
  boolean readsQueue() {
    return queued() && !subscription.filter().isShared();
  }

  boolean isOnline() {
    return session != null;
  }

  /** What nodes are told. */
  Subscriber asSubscriber() {
    return new Subscriber(clientId, subscription, durable, limits, credit, session);
  }
}
