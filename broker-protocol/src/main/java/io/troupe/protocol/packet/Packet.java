package io.troupe.protocol.packet;

/**
 * A control packet, the same values for all protocol versions; what a version cannot say is left
 * unset.
 */
public sealed interface Packet
    permits Connect,
        Connack,
        Publish,
        Puback,
        Pubrec,
        Pubrel,
        Pubcomp,
        Subscribe,
        Suback,
        Unsubscribe,
        Unsuback,
        Pingreq,
        Pingresp,
        Disconnect,
        Auth {

  /** The control packet type, 1 (CONNECT) to 15 (AUTH). */
  int type();
}
