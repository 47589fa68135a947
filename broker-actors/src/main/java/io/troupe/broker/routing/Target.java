package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.session.Delivery;
import org.jspecify.annotations.Nullable;

/**
 * One session that gets a message without a queue.
 *
 * @param delivery all its matching subscriptions merged
 * @param deliveryToSelf the same without those of No Local, for messages published by this client
 *     (MQTT-3.8.3-3); null: it does not get them
 */
public record Target(
    ActorRef<ClientSessionActor.Command> session,
    String clientId,
    Delivery delivery,
    @Nullable Delivery deliveryToSelf) {

  /** How to deliver what this publisher sent; null: not at all. */
  public @Nullable Delivery delivery(String publisher) {
    return clientId.equals(publisher) ? deliveryToSelf : delivery;
  }
}
