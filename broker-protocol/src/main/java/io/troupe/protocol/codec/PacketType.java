package io.troupe.protocol.codec;

/** The control packet types (table 2-1). */
final class PacketType {
  static final int CONNECT = 1;
  static final int CONNACK = 2;
  static final int PUBLISH = 3;
  static final int PUBACK = 4;
  static final int PUBREC = 5;
  static final int PUBREL = 6;
  static final int PUBCOMP = 7;
  static final int SUBSCRIBE = 8;
  static final int SUBACK = 9;
  static final int UNSUBSCRIBE = 10;
  static final int UNSUBACK = 11;
  static final int PINGREQ = 12;
  static final int PINGRESP = 13;
  static final int DISCONNECT = 14;
  static final int AUTH = 15;

  private static final String[] NAMES = {
    "reserved packet type 0",
    "CONNECT",
    "CONNACK",
    "PUBLISH",
    "PUBACK",
    "PUBREC",
    "PUBREL",
    "PUBCOMP",
    "SUBSCRIBE",
    "SUBACK",
    "UNSUBSCRIBE",
    "UNSUBACK",
    "PINGREQ",
    "PINGRESP",
    "DISCONNECT",
    "AUTH"
  };

  /** What only a server may send. */
  private static final int FROM_SERVER = 1 << CONNACK | 1 << SUBACK | 1 << UNSUBACK | 1 << PINGRESP;

  /** What only a client may send. */
  private static final int FROM_CLIENT =
      1 << CONNECT | 1 << SUBSCRIBE | 1 << UNSUBSCRIBE | 1 << PINGREQ;

  private PacketType() {}

  static String name(int type) {
    return NAMES[type];
  }

  /** The fixed header flags of every type but PUBLISH (table 2-2). */
  static int requiredFlags(int type) {
    return type == PUBREL || type == SUBSCRIBE || type == UNSUBSCRIBE ? 2 : 0;
  }

  /** Whether this side may receive the type at all (2.1.2). */
  static boolean mayReceive(Role receiver, int type) {
    return ((receiver == Role.SERVER ? FROM_SERVER : FROM_CLIENT) & 1 << type) == 0;
  }
}
