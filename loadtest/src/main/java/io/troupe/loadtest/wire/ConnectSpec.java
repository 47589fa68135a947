package io.troupe.loadtest.wire;

import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import org.jspecify.annotations.Nullable;

/**
 * What a client says in CONNECT.
 *
 * @param cleanStart Clean Session before 5.0
 * @param sessionExpirySeconds sent to 5.0 brokers only; 0 ends the session with its connection
 * @param receiveMaximum sent to 5.0 brokers only; 65,535 is left out, as it is the default
 */
public record ConnectSpec(
    ProtocolVersion version,
    String clientId,
    boolean cleanStart,
    int keepAliveSeconds,
    int sessionExpirySeconds,
    int receiveMaximum,
    @Nullable WillSpec will,
    @Nullable Credentials credentials) {

  /**
   * A will, published by the broker when the connection ends without a DISCONNECT.
   *
   * @param delaySeconds Will Delay Interval, sent to 5.0 brokers only
   */
  public record WillSpec(
      String topic, Payload payload, int qos, boolean retain, int delaySeconds) {}

  /** User name and password, as the broker's operator gave them. */
  public record Credentials(String userName, String password) {}

  /** A client whose session ends with its connection. */
  public static ConnectSpec transientClient(
      ProtocolVersion version, String clientId, int keepAliveSeconds) {
    return new ConnectSpec(version, clientId, true, keepAliveSeconds, 0, 65535, null, null);
  }

  /** A client whose session outlives its connections by a day. */
  public static ConnectSpec persistentClient(
      ProtocolVersion version, String clientId, int keepAliveSeconds, int receiveMaximum) {
    return new ConnectSpec(
        version, clientId, false, keepAliveSeconds, 86_400, receiveMaximum, null, null);
  }

  /** The same, whose session ends with its connection and finds none. */
  public ConnectSpec withCleanStart() {
    return withSession(true, 0);
  }

  public ConnectSpec withSession(boolean newCleanStart, int newExpirySeconds) {
    return new ConnectSpec(
        version,
        clientId,
        newCleanStart,
        keepAliveSeconds,
        newExpirySeconds,
        receiveMaximum,
        will,
        credentials);
  }

  public ConnectSpec withWill(WillSpec newWill) {
    return new ConnectSpec(
        version,
        clientId,
        cleanStart,
        keepAliveSeconds,
        sessionExpirySeconds,
        receiveMaximum,
        newWill,
        credentials);
  }

  public ConnectSpec withCredentials(@Nullable Credentials newCredentials) {
    return new ConnectSpec(
        version,
        clientId,
        cleanStart,
        keepAliveSeconds,
        sessionExpirySeconds,
        receiveMaximum,
        will,
        newCredentials);
  }
}
