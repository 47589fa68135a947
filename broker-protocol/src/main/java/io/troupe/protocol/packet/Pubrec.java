package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PUBREC (3.5). Reason, reason string and user properties are 5.0's; a 3.x peer sees the packet
 * identifier only.
 */
public record Pubrec(
    int packetId,
    ReasonCode reason,
    @Nullable String reasonString,
    List<UserProperty> userProperties)
    implements Packet {

  public Pubrec {
    userProperties = List.copyOf(userProperties);
  }

  public static Pubrec of(int packetId) {
    return new Pubrec(packetId, ReasonCode.SUCCESS, null, List.of());
  }

  public static Pubrec of(int packetId, ReasonCode reason) {
    return new Pubrec(packetId, reason, null, List.of());
  }

  @Override
  public int type() {
    return 5;
  }
}
