package io.troupe.protocol.transport;

/**
 * How the bytes of a connection travel; the names are also configuration values and metric labels.
 */
public enum Transport {
  TCP,
  TLS,
  WS,
  WSS;

  public boolean isWebSocket() {
    return this == WS || this == WSS;
  }

  public boolean isEncrypted() {
    return this == TLS || this == WSS;
  }
}
