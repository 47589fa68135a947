package io.troupe.broker.connection;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.config.MqttConfig;
import io.troupe.broker.config.RoutingConfig;
import io.troupe.broker.config.SessionConfig;
import io.troupe.broker.config.SharedStrategies;
import io.troupe.broker.limits.ConnectionQuota;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.retained.RetainedPartitionActor;
import io.troupe.broker.routing.Partitions;
import io.troupe.broker.routing.RouteCache;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionPost;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.transport.MqttConnection;
import java.net.SocketAddress;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What connections use of the node they are on. Thread-safe; nothing here blocks. */
public interface ConnectionSurroundings {

  /** The clock of keep alive; as {@link System#nanoTime}. */
  default long nanoTime() {
    return System.nanoTime();
  }

  MqttConfig mqtt();

  SessionConfig session();

  RoutingConfig routing();

  BrokerMetrics metrics();

  /** Where clients are told to go with USE_ANOTHER_SERVER, or null. */
  @Nullable String serverReference();

  /**
   * A place for another connection from this address; null: it is to be closed at once.
   *
   * @param encrypted whether telling it anything takes a TLS handshake
   */
  ConnectionQuota.@Nullable Slot admit(SocketAddress address, boolean encrypted);

  /**
   * Checks credentials.
   *
   * @param clientId the effective one, also if the server assigned it
   * @return never fails
   */
  CompletionStage<Access> authenticate(Connect connect, String clientId, MqttConnection connection);

  /**
   * The outcome of authentication.
   *
   * @param result SUCCESS or why the client is refused
   * @param username the name its rights go by, or null: anonymous
   * @param limits its type and limits of its queues
   */
  record Access(ReasonCode result, @Nullable String username, ClientLimits limits) {}

  boolean mayPublish(
      String clientId, @Nullable String username, String topic, Qos qos, boolean retain);

  boolean maySubscribe(String clientId, @Nullable String username, TopicFilter filter);

  /**
   * Sends to a client's session.
   *
   * @param node incarnation of the other node where the session was attached to this connection;
   *     empty: on this one, or not attached yet
   */
  void tellSession(String node, String clientId, ClientSessionActor.Command command);

  /** Names this life of this node: another after each start. */
  String incarnation();

  /** Brings messages to sessions. */
  SessionPost sessions();

  /** Whether this node may acknowledge now: whether it surely is in its cluster still. */
  boolean mayAcknowledge();

  RouteCache routes();

  SharedStrategies sharedStrategies();

  /** Asks for a topic's route; answered with {@link IngressActor.RouteReady}. */
  void resolve(String topic, ActorRef<IngressActor.Command> replyTo);

  Partitions partitions();

  /** The partition that retains a topic's message. */
  int retainedPartition(String topic);

  void tellRetained(int partition, RetainedPartitionActor.Store store);
}
