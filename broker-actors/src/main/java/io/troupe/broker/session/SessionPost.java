package io.troupe.broker.session;

import akka.actor.typed.ActorRef;

/** Brings commands to session actors of any node, in order; safe on any thread. */
@FunctionalInterface
public interface SessionPost {
  void tell(ActorRef<ClientSessionActor.Command> session, ClientSessionActor.Command command);
}
