package io.troupe.broker.connection;

import akka.actor.typed.ActorRef;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.Deliver;
import io.troupe.broker.session.SessionPost;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.session.Delivery;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one turn of an event loop has for one session; used again in the next turn. */
final class SessionBatch {
  private final ActorRef<ClientSessionActor.Command> session;
  private final List<List<Message>> messages = new ArrayList<>(1);
  private final List<Delivery> deliveries = new ArrayList<>(1);
  private final Undelivered mailbox;
  private long bytes;

  SessionBatch(ActorRef<ClientSessionActor.Command> session, Undelivered mailbox) {
    this.session = session;
    this.mailbox = mailbox;
  }

  Undelivered mailbox() {
    return mailbox;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  /**
   * @param runBytes of all messages of the run together
   */
  void add(List<Message> run, long runBytes, Delivery delivery) {
    bytes += runBytes;
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

  /** Sends it; empty from now on. */
  void tell(SessionPost sessions) {
    Deliver deliver = null;
    for (int i = messages.size() - 1; i >= 0; i--) {
      Undelivered.@Nullable Parcel parcel = i == 0 ? mailbox.send(bytes) : null;
      deliver = new Deliver(messages.get(i), deliveries.get(i), deliver, parcel);
    }
    messages.clear();
    deliveries.clear();
    bytes = 0;
    if (deliver != null) {
      sessions.tell(session, deliver);
    }
  }

  /** Time has passed; whether this can be forgotten. */
  boolean tick() {
    return isEmpty() && mailbox.tick();
  }
}
