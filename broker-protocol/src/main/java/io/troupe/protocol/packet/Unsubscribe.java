package io.troupe.protocol.packet;

import java.util.List;

/**
 * UNSUBSCRIBE (3.10).
 *
 * @param filters at least one, in packet order, as the client wrote them
 */
public record Unsubscribe(int packetId, List<UserProperty> userProperties, List<String> filters)
    implements Packet {

  public Unsubscribe {
    userProperties = List.copyOf(userProperties);
    filters = List.copyOf(filters);
  }

  @Override
  public int type() {
    return 10;
  }
}
