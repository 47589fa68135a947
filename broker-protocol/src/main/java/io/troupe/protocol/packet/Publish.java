package io.troupe.protocol.packet;

import java.util.List;

/**
 * PUBLISH (3.3).
 *
 * @param topic may be empty on the wire when a topic alias stands for it
 * @param packetId 1 to 65,535 for QoS 1 and 2; 0 for QoS 0
 * @param topicAlias 1 to 65,535, or 0: none
 * @param subscriptionIds of all matching subscriptions, server to client only
 */
public record Publish(
    String topic,
    Payload payload,
    Qos qos,
    boolean retain,
    boolean dup,
    int packetId,
    int topicAlias,
    MessageProperties properties,
    List<Integer> subscriptionIds)
    implements Packet {

  @Override
  public int type() {
    return 3;
  }
}
