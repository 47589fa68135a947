package io.troupe.broker.metrics;

import io.troupe.protocol.packet.ReasonCode;
import java.util.Locale;

/** Why a connection ended. One enum for log, metric and API. */
public enum DisconnectReason {
  /** DISCONNECT 0x00: the will is discarded. */
  CLIENT_DISCONNECTED(ReasonCode.SUCCESS),
  /** DISCONNECT 0x04. */
  CLIENT_DISCONNECTED_WITH_WILL(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE),
  /** DISCONNECT with a code of 0x80 or above. */
  CLIENT_REPORTED_ERROR(ReasonCode.UNSPECIFIED_ERROR),
  /** The peer closed or reset the socket without DISCONNECT. */
  CONNECTION_LOST(ReasonCode.UNSPECIFIED_ERROR),
  /** The TLS or WebSocket handshake failed. */
  HANDSHAKE_FAILED(ReasonCode.PROTOCOL_ERROR),
  /** No CONNECT, or no end of the authentication, in time. */
  CONNECT_TIMEOUT(ReasonCode.MAXIMUM_CONNECT_TIME),
  KEEP_ALIVE_TIMEOUT(ReasonCode.KEEP_ALIVE_TIMEOUT),
  /** Another connection uses the client identifier (MQTT-3.1.4-3). */
  TAKEN_OVER(ReasonCode.SESSION_TAKEN_OVER),
  MALFORMED_PACKET(ReasonCode.MALFORMED_PACKET),
  PROTOCOL_ERROR(ReasonCode.PROTOCOL_ERROR),
  UNSUPPORTED_VERSION(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION),
  CLIENT_IDENTIFIER_NOT_VALID(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID),
  BAD_CREDENTIALS(ReasonCode.BAD_USER_NAME_OR_PASSWORD),
  NOT_AUTHORIZED(ReasonCode.NOT_AUTHORIZED),
  BANNED(ReasonCode.BANNED),
  TOPIC_NAME_INVALID(ReasonCode.TOPIC_NAME_INVALID),
  TOPIC_FILTER_INVALID(ReasonCode.TOPIC_FILTER_INVALID),
  TOPIC_ALIAS_INVALID(ReasonCode.TOPIC_ALIAS_INVALID),
  PACKET_TOO_LARGE(ReasonCode.PACKET_TOO_LARGE),
  RECEIVE_MAXIMUM_EXCEEDED(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED),
  PAYLOAD_FORMAT_INVALID(ReasonCode.PAYLOAD_FORMAT_INVALID),
  FEATURE_NOT_SUPPORTED(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR),
  QUOTA_EXCEEDED(ReasonCode.QUOTA_EXCEEDED),
  CONNECTION_RATE_EXCEEDED(ReasonCode.CONNECTION_RATE_EXCEEDED),
  MESSAGE_RATE_TOO_HIGH(ReasonCode.MESSAGE_RATE_TOO_HIGH),
  /** The socket took nothing for longer than allowed. */
  SLOW_CONSUMER(ReasonCode.UNSPECIFIED_ERROR),
  /** Refused because the node is overloaded. */
  SERVER_BUSY(ReasonCode.SERVER_BUSY),
  /** A part of the broker did not answer in time. */
  SERVER_UNAVAILABLE(ReasonCode.SERVER_UNAVAILABLE),
  /** What the client sent could not be stored, so it is not acknowledged. */
  STORE_FAILED(ReasonCode.UNSPECIFIED_ERROR),
  SERVER_SHUTTING_DOWN(ReasonCode.SERVER_SHUTTING_DOWN),
  USE_ANOTHER_SERVER(ReasonCode.USE_ANOTHER_SERVER),
  /** An operator ended the connection or the session. */
  ADMINISTRATIVE_ACTION(ReasonCode.ADMINISTRATIVE_ACTION),
  /** A fault of the broker. */
  INTERNAL_ERROR(ReasonCode.UNSPECIFIED_ERROR);

  private final ReasonCode code;
  private final String label = name().toLowerCase(Locale.ROOT);

  DisconnectReason(ReasonCode code) {
    this.code = code;
  }

  /** The code for DISCONNECT or CONNACK, if there is still somebody to send it to. */
  public ReasonCode code() {
    return code;
  }

  /** The metric label, log field and API value. */
  public String label() {
    return label;
  }

  /** The reason for which the broker disconnects or refuses with this code. */
  public static DisconnectReason of(ReasonCode code) {
    switch (code) {
      case MALFORMED_PACKET:
        return MALFORMED_PACKET;
      case UNSUPPORTED_PROTOCOL_VERSION:
        return UNSUPPORTED_VERSION;
      case CLIENT_IDENTIFIER_NOT_VALID:
        return CLIENT_IDENTIFIER_NOT_VALID;
      case BAD_USER_NAME_OR_PASSWORD:
      case BAD_AUTHENTICATION_METHOD:
        return BAD_CREDENTIALS;
      case NOT_AUTHORIZED:
        return NOT_AUTHORIZED;
      case SERVER_UNAVAILABLE:
        return SERVER_UNAVAILABLE;
      case SERVER_BUSY:
        return SERVER_BUSY;
      case BANNED:
        return BANNED;
      case SERVER_SHUTTING_DOWN:
        return SERVER_SHUTTING_DOWN;
      case KEEP_ALIVE_TIMEOUT:
        return KEEP_ALIVE_TIMEOUT;
      case SESSION_TAKEN_OVER:
        return TAKEN_OVER;
      case TOPIC_FILTER_INVALID:
        return TOPIC_FILTER_INVALID;
      case TOPIC_NAME_INVALID:
        return TOPIC_NAME_INVALID;
      case TOPIC_ALIAS_INVALID:
        return TOPIC_ALIAS_INVALID;
      case RECEIVE_MAXIMUM_EXCEEDED:
        return RECEIVE_MAXIMUM_EXCEEDED;
      case PACKET_TOO_LARGE:
        return PACKET_TOO_LARGE;
      case MESSAGE_RATE_TOO_HIGH:
        return MESSAGE_RATE_TOO_HIGH;
      case QUOTA_EXCEEDED:
        return QUOTA_EXCEEDED;
      case ADMINISTRATIVE_ACTION:
        return ADMINISTRATIVE_ACTION;
      case PAYLOAD_FORMAT_INVALID:
        return PAYLOAD_FORMAT_INVALID;
      case RETAIN_NOT_SUPPORTED:
      case QOS_NOT_SUPPORTED:
      case SHARED_SUBSCRIPTIONS_NOT_SUPPORTED:
      case SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED:
      case WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED:
        return FEATURE_NOT_SUPPORTED;
      case USE_ANOTHER_SERVER:
      case SERVER_MOVED:
        return USE_ANOTHER_SERVER;
      case CONNECTION_RATE_EXCEEDED:
        return CONNECTION_RATE_EXCEEDED;
      case MAXIMUM_CONNECT_TIME:
        return CONNECT_TIMEOUT;
      case UNSPECIFIED_ERROR:
      case IMPLEMENTATION_SPECIFIC_ERROR:
        return INTERNAL_ERROR;
      default:
        return PROTOCOL_ERROR;
    }
  }
}
