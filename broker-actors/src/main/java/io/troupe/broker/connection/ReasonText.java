package io.troupe.broker.connection;

import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Unsuback;
import java.util.List;
import java.util.Locale;

/**
 * Reason Strings (3.4.2.2.2 and the like of the other packets of 5.0): what a failure means, in
 * words for the client's log. They hold nothing that the client sent and nothing about others.
 */
final class ReasonText {
  private ReasonText() {}

  /**
   * An acknowledgement with its Reason String; one without an error, and any other packet, as it
   * is. Only for a client that takes Reason Strings (MQTT-3.1.2-29); the encoder leaves out what
   * exceeds the client's Maximum Packet Size.
   */
  static Packet explain(Packet packet) {
    if (packet instanceof Puback p && p.reason().isError()) {
      return new Puback(p.packetId(), p.reason(), of(p.reason()), p.userProperties());
    } else if (packet instanceof Pubrec p && p.reason().isError()) {
      return new Pubrec(p.packetId(), p.reason(), of(p.reason()), p.userProperties());
    } else if (packet instanceof Pubrel p && p.reason().isError()) {
      return new Pubrel(p.packetId(), p.reason(), of(p.reason()), p.userProperties());
    } else if (packet instanceof Pubcomp p && p.reason().isError()) {
      return new Pubcomp(p.packetId(), p.reason(), of(p.reason()), p.userProperties());
    } else if (packet instanceof Suback p && firstError(p.reasons()) >= 0) {
      return new Suback(p.packetId(), p.reasons(), firstOf(p.reasons()), p.userProperties());
    } else if (packet instanceof Unsuback p && firstError(p.reasons()) >= 0) {
      return new Unsuback(p.packetId(), p.reasons(), firstOf(p.reasons()), p.userProperties());
    }
    return packet;
  }

  private static int firstError(List<ReasonCode> reasons) {
    for (int i = 0; i < reasons.size(); i++) {
      if (reasons.get(i).isError()) {
        return i;
      }
    }
    return -1;
  }

  /** One string for all filters: the first that failed, counted from 1, and why. */
  private static String firstOf(List<ReasonCode> reasons) {
    int index = firstError(reasons);
    return "filter " + (index + 1) + " of " + reasons.size() + ": " + of(reasons.get(index));
  }

  /** What a code means when this server sends it and the place that refused says no more. */
  static String of(ReasonCode code) {
    return switch (code) {
      case BAD_USER_NAME_OR_PASSWORD -> "user name or password not accepted";
      case NOT_AUTHORIZED -> "not authorized";
      case SERVER_UNAVAILABLE -> "the server cannot do this now, try again later";
      case SERVER_BUSY -> "the server is busy, try again later";
      case SERVER_SHUTTING_DOWN -> "the server is shutting down";
      case USE_ANOTHER_SERVER -> "this server is stopping, connect to the other one";
      case KEEP_ALIVE_TIMEOUT -> "nothing received for one and a half times the Keep Alive";
      case SESSION_TAKEN_OVER -> "another connection uses this client identifier";
      case TOPIC_FILTER_INVALID -> "malformed topic filter, or longer or deeper than allowed";
      case TOPIC_NAME_INVALID -> "topic name longer or deeper than allowed";
      case PACKET_IDENTIFIER_NOT_FOUND -> "no exchange with this packet identifier is open";
      case RECEIVE_MAXIMUM_EXCEEDED ->
          "more PUBLISH packets unacknowledged than the Receive Maximum of CONNACK";
      case QUOTA_EXCEEDED -> "a limit set by the operator is reached";
      case RETAIN_NOT_SUPPORTED -> "retained messages are switched off";
      case QOS_NOT_SUPPORTED -> "QoS above the Maximum QoS of CONNACK";
      case SHARED_SUBSCRIPTIONS_NOT_SUPPORTED -> "shared subscriptions are switched off";
      case CONNECTION_RATE_EXCEEDED -> "too many new connections, try again later";
      case SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED -> "subscription identifiers are switched off";
      case WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED -> "wildcards in topic filters are switched off";
      case UNSPECIFIED_ERROR -> "the server could not do this, try again";
      default -> code.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }
}
