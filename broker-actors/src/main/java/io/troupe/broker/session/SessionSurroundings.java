package io.troupe.broker.session;

import akka.actor.typed.ActorRef;
import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.directory.ClientDirectoryActor;
import io.troupe.broker.directory.ClientRecord;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.routing.Partitions;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.SessionLimits;
import io.troupe.protocol.topic.TopicFilter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What session actors use of the node they live on. Thread-safe; nothing here blocks. */
public interface SessionSurroundings {

  /** The present, milliseconds since the epoch. */
  default long nowMillis() {
    return System.currentTimeMillis();
  }

  SessionLimits limits();

  BrokerMetrics metrics();

  /** Names this life of this node: another after each start. */
  String incarnation();

  /**
   * When a life of a node was last known alive, milliseconds since the epoch: the present for one
   * that goes on.
   */
  long lastAliveMillis(String incarnation);

  /** When this life of this node began, milliseconds since the epoch. */
  long startedMillis();

  /**
   * A time when a life of a node had surely ended, milliseconds since the epoch: of an earlier one
   * of this node, when this one began; of any other, the present.
   */
  default long endedBeforeMillis(String incarnation) {
    boolean earlier =
        !incarnation.equals(incarnation()) && node(incarnation).equals(node(incarnation()));
    return earlier ? startedMillis() : nowMillis();
  }

  private static String node(String incarnation) {
    return incarnation.substring(0, Math.max(0, incarnation.lastIndexOf('#')));
  }

  /** Subscriptions one session may have. */
  int subscriptionsMax();

  /** Unacknowledged messages a member of a shared subscription takes at a time. */
  int sharedCredit();

  /** Messages asked of a queue at a time. */
  int pageMessages();

  /** Bytes asked of a queue at a time. */
  int pageBytes();

  /** How long a session without connection and work stays in memory. */
  Duration passivateAfter();

  /**
   * A connection of a client, unless it is gone or its node is out of reach.
   *
   * @param node incarnation of the node it is on
   * @param session hears with a {@link ClientSessionActor.Detach} when the node is out of reach
   */
  Optional<ConnectionPort> connection(
      String node,
      long connectionId,
      String clientId,
      ActorRef<ClientSessionActor.Command> session);

  Partitions partitions();

  /**
   * Asks for a page of the retained messages that match; answered with {@link
   * ClientSessionActor.RetainedFound}.
   *
   * @param cursor empty for the first page
   */
  void findRetained(
      TopicFilter filter,
      String cursor,
      long requestId,
      ActorRef<ClientSessionActor.Command> replyTo);

  /**
   * Lets the directory store what is known of a client; answered with {@link
   * ClientDirectoryActor.Stored}.
   */
  void putDirectory(
      ClientRecord client, long requestId, ActorRef<ClientDirectoryActor.Stored> replyTo);

  void removeFromDirectory(String clientId);

  /**
   * Removes what an ended session has left in the store, all at once.
   *
   * @param toSequenceNr its last event, 0 if there is none
   * @param marksTo the highest sequence of its messages that topic partitions may have marked, 0 if
   *     there is none
   */
  CompletionStage<Void> forget(
      String clientId, String persistenceId, long toSequenceNr, long marksTo);

  /**
   * Publishes a will, unless its user may not publish it any more: then it is dropped and counted.
   *
   * @param username the name its rights go by, or null: anonymous
   * @param sequence of the client's messages, so that a repeated publication is recognised
   * @param done receives the outcome on any thread
   */
  void publishWill(
      Message will,
      @Nullable String username,
      long sequence,
      boolean retry,
      Consumer<ReasonCode> done);

  /** Whether a user may receive a topic now (rights at the time of delivery). */
  boolean mayReceive(String clientId, @Nullable String username, String topic);
}
