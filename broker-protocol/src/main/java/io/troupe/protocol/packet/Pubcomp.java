package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PUBCOMP (3.7). Reason, reason string and user properties are 5.0's; a 3.x peer sees the packet
 * identifier only.
 */
public record Pubcomp(
    int packetId,
    ReasonCode reason,
    @Nullable String reasonString,
    List<UserProperty> userProperties)
    implements Packet {

  public Pubcomp {
    userProperties = List.copyOf(userProperties);
  }

  public static Pubcomp of(int packetId) {
    return new Pubcomp(packetId, ReasonCode.SUCCESS, null, List.of());
  }

  public static Pubcomp of(int packetId, ReasonCode reason) {
    return new Pubcomp(packetId, reason, null, List.of());
  }

  @Override
  public int type() {
    return 7;
  }
}
