package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * DISCONNECT (3.14). From a 3.x client always a normal disconnection; a server sends it to 5.0
 * clients only.
 *
 * @param sessionExpirySeconds a new Session Expiry Interval, or -1: unchanged
 * @param serverReference server to client only, or null
 */
public record Disconnect(
    ReasonCode reason,
    long sessionExpirySeconds,
    @Nullable String reasonString,
    @Nullable String serverReference,
    List<UserProperty> userProperties)
    implements Packet {

  public Disconnect {
    userProperties = List.copyOf(userProperties);
  }

  public static Disconnect of(ReasonCode reason) {
    return new Disconnect(reason, -1, null, null, List.of());
  }

  public static Disconnect of(ReasonCode reason, @Nullable String reasonString) {
    return new Disconnect(reason, -1, reasonString, null, List.of());
  }

  @Override
  public int type() {
    return 14;
  }
}
