package io.troupe.protocol.codec;

import org.jspecify.annotations.Nullable;

/** The properties of 5.0 (table 2-4): identifier, data type, range, and where each may stand. */
enum PropertyId {
  PAYLOAD_FORMAT_INDICATOR(0x01, Type.BYTE, 0, 1, Places.MESSAGE),
  MESSAGE_EXPIRY_INTERVAL(0x02, Type.FOUR_BYTES, 0, 0xFFFFFFFFL, Places.MESSAGE),
  CONTENT_TYPE(0x03, Type.STRING, Places.MESSAGE),
  RESPONSE_TOPIC(0x08, Type.STRING, Places.MESSAGE),
  CORRELATION_DATA(0x09, Type.BINARY, Places.MESSAGE),
  SUBSCRIPTION_IDENTIFIER(0x0B, Type.VARIABLE, 1, 268_435_455, Places.PUBLISH | Places.SUBSCRIBE),
  SESSION_EXPIRY_INTERVAL(
      0x11, Type.FOUR_BYTES, 0, 0xFFFFFFFFL, Places.CONNECTING | Places.DISCONNECT),
  ASSIGNED_CLIENT_IDENTIFIER(0x12, Type.STRING, Places.CONNACK),
  SERVER_KEEP_ALIVE(0x13, Type.TWO_BYTES, 0, 65535, Places.CONNACK),
  AUTHENTICATION_METHOD(0x15, Type.STRING, Places.CONNECTING | Places.AUTH),
  AUTHENTICATION_DATA(0x16, Type.BINARY, Places.CONNECTING | Places.AUTH),
  REQUEST_PROBLEM_INFORMATION(0x17, Type.BYTE, 0, 1, Places.CONNECT),
  WILL_DELAY_INTERVAL(0x18, Type.FOUR_BYTES, 0, 0xFFFFFFFFL, Places.WILL),
  REQUEST_RESPONSE_INFORMATION(0x19, Type.BYTE, 0, 1, Places.CONNECT),
  RESPONSE_INFORMATION(0x1A, Type.STRING, Places.CONNACK),
  SERVER_REFERENCE(0x1C, Type.STRING, Places.CONNACK | Places.DISCONNECT),
  REASON_STRING(0x1F, Type.STRING, Places.ANSWERS),
  RECEIVE_MAXIMUM(0x21, Type.TWO_BYTES, 1, 65535, Places.CONNECTING),
  TOPIC_ALIAS_MAXIMUM(0x22, Type.TWO_BYTES, 0, 65535, Places.CONNECTING),
  TOPIC_ALIAS(0x23, Type.TWO_BYTES, 0, 65535, Places.PUBLISH),
  MAXIMUM_QOS(0x24, Type.BYTE, 0, 1, Places.CONNACK),
  RETAIN_AVAILABLE(0x25, Type.BYTE, 0, 1, Places.CONNACK),
  USER_PROPERTY(0x26, Type.PAIR, ~0),
  MAXIMUM_PACKET_SIZE(0x27, Type.FOUR_BYTES, 1, 0xFFFFFFFFL, Places.CONNECTING),
  WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Type.BYTE, 0, 1, Places.CONNACK),
  SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Type.BYTE, 0, 1, Places.CONNACK),
  SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Type.BYTE, 0, 1, Places.CONNACK);

  /** The data type of a property's value. */
  enum Type {
    BYTE,
    TWO_BYTES,
    FOUR_BYTES,
    VARIABLE,
    STRING,
    BINARY,
    PAIR
  }

  /** Where a set of properties stands, as bits: the control packet type's bit, or the will. */
  static final class Places {
    static final int WILL = 1;
    static final int CONNECT = 1 << 1;
    static final int CONNACK = 1 << 2;
    static final int PUBLISH = 1 << 3;
    static final int SUBSCRIBE = 1 << 8;
    static final int DISCONNECT = 1 << 14;
    static final int AUTH = 1 << 15;
    static final int MESSAGE = PUBLISH | WILL;
    static final int CONNECTING = CONNECT | CONNACK;

    /** CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH. */
    static final int ANSWERS =
        CONNACK | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 9 | 1 << 11 | DISCONNECT | AUTH;

    private Places() {}
  }

  private static final @Nullable PropertyId[] BY_ID = new @Nullable PropertyId[0x2B];

  static {
    for (PropertyId property : values()) {
      BY_ID[property.id] = property;
    }
  }

  private final int id;
  private final Type type;
  private final long minimum;
  private final long maximum;
  private final int places;

  PropertyId(int id, Type type, int places) {
    this(id, type, 0, 0, places);
  }

  PropertyId(int id, Type type, long minimum, long maximum, int places) {
    this.id = id;
    this.type = type;
    this.minimum = minimum;
    this.maximum = maximum;
    this.places = places;
  }

  /** The property of this identifier, or null if there is none. */
  static @Nullable PropertyId of(int id) {
    return id < BY_ID.length ? BY_ID[id] : null;
  }

  int id() {
    return id;
  }

  Type type() {
    return type;
  }

  boolean isInRange(long value) {
    return value >= minimum && value <= maximum;
  }

  boolean isAllowedIn(int place) {
    return (places & place) != 0;
  }

  /** Subscription Identifier may repeat in a PUBLISH from the server (3.3.2.3.8). */
  boolean mayRepeatIn(int place) {
    return this == USER_PROPERTY || (this == SUBSCRIPTION_IDENTIFIER && place == Places.PUBLISH);
  }

  /** The bit of this property in a set of properties. */
  long bit() {
    return 1L << ordinal();
  }
}
