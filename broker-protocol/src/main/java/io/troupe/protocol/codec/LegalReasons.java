package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ReasonCode.*;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.ReasonCode;
import java.util.EnumSet;
import java.util.Set;

/** The reason codes that a packet may carry, by its sender (2.4 and the tables of chapter 3). */
final class LegalReasons {
  static final Set<ReasonCode> CONNACK =
      EnumSet.of(
          SUCCESS,
          UNSPECIFIED_ERROR,
          MALFORMED_PACKET,
          PROTOCOL_ERROR,
          IMPLEMENTATION_SPECIFIC_ERROR,
          UNSUPPORTED_PROTOCOL_VERSION,
          CLIENT_IDENTIFIER_NOT_VALID,
          BAD_USER_NAME_OR_PASSWORD,
          NOT_AUTHORIZED,
          SERVER_UNAVAILABLE,
          SERVER_BUSY,
          BANNED,
          BAD_AUTHENTICATION_METHOD,
          TOPIC_NAME_INVALID,
          PACKET_TOO_LARGE,
          QUOTA_EXCEEDED,
          PAYLOAD_FORMAT_INVALID,
          RETAIN_NOT_SUPPORTED,
          QOS_NOT_SUPPORTED,
          USE_ANOTHER_SERVER,
          SERVER_MOVED,
          CONNECTION_RATE_EXCEEDED);

  private static final Set<ReasonCode> PUBLISH_ANSWER_BY_CLIENT =
      EnumSet.of(
          SUCCESS,
          UNSPECIFIED_ERROR,
          IMPLEMENTATION_SPECIFIC_ERROR,
          NOT_AUTHORIZED,
          TOPIC_NAME_INVALID,
          PACKET_IDENTIFIER_IN_USE,
          QUOTA_EXCEEDED,
          PAYLOAD_FORMAT_INVALID);

  private static final Set<ReasonCode> PUBLISH_ANSWER_BY_SERVER =
      with(PUBLISH_ANSWER_BY_CLIENT, NO_MATCHING_SUBSCRIBERS);

  /** PUBREL and PUBCOMP. */
  static final Set<ReasonCode> RELEASE = EnumSet.of(SUCCESS, PACKET_IDENTIFIER_NOT_FOUND);

  static final Set<ReasonCode> SUBACK =
      EnumSet.of(
          SUCCESS,
          GRANTED_QOS_1,
          GRANTED_QOS_2,
          UNSPECIFIED_ERROR,
          IMPLEMENTATION_SPECIFIC_ERROR,
          NOT_AUTHORIZED,
          TOPIC_FILTER_INVALID,
          PACKET_IDENTIFIER_IN_USE,
          QUOTA_EXCEEDED,
          SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
          SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
          WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);

  /** The 3.x return codes of SUBACK (3.1.1, 3.9.3). */
  static final Set<ReasonCode> SUBACK_3 =
      EnumSet.of(SUCCESS, GRANTED_QOS_1, GRANTED_QOS_2, UNSPECIFIED_ERROR);

  static final Set<ReasonCode> UNSUBACK =
      EnumSet.of(
          SUCCESS,
          NO_SUBSCRIPTION_EXISTED,
          UNSPECIFIED_ERROR,
          IMPLEMENTATION_SPECIFIC_ERROR,
          NOT_AUTHORIZED,
          TOPIC_FILTER_INVALID,
          PACKET_IDENTIFIER_IN_USE);

  private static final Set<ReasonCode> DISCONNECT_BY_BOTH =
      EnumSet.of(
          UNSPECIFIED_ERROR,
          MALFORMED_PACKET,
          PROTOCOL_ERROR,
          IMPLEMENTATION_SPECIFIC_ERROR,
          TOPIC_NAME_INVALID,
          RECEIVE_MAXIMUM_EXCEEDED,
          TOPIC_ALIAS_INVALID,
          PACKET_TOO_LARGE,
          MESSAGE_RATE_TOO_HIGH,
          QUOTA_EXCEEDED,
          ADMINISTRATIVE_ACTION,
          PAYLOAD_FORMAT_INVALID);

  private static final Set<ReasonCode> DISCONNECT_BY_CLIENT =
      with(DISCONNECT_BY_BOTH, SUCCESS, DISCONNECT_WITH_WILL_MESSAGE);

  private static final Set<ReasonCode> DISCONNECT_BY_SERVER =
      with(
          DISCONNECT_BY_BOTH,
          SUCCESS,
          NOT_AUTHORIZED,
          SERVER_BUSY,
          SERVER_SHUTTING_DOWN,
          KEEP_ALIVE_TIMEOUT,
          SESSION_TAKEN_OVER,
          TOPIC_FILTER_INVALID,
          RETAIN_NOT_SUPPORTED,
          QOS_NOT_SUPPORTED,
          USE_ANOTHER_SERVER,
          SERVER_MOVED,
          SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
          CONNECTION_RATE_EXCEEDED,
          MAXIMUM_CONNECT_TIME,
          SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
          WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);

  private static final Set<ReasonCode> AUTH_BY_CLIENT =
      EnumSet.of(CONTINUE_AUTHENTICATION, RE_AUTHENTICATE);

  private static final Set<ReasonCode> AUTH_BY_SERVER =
      EnumSet.of(SUCCESS, CONTINUE_AUTHENTICATION);

  private LegalReasons() {}

  /** PUBACK and PUBREC. */
  static Set<ReasonCode> publishAnswer(Role receiver) {
    return receiver == Role.SERVER ? PUBLISH_ANSWER_BY_CLIENT : PUBLISH_ANSWER_BY_SERVER;
  }

  static Set<ReasonCode> disconnect(Role receiver) {
    return receiver == Role.SERVER ? DISCONNECT_BY_CLIENT : DISCONNECT_BY_SERVER;
  }

  static Set<ReasonCode> auth(Role receiver) {
    return receiver == Role.SERVER ? AUTH_BY_CLIENT : AUTH_BY_SERVER;
  }

  /**
   * Reads a reason code.
   *
   * @param statement the one that lists the legal codes, for the violation
   */
  static ReasonCode read(ByteBuf in, Set<ReasonCode> legal, String statement)
      throws ProtocolViolation {
    return require(DataRepresentation.readByte(in, "Reason Code"), legal, statement);
  }

  static ReasonCode require(int value, Set<ReasonCode> legal, String statement)
      throws ProtocolViolation {
    ReasonCode reason = ReasonCode.of(value);
    if (reason == null || !legal.contains(reason)) {
      throw ProtocolViolation.protocolError(
          statement, "Reason Code 0x%02X is not allowed in this packet".formatted(value));
    }
    return reason;
  }

  private static Set<ReasonCode> with(Set<ReasonCode> some, ReasonCode... more) {
    EnumSet<ReasonCode> all = EnumSet.copyOf(some);
    all.addAll(Set.of(more));
    return all;
  }
}
