package io.troupe.broker.wire;

/** A protocol version as CONNECT names it. */
enum Version {
  V31("MQIsdp", 3),
  V311("MQTT", 4),
  V5("MQTT", 5);

  final String protocolName;
  final int level;

  Version(String protocolName, int level) {
    this.protocolName = protocolName;
    this.level = level;
  }

  boolean is5() {
    return this == V5;
  }
}
