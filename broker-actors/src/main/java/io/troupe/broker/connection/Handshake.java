package io.troupe.broker.connection;

import io.troupe.broker.config.MqttConfig;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Will;
import io.troupe.protocol.topic.TopicName;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * From CONNECT to the request for the session (3.1.4): admission, identifier, will, credentials.
 */
final class Handshake {
  private static final int PRINTABLE_MAX = 64;

  private final ClientConnection connection;
  private final Connect connect;
  private final ConnectionSurroundings surroundings;
  private final MqttConfig mqtt;
  private final boolean assigned;
  private final String clientId;
  private @Nullable String username;
  private boolean attached;

  Handshake(ClientConnection connection, Connect connect, ConnectionSurroundings surroundings) {
    this.connection = connection;
    this.connect = connect;
    this.surroundings = surroundings;
    this.mqtt = surroundings.mqtt();
    this.assigned = connect.clientId().isEmpty();
    this.clientId = assigned ? "auto-" + UUID.randomUUID() : connect.clientId();
  }

  Connect connect() {
    return connect;
  }

  /** The client identifier, also if the server assigned it (MQTT-3.1.3-6). */
  String clientId() {
    return clientId;
  }

  /** Whether the server chose the client identifier. */
  boolean isAssigned() {
    return assigned;
  }

  /** The name its rights go by, or null. */
  @Nullable String username() {
    return username;
  }

  /** Whether the session was asked for, so that it must hear of the connection's end. */
  boolean isAttached() {
    return attached;
  }

  void start() {
    ReasonCode identifier = checkIdentifier();
    if (identifier.isError()) {
      connection.refuse(identifier, "client identifier not accepted");
      return;
    }
    if (connect.authenticationMethod() != null) {
      connection.refuse(
          ReasonCode.BAD_AUTHENTICATION_METHOD,
          "authentication method not supported: " + printable(connect.authenticationMethod()));
      return;
    }
    ReasonCode will = checkWill();
    if (will.isError()) {
      connection.refuse(will, "the will is not accepted");
      return;
    }
    surroundings
        .authenticate(connect, clientId, connection.mqtt())
        .whenComplete(
            (access, failure) ->
                connection.mqtt().eventLoop().execute(() -> onAccess(access, failure)));
  }

  /** 3.x: an empty identifier needs Clean Session (MQTT-3.1.3-8), in 3.1 it is never allowed. */
  private ReasonCode checkIdentifier() {
    boolean refused =
        assigned
            ? connect.version() == ProtocolVersion.V3_1
                || (connect.version() == ProtocolVersion.V3_1_1 && !connect.cleanStart())
            : clientId.length() > mqtt.clientIdLengthMax();
    return refused ? ReasonCode.CLIENT_IDENTIFIER_NOT_VALID : ReasonCode.SUCCESS;
  }

  private ReasonCode checkWill() {
    Will will = connect.will();
    if (will == null) {
      return ReasonCode.SUCCESS;
    }
    if (will.qos().compareTo(mqtt.maximumQos()) > 0) {
      return ReasonCode.QOS_NOT_SUPPORTED;
    }
    if (will.retain() && !mqtt.retain()) {
      return ReasonCode.RETAIN_NOT_SUPPORTED;
    }
    boolean bad =
        will.topic().startsWith("$")
            || will.topic().length() > mqtt.topicLengthMax()
            || TopicName.levels(will.topic()) > mqtt.topicLevelsMax();
    return bad ? ReasonCode.TOPIC_NAME_INVALID : ReasonCode.SUCCESS;
  }

  private void onAccess(
      ConnectionSurroundings.@Nullable Access access, @Nullable Throwable failure) {
    if (connection.isClosed()) {
      return;
    }
    if (access == null || failure != null) {
      connection.refuse(ReasonCode.SERVER_UNAVAILABLE, "authentication is not available");
      return;
    }
    if (access.result().isError()) {
      connection.refuse(access.result(), null);
      return;
    }
    connection.authenticated();
    username = access.username();
    Will will = connect.will();
    if (will != null
        && !surroundings.mayPublish(clientId, username, will.topic(), will.qos(), will.retain())) {
      connection.refuse(ReasonCode.NOT_AUTHORIZED, "not authorized to publish the will");
      return;
    }
    attached = true;
    surroundings.tellSession(
        "",
        clientId,
        new ClientSessionActor.Attach(
            surroundings.incarnation(),
            connection.id(),
            clientId,
            username,
            access.limits(),
            connect.cleanStart(),
            sessionExpirySeconds(),
            connect.receiveMaximum(),
            connect.maximumPacketSize(),
            connect.will()));
  }

  /** The Session Expiry Interval in force. */
  long sessionExpirySeconds() {
    return Math.min(connect.sessionExpirySeconds(), mqtt.sessionExpiryMaxSeconds());
  }

  /** The Keep Alive in force: the client's, unless the server's is shorter (MQTT-3.1.2-21). */
  int keepAliveSeconds() {
    int wanted = connect.keepAliveSeconds();
    int max = mqtt.keepAliveMaxSeconds();
    boolean shortened = connect.version().isV5() && max > 0 && (wanted == 0 || wanted > max);
    return shortened ? max : wanted;
  }

  /**
   * A client's text for the log: control characters replaced, cut to {@value #PRINTABLE_MAX}
   * characters.
   */
  static String printable(@Nullable String text) {
    if (text == null) {
      return "";
    }
    String cut = text.length() > PRINTABLE_MAX ? text.substring(0, PRINTABLE_MAX) + "..." : text;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
