package io.troupe.protocol.packet;

/**
 * The peer broke the protocol. The connection is closed: a 5.0 client first gets CONNACK or
 * DISCONNECT with {@link #reasonCode}, a 3.x client only the close.
 */
public final class ProtocolViolation extends Exception {
  private static final long serialVersionUID = 1L;

  private final ReasonCode reasonCode;
  private final String statement;

  /**
   * @param statement number of the normative statement broken, such as {@code MQTT-1.5.4-1}, or the
   *     section if it has none
   * @param message what was wrong, for the log and the reason string; never payloads or credentials
   */
  public ProtocolViolation(ReasonCode reasonCode, String statement, String message) {
    super(message, null, false, false);
    this.reasonCode = reasonCode;
    this.statement = statement;
  }

  /** Bytes that cannot be read as the packet they announce: 0x81. */
  public static ProtocolViolation malformed(String statement, String message) {
    return new ProtocolViolation(ReasonCode.MALFORMED_PACKET, statement, message);
  }

  /** Bytes that can be read, but say what the protocol forbids: 0x82. */
  public static ProtocolViolation protocolError(String statement, String message) {
    return new ProtocolViolation(ReasonCode.PROTOCOL_ERROR, statement, message);
  }

  public ReasonCode reasonCode() {
    return reasonCode;
  }

  public String statement() {
    return statement;
  }

  /** What was wrong. */
  public String detail() {
    return String.valueOf(getMessage());
  }
}
