package io.troupe.broker.connection;

import akka.actor.typed.ActorRef;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.Deliver;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.session.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What one turn of an event loop has for one session. */
final class SessionBatch {
  private final ActorRef<ClientSessionActor.Command> session;
  private final List<List<Message>> messages = new ArrayList<>(1);
  private final List<Delivery> deliveries = new ArrayList<>(1);

  SessionBatch(ActorRef<ClientSessionActor.Command> session) {
    this.session = session;
  }

  void add(List<Message> run, Delivery delivery) {
    int last = messages.size() - 1;
    boolean joins =
        last >= 0
            && run.size() == 1
            && messages.get(last) instanceof ArrayList<Message>
            && deliveries.get(last).equals(delivery)
            && messages.get(last).get(0).qos() == run.get(0).qos();
    if (joins) {
      messages.get(last).add(run.get(0));
      return;
    }
    // a list of one is this batch's own to extend; a longer one is shared with other sessions
    messages.add(run.size() == 1 ? new ArrayList<>(run) : List.copyOf(run));
    deliveries.add(delivery);
  }

  /** Sends it; returns how many deliveries that were. */
  int tell(AtomicInteger undelivered) {
    Deliver deliver = null;
    int count = 0;
    for (int i = messages.size() - 1; i >= 0; i--) {
      count += messages.get(i).size();
      deliver =
          new Deliver(messages.get(i), deliveries.get(i), deliver, i == 0 ? undelivered : null);
    }
    if (deliver != null) {
      session.tell(deliver);
    }
    return count;
  }
}
