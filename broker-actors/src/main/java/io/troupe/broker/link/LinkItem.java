package io.troupe.broker.link;

import akka.actor.typed.ActorRef;
import io.troupe.broker.connection.FromSession;
import io.troupe.broker.metrics.NodeFigures;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.session.QueuedMessage;
import java.util.List;

/** One thing on its way to another node. */
sealed interface LinkItem {
  /** What an item takes besides its messages, about, in bytes. */
  int WEIGHT_MIN = 128;

  /** About how many bytes it holds while it waits. */
  int weight();

  /** The first version of links ({@link LinkCodec#VERSION}) that has it. */
  default int since() {
    return 1;
  }

  /** The other node has taken it, or never will. */
  default void settled() {}

  /**
   * For one life of a session's actor: from publishers and partitions.
   *
   * @param parcel by which the other node tells with {@link Took} that the session has taken it; 0:
   *     nobody waits for that
   */
  record ToSession(
      ActorRef<ClientSessionActor.Command> session, ClientSessionActor.Command command, long parcel)
      implements LinkItem {
    @Override
    public int weight() {
      if (command instanceof ClientSessionActor.Deliver first) {
        int weight = WEIGHT_MIN;
        for (var deliver = first; deliver != null; deliver = deliver.next()) {
          weight += weightOf(deliver.messages());
        }
        return weight;
      } else if (command instanceof ClientSessionActor.QueueBatch batch) {
        return WEIGHT_MIN + weightOfQueued(batch.messages());
      } else if (command instanceof ClientSessionActor.SharedBatch batch) {
        return WEIGHT_MIN + weightOfQueued(batch.messages());
      } else if (command instanceof ClientSessionActor.RetainedFound found) {
        return WEIGHT_MIN + weightOf(found.messages());
      }
      return WEIGHT_MIN;
    }

    /** Messages in a chain. */
    static int count(ClientSessionActor.Deliver first) {
      int count = 0;
      for (var deliver = first; deliver != null; deliver = deliver.next()) {
        count += deliver.messages().size();
      }
      return count;
    }

    private static int weightOf(List<Message> messages) {
      int weight = 0;
      for (Message message : messages) {
        weight += message.sizeBytes();
      }
      return weight;
    }

    private static int weightOfQueued(List<QueuedMessage> messages) {
      int weight = 0;
      for (QueuedMessage each : messages) {
        weight += each.message().sizeBytes();
      }
      return weight;
    }
  }

  /** From a connection to its client's session, wherever that is by now. */
  record ToClient(String clientId, ClientSessionActor.Command command) implements LinkItem {
    @Override
    public int weight() {
      return WEIGHT_MIN;
    }
  }

  /**
   * From a session to its connection.
   *
   * @param clientId to answer to, if the connection is gone
   */
  record ToConnection(long connectionId, String clientId, FromSession content, Runnable onSettled)
      implements LinkItem {
    @Override
    public int since() {
      return content instanceof FromSession.Handled ? 2 : 1;
    }

    @Override
    public int weight() {
      return content instanceof FromSession.Deliver deliver
          ? WEIGHT_MIN + deliver.batch().sizeBytes()
          : WEIGHT_MIN;
    }

    @Override
    public void settled() {
      onSettled.run();
    }
  }

  /** A session here has taken, or dropped, what came from there in the parcel of this number. */
  record Took(long parcel) implements LinkItem {
    @Override
    public int since() {
      return 2;
    }

    @Override
    public int weight() {
      return WEIGHT_MIN;
    }
  }

  /** What this node tells of itself. */
  record Figures(NodeFigures figures) implements LinkItem {
    @Override
    public int since() {
      return 2;
    }

    @Override
    public int weight() {
      return 4 * WEIGHT_MIN;
    }
  }
}
