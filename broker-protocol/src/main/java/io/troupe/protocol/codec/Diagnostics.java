package io.troupe.protocol.codec;

import io.troupe.protocol.packet.Auth;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Unsuback;
import java.util.List;

/** Reason String and User Property of the packets that answer: what may be left out of them. */
final class Diagnostics {
  private Diagnostics() {}

  /** The packet without its diagnostics; itself if it has none or is none of these packets. */
  static Packet without(Packet packet) {
    if (packet instanceof Puback p) {
      return Puback.of(p.packetId(), p.reason());
    } else if (packet instanceof Pubrec p) {
      return Pubrec.of(p.packetId(), p.reason());
    } else if (packet instanceof Pubrel p) {
      return Pubrel.of(p.packetId(), p.reason());
    } else if (packet instanceof Pubcomp p) {
      return Pubcomp.of(p.packetId(), p.reason());
    } else if (packet instanceof Suback p) {
      return new Suback(p.packetId(), p.reasons(), null, List.of());
    } else if (packet instanceof Unsuback p) {
      return new Unsuback(p.packetId(), p.reasons(), null, List.of());
    } else if (packet instanceof Disconnect p) {
      return new Disconnect(
          p.reason(), p.sessionExpirySeconds(), null, p.serverReference(), List.of());
    } else if (packet instanceof Auth p) {
      return new Auth(p.reason(), p.method(), p.data(), null, List.of());
    } else if (packet instanceof Connack p) {
      Connack.Properties properties = p.properties();
      return properties == null
          ? p
          : new Connack(p.sessionPresent(), p.reason(), without(properties));
    }
    return packet;
  }

  private static Connack.Properties without(Connack.Properties p) {
    return new Connack.Properties(
        p.sessionExpirySeconds(),
        p.receiveMaximum(),
        p.maximumQos(),
        p.retainAvailable(),
        p.maximumPacketSize(),
        p.assignedClientId(),
        p.topicAliasMaximum(),
        null,
        List.of(),
        p.wildcardSubscriptionAvailable(),
        p.subscriptionIdentifiersAvailable(),
        p.sharedSubscriptionAvailable(),
        p.serverKeepAlive(),
        p.responseInformation(),
        p.serverReference(),
        p.authenticationMethod(),
        p.authenticationData());
  }
}
