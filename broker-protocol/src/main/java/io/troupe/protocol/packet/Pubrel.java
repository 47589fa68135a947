package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PUBREL (3.6). Reason, reason string and user properties are 5.0's; a 3.x peer sees the packet
 * identifier only.
 */
public record Pubrel(
    int packetId,
    ReasonCode reason,
    @Nullable String reasonString,
    List<UserProperty> userProperties)
    implements Packet {

  public Pubrel {
    userProperties = List.copyOf(userProperties);
  }

  public static Pubrel of(int packetId) {
    return new Pubrel(packetId, ReasonCode.SUCCESS, null, List.of());
  }

  public static Pubrel of(int packetId, ReasonCode reason) {
    return new Pubrel(packetId, reason, null, List.of());
  }

  @Override
  public int type() {
    return 6;
  }
}
