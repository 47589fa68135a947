package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CONNACK (3.2). For 3.x only session present and the reason matter; the encoder maps the reason to
 * a return code.
 *
 * @param properties null for 3.x
 */
public record Connack(boolean sessionPresent, ReasonCode reason, @Nullable Properties properties)
    implements Packet {

  public static Connack refused(ReasonCode reason) {
    return new Connack(false, reason, null);
  }

  @Override
  public int type() {
    return 2;
  }

  /**
   * The properties of CONNACK (3.2.2.3); {@link MessageProperties#ABSENT} (-1) and null mean that
   * the property is not sent.
   *
   * @param maximumQos 0 or 1, or -1: 2
   * @param retainAvailable sent only when false
   * @param serverKeepAlive seconds, or -1
   */
  public record Properties(
      long sessionExpirySeconds,
      int receiveMaximum,
      int maximumQos,
      boolean retainAvailable,
      long maximumPacketSize,
      @Nullable String assignedClientId,
      int topicAliasMaximum,
      @Nullable String reasonString,
      List<UserProperty> userProperties,
      boolean wildcardSubscriptionAvailable,
      boolean subscriptionIdentifiersAvailable,
      boolean sharedSubscriptionAvailable,
      int serverKeepAlive,
      @Nullable String responseInformation,
      @Nullable String serverReference,
      @Nullable String authenticationMethod,
      @Nullable Payload authenticationData) {
    /** Nothing sent: every feature available, no limit announced. */
    public static final Properties NONE =
        new Properties(
            -1, -1, -1, true, -1, null, -1, null, List.of(), true, true, true, -1, null, null, null,
            null);

    public Properties {
      userProperties = List.copyOf(userProperties);
    }
  }
}
