package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CONNECT (3.1).
 *
 * @param clientId may be empty: the server then assigns one (MQTT-3.1.3-6)
 * @param cleanStart Clean Start (5.0) or Clean Session (3.x)
 * @param keepAliveSeconds 0 to 65,535; 0 turns it off
 * @param username null if absent
 * @param password null if absent
 * @param will null if absent
 * @param sessionExpirySeconds 5.0: 0 to 0xFFFFFFFF (never). For 3.x the decoder sets 0 with Clean
 *     Session and 0xFFFFFFFF without
 * @param receiveMaximum how many QoS 1 and 2 messages the client takes at a time, 1 to 65,535;
 *     65,535 if absent
 * @param maximumPacketSize in bytes; {@link #NO_LIMIT} if absent
 * @param topicAliasMaximum 0 to 65,535; 0 if absent
 * @param requestResponseInformation whether CONNACK may carry Response Information
 * @param requestProblemInformation whether reason strings and user properties may be sent with
 *     failures
 * @param authenticationMethod null if absent
 * @param authenticationData null if absent
 */
public record Connect(
    ProtocolVersion version,
    String clientId,
    boolean cleanStart,
    int keepAliveSeconds,
    @Nullable String username,
    @Nullable Payload password,
    @Nullable Will will,
    long sessionExpirySeconds,
    int receiveMaximum,
    long maximumPacketSize,
    int topicAliasMaximum,
    boolean requestResponseInformation,
    boolean requestProblemInformation,
    @Nullable String authenticationMethod,
    @Nullable Payload authenticationData,
    List<UserProperty> userProperties)
    implements Packet {
  public static final long NO_LIMIT = Long.MAX_VALUE;

  /** Session Expiry Interval that never ends (3.1.2.11.2). */
  public static final long NEVER_EXPIRES = 0xFFFFFFFFL;

  public Connect {
    userProperties = List.copyOf(userProperties);
  }

  /**
   * A CONNECT with nothing but a client identifier: a fresh session that ends with its connection.
   */
  public static Connect of(ProtocolVersion version, String clientId) {
    return new Connect(
        version, clientId, true, 60, null, null, null, 0, 65535, NO_LIMIT, 0, false, true, null,
        null, List.of());
  }

  @Override
  public int type() {
    return 1;
  }
}
