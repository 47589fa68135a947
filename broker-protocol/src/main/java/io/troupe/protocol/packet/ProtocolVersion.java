package io.troupe.protocol.packet;

/** The protocol versions spoken, with their protocol level and name in CONNECT. */
public enum ProtocolVersion {
  V3_1(3, "MQIsdp"),
  V3_1_1(4, "MQTT"),
  V5(5, "MQTT");

  private final int level;
  private final String protocolName;

  ProtocolVersion(int level, String protocolName) {
    this.level = level;
    this.protocolName = protocolName;
  }

  /** The protocol level (3.x) or protocol version (5.0) byte of CONNECT. */
  public int level() {
    return level;
  }

  public String protocolName() {
    return protocolName;
  }

  public boolean isV5() {
    return this == V5;
  }
}
