package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PUBACK (3.4). Reason, reason string and user properties are 5.0's; a 3.x peer sees the packet
 * identifier only.
 */
public record Puback(
    int packetId,
    ReasonCode reason,
    @Nullable String reasonString,
    List<UserProperty> userProperties)
    implements Packet {

  public Puback {
    userProperties = List.copyOf(userProperties);
  }

  public static Puback of(int packetId) {
    return new Puback(packetId, ReasonCode.SUCCESS, null, List.of());
  }

  public static Puback of(int packetId, ReasonCode reason) {
    return new Puback(packetId, reason, null, List.of());
  }

  @Override
  public int type() {
    return 4;
  }
}
