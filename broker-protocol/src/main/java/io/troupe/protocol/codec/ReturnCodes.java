package io.troupe.protocol.codec;

import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.ReasonCode;

/** The return codes of CONNACK in 3.x (3.1.1, table 3.1) and the reason codes they stand for. */
final class ReturnCodes {
  private ReturnCodes() {}

  /** The return code that tells a 3.x client most of the reason. */
  static int returnCode(ReasonCode reason) {
    return switch (reason) {
      case SUCCESS -> 0;
      case UNSUPPORTED_PROTOCOL_VERSION -> 1;
      case CLIENT_IDENTIFIER_NOT_VALID -> 2;
      case BAD_USER_NAME_OR_PASSWORD, BAD_AUTHENTICATION_METHOD -> 4;
      case NOT_AUTHORIZED, BANNED -> 5;
      default -> 3;
    };
  }

  static ReasonCode reason(int returnCode) throws ProtocolViolation {
    return switch (returnCode) {
      case 0 -> ReasonCode.SUCCESS;
      case 1 -> ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
      case 2 -> ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
      case 3 -> ReasonCode.SERVER_UNAVAILABLE;
      case 4 -> ReasonCode.BAD_USER_NAME_OR_PASSWORD;
      case 5 -> ReasonCode.NOT_AUTHORIZED;
      default ->
          throw ProtocolViolation.malformed("3.2.2.3", "CONNACK with return code " + returnCode);
    };
  }
}
