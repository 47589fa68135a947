package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** AUTH (3.15), 5.0 only. */
public record Auth(
    ReasonCode reason,
    @Nullable String method,
    @Nullable Payload data,
    @Nullable String reasonString,
    List<UserProperty> userProperties)
    implements Packet {

  public Auth {
    userProperties = List.copyOf(userProperties);
  }

  @Override
  public int type() {
    return 15;
  }
}
