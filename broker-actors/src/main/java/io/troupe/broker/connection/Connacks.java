package io.troupe.broker.connection;

import io.troupe.broker.config.MqttConfig;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The CONNACK packets of this broker (3.2). */
final class Connacks {
  private Connacks() {}

  /** The client is in; to 5.0, what the server changes or does not offer (3.2.2.3). */
  static Connack accepted(Handshake client, MqttConfig mqtt, boolean sessionPresent) {
    Connect connect = client.connect();
    if (!connect.version().isV5()) {
      // 3.1 has no session present flag
      boolean told = sessionPresent && connect.version() == ProtocolVersion.V3_1_1;
      return new Connack(told, ReasonCode.SUCCESS, null);
    }
    long expiry = client.sessionExpirySeconds();
    int keepAlive = client.keepAliveSeconds();
    Connack.Properties properties =
        new Connack.Properties(
            expiry == connect.sessionExpirySeconds() ? -1 : expiry,
            mqtt.receiveMaximum(),
            mqtt.maximumQos() == Qos.EXACTLY_ONCE ? -1 : mqtt.maximumQos().level(),
            mqtt.retain(),
            mqtt.maximumPacketSize(),
            client.isAssigned() ? client.clientId() : null,
            mqtt.topicAliasMaximum(),
            null,
            List.of(),
            mqtt.wildcardSubscriptions(),
            mqtt.subscriptionIdentifiers(),
            mqtt.sharedSubscriptions(),
            keepAlive == connect.keepAliveSeconds() ? -1 : keepAlive,
            null,
            null,
            null,
            null);
    return new Connack(sessionPresent, ReasonCode.SUCCESS, properties);
  }

  /**
   * The client is not let in.
   *
   * @param explained whether the client takes a Reason String (MQTT-3.1.2-29)
   * @param detail more than the code says, or null
   */
  static Connack refused(ReasonCode code, boolean explained, @Nullable String detail) {
    ReasonCode told = carried(code);
    String text = detail == null ? ReasonText.of(told) : detail;
    return new Connack(false, told, explained ? reasonString(text) : null);
  }

  /**
   * The nearest code that CONNACK may carry (table 3-1 of 5.0); the codec knows the return codes of
   * 3.x.
   */
  private static ReasonCode carried(ReasonCode code) {
    return switch (code) {
      case SERVER_SHUTTING_DOWN, SESSION_TAKEN_OVER, ADMINISTRATIVE_ACTION ->
          ReasonCode.SERVER_UNAVAILABLE;
      default -> code;
    };
  }

  private static Connack.Properties reasonString(String text) {
    return new Connack.Properties(
        -1, -1, -1, true, -1, null, -1, text, List.of(), true, true, true, -1, null, null, null,
        null);
  }
}
