package io.troupe.broker.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The properties of a 5.0 packet, in order and with repetitions: to build them and to read them.
 */
final class Properties5 {
  static final int PAYLOAD_FORMAT = 0x01;
  static final int MESSAGE_EXPIRY = 0x02;
  static final int CONTENT_TYPE = 0x03;
  static final int RESPONSE_TOPIC = 0x08;
  static final int CORRELATION_DATA = 0x09;
  static final int SUBSCRIPTION_ID = 0x0B;
  static final int SESSION_EXPIRY = 0x11;
  static final int ASSIGNED_CLIENT_ID = 0x12;
  static final int SERVER_KEEP_ALIVE = 0x13;
  static final int AUTHENTICATION_METHOD = 0x15;
  static final int AUTHENTICATION_DATA = 0x16;
  static final int REQUEST_PROBLEM_INFORMATION = 0x17;
  static final int WILL_DELAY = 0x18;
  static final int REQUEST_RESPONSE_INFORMATION = 0x19;
  static final int RESPONSE_INFORMATION = 0x1A;
  static final int SERVER_REFERENCE = 0x1C;
  static final int REASON_STRING = 0x1F;
  static final int RECEIVE_MAXIMUM = 0x21;
  static final int TOPIC_ALIAS_MAXIMUM = 0x22;
  static final int TOPIC_ALIAS = 0x23;
  static final int MAXIMUM_QOS = 0x24;
  static final int RETAIN_AVAILABLE = 0x25;
  static final int USER_PROPERTY = 0x26;
  static final int MAXIMUM_PACKET_SIZE = 0x27;
  static final int WILDCARDS_AVAILABLE = 0x28;
  static final int SUBSCRIPTION_IDS_AVAILABLE = 0x29;
  static final int SHARED_AVAILABLE = 0x2A;

  private static final List<Integer> ONE_BYTE =
      List.of(
          PAYLOAD_FORMAT,
          REQUEST_PROBLEM_INFORMATION,
          REQUEST_RESPONSE_INFORMATION,
          MAXIMUM_QOS,
          RETAIN_AVAILABLE,
          WILDCARDS_AVAILABLE,
          SUBSCRIPTION_IDS_AVAILABLE,
          SHARED_AVAILABLE);
  private static final List<Integer> TWO_BYTES =
      List.of(SERVER_KEEP_ALIVE, RECEIVE_MAXIMUM, TOPIC_ALIAS_MAXIMUM, TOPIC_ALIAS);
  private static final List<Integer> FOUR_BYTES =
      List.of(MESSAGE_EXPIRY, SESSION_EXPIRY, WILL_DELAY, MAXIMUM_PACKET_SIZE);
  private static final List<Integer> BINARY = List.of(CORRELATION_DATA, AUTHENTICATION_DATA);

  private final Bytes encoded = new Bytes();
  private final List<Map.Entry<Integer, Object>> entries = new ArrayList<>();

  static Properties5 none() {
    return new Properties5();
  }

  /** Adds a number of the width this property has. */
  Properties5 with(int property, long value) {
    encoded.varint(property);
    if (ONE_BYTE.contains(property)) {
      encoded.u8((int) value);
    } else if (TWO_BYTES.contains(property)) {
      encoded.u16((int) value);
    } else if (FOUR_BYTES.contains(property)) {
      encoded.u32(value);
    } else {
      encoded.varint(value);
    }
    entries.add(Map.entry(property, value));
    return this;
  }

  Properties5 with(int property, String text) {
    encoded.varint(property).string(text);
    entries.add(Map.entry(property, text));
    return this;
  }

  Properties5 with(int property, byte[] data) {
    encoded.varint(property).data(data);
    entries.add(Map.entry(property, new String(data, StandardCharsets.ISO_8859_1)));
    return this;
  }

  Properties5 user(String name, String value) {
    encoded.varint(USER_PROPERTY).string(name).string(value);
    entries.add(Map.entry(USER_PROPERTY, name + "=" + value));
    return this;
  }

  /** With its length before it, as in the packet. */
  byte[] toArray() {
    byte[] bytes = encoded.toArray();
    return new Bytes().varint(bytes.length).raw(bytes).toArray();
  }

  /** Reads the length and what it covers. */
  static Properties5 read(Reader reader) {
    var inside = reader.slice(reader.varint());
    var properties = new Properties5();
    while (inside.hasMore()) {
      int property = inside.varint();
      if (ONE_BYTE.contains(property)) {
        properties.with(property, inside.u8());
      } else if (TWO_BYTES.contains(property)) {
        properties.with(property, inside.u16());
      } else if (FOUR_BYTES.contains(property)) {
        properties.with(property, inside.u32());
      } else if (property == SUBSCRIPTION_ID) {
        properties.with(property, inside.varint());
      } else if (BINARY.contains(property)) {
        properties.with(property, inside.data());
      } else if (property == USER_PROPERTY) {
        properties.user(inside.string(), inside.string());
      } else {
        properties.with(property, inside.string());
      }
    }
    return properties;
  }

  boolean has(int property) {
    return entries.stream().anyMatch(entry -> entry.getKey() == property);
  }

  /** The number, or the default if the property is absent. */
  long number(int property, long absent) {
    return first(property).map(value -> (Long) value).orElse(absent);
  }

  /** The text, binary data as ISO 8859-1, or null. */
  String text(int property) {
    return (String) first(property).orElse(null);
  }

  List<Object> all(int property) {
    return entries.stream()
        .filter(entry -> entry.getKey() == property)
        .map(Map.Entry::getValue)
        .toList();
  }

  private Optional<Object> first(int property) {
    return all(property).stream().findFirst();
  }

  @Override
  public String toString() {
    return entries.toString();
  }
}
