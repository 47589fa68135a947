package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * One session's subscription as partitions and nodes know it.
 *
 * @param durable whether the session outlives its connection; only then is the subscriber stored
 * @param limits of its queue, as its credential says
 * @param credit shared subscriptions: how many unacknowledged messages the member takes at a time
 * @param session the session actor while a connection is attached; null while offline
 */
public record Subscriber(
    String clientId,
    Subscription subscription,
    boolean durable,
    ClientLimits limits,
    int credit,
    @Nullable ActorRef<ClientSessionActor.Command> session) {

  /** Whether messages of QoS 1 and 2 reach this subscriber through a durable queue. */
  public boolean queued() {
    return subscription.qos() != Qos.AT_MOST_ONCE && (durable || subscription.filter().isShared());
  }
}
