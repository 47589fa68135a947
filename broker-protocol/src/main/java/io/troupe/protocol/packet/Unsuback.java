package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * UNSUBACK (3.11).
 *
 * @param reasons one for each filter in packet order (5.0); 3.x sends none
 */
public record Unsuback(
    int packetId,
    List<ReasonCode> reasons,
    @Nullable String reasonString,
    List<UserProperty> userProperties)
    implements Packet {

  public Unsuback {
    reasons = List.copyOf(reasons);
    userProperties = List.copyOf(userProperties);
  }

  @Override
  public int type() {
    return 11;
  }
}
