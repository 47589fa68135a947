package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SUBACK (3.9).
 *
 * @param reasons one for each filter of the SUBSCRIBE, in its order (MQTT-3.8.4-6); the encoder
 *     writes every failure as 0x80 for 3.x
 */
public record Suback(
    int packetId,
    List<ReasonCode> reasons,
    @Nullable String reasonString,
    List<UserProperty> userProperties)
    implements Packet {

  public Suback {
    reasons = List.copyOf(reasons);
    userProperties = List.copyOf(userProperties);
  }

  @Override
  public int type() {
    return 9;
  }
}
