package io.troupe.broker.auth;

import io.troupe.protocol.packet.ReasonCode;

/** An authenticator's answer. */
public sealed interface AuthResult {

  /** The client is who it says. */
  record Accepted(Identity identity) implements AuthResult {}

  /**
   * The client stays out.
   *
   * @param reason for CONNACK; the codec maps it for 3.x
   */
  record Refused(ReasonCode reason) implements AuthResult {}

  /** Not this authenticator's kind of client: the next one is asked, and nobody left means no. */
  record Undecided() implements AuthResult {}
}
