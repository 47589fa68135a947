package io.troupe.protocol.packet;

import java.util.List;

/**
 * SUBSCRIBE (3.8).
 *
 * @param subscriptionId 1 to 268,435,455, or 0: none
 * @param entries at least one, in packet order
 */
public record Subscribe(
    int packetId, int subscriptionId, List<UserProperty> userProperties, List<Entry> entries)
    implements Packet {

  public Subscribe {
    userProperties = List.copyOf(userProperties);
    entries = List.copyOf(entries);
  }

  @Override
  public int type() {
    return 8;
  }

  /**
   * One topic filter with its subscription options (3.8.3.1). For 3.x: no-local and
   * retain-as-published off, retain handling 0.
   *
   * @param filter as the client wrote it, well-formed UTF-8 but not yet checked as a topic filter
   * @param retainHandling 0 send retained messages, 1 only if the subscription is new, 2 do not
   *     send
   */
  public record Entry(
      String filter, Qos qos, boolean noLocal, boolean retainAsPublished, int retainHandling) {

    public static Entry of(String filter, Qos qos) {
      return new Entry(filter, qos, false, false, 0);
    }
  }
}
