package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ProtocolViolation.malformed;
import static io.troupe.protocol.packet.ProtocolViolation.protocolError;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.UserProperty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The properties of one packet or will (2.2.2), read and checked: each allowed here, at most once
 * unless it may repeat, its value in range. Memory is proportional to the bytes read.
 */
final class PropertyValues {
  static final PropertyValues NONE = new PropertyValues(0);
  private static final int COUNT = PropertyId.values().length;

  /** Those of {@link #messageProperties}. */
  private static final long MESSAGE_BITS =
      PropertyId.PAYLOAD_FORMAT_INDICATOR.bit()
          | PropertyId.MESSAGE_EXPIRY_INTERVAL.bit()
          | PropertyId.CONTENT_TYPE.bit()
          | PropertyId.RESPONSE_TOPIC.bit()
          | PropertyId.CORRELATION_DATA.bit()
          | PropertyId.USER_PROPERTY.bit();

  private final long[] numbers;
  private final @Nullable Object[] objects;
  private long present;
  private List<UserProperty> userProperties = List.of();
  private List<Integer> subscriptionIds = List.of();

  private PropertyValues(int count) {
    numbers = new long[count];
    objects = new @Nullable Object[count];
  }

  /**
   * Reads the Property Length and as many bytes.
   *
   * @param place one of {@link PropertyId.Places}, or {@code 1 << type} of the packet
   */
  static PropertyValues read(ByteBuf in, int place) throws ProtocolViolation {
    int length = DataRepresentation.readVariableByteInteger(in, "Property Length");
    if (length == 0) {
      return NONE;
    }
    if (length > in.readableBytes()) {
      throw malformed("2.2.2.1", "Property Length exceeds its packet");
    }
    PropertyValues values = new PropertyValues(COUNT);
    int packetEnd = in.writerIndex();
    in.writerIndex(in.readerIndex() + length);
    while (in.isReadable()) {
      values.readOne(in, place);
    }
    in.writerIndex(packetEnd);
    return values;
  }

  private void readOne(ByteBuf in, int place) throws ProtocolViolation {
    int id = DataRepresentation.readVariableByteInteger(in, "Property Identifier");
    PropertyId property = PropertyId.of(id);
    if (property == null || !property.isAllowedIn(place)) {
      throw malformed("2.2.2.2", "property 0x%02X is not allowed in this packet".formatted(id));
    }
    if ((present & property.bit()) != 0 && !property.mayRepeatIn(place)) {
      throw protocolError("2.2.2.2", property + " stands more than once");
    }
    present |= property.bit();
    switch (property.type()) {
      case BYTE -> putNumber(property, DataRepresentation.readByte(in, property.name()));
      case TWO_BYTES ->
          putNumber(property, DataRepresentation.readTwoByteInteger(in, property.name()));
      case FOUR_BYTES ->
          putNumber(property, DataRepresentation.readFourByteInteger(in, property.name()));
      case VARIABLE ->
          subscriptionId(DataRepresentation.readVariableByteInteger(in, property.name()));
      case STRING -> objects[property.ordinal()] = readString(in, property);
      case BINARY ->
          objects[property.ordinal()] = DataRepresentation.readBinary(in, property.name());
      case PAIR ->
          userProperty(new UserProperty(readString(in, property), readString(in, property)));
    }
  }

  private static String readString(ByteBuf in, PropertyId property) throws ProtocolViolation {
    return DataRepresentation.readString(in, ProtocolVersion.V5, property.name());
  }

  private void putNumber(PropertyId property, long value) throws ProtocolViolation {
    if (!property.isInRange(value)) {
      throw protocolError("2.2.2.2", property + " must not be " + value);
    }
    numbers[property.ordinal()] = value;
  }

  private void subscriptionId(int value) throws ProtocolViolation {
    if (value == 0) {
      throw protocolError("3.8.2.1.2", "Subscription Identifier is 0");
    }
    if (subscriptionIds.isEmpty()) {
      subscriptionIds = new ArrayList<>(1);
    }
    subscriptionIds.add(value);
  }

  private void userProperty(UserProperty property) {
    if (userProperties.isEmpty()) {
      userProperties = new ArrayList<>(4);
    }
    userProperties.add(property);
  }

  boolean has(PropertyId property) {
    return (present & property.bit()) != 0;
  }

  long number(PropertyId property, long absent) {
    return has(property) ? numbers[property.ordinal()] : absent;
  }

  /** For properties that fit: all but the four byte ones. */
  int smallNumber(PropertyId property, int absent) {
    return (int) number(property, absent);
  }

  /** A property that is 0 or 1. */
  boolean flag(PropertyId property, boolean absent) {
    return has(property) ? numbers[property.ordinal()] == 1 : absent;
  }

  @Nullable String string(PropertyId property) {
    return has(property) ? (String) objects[property.ordinal()] : null;
  }

  @Nullable Payload binary(PropertyId property) {
    return has(property) ? (Payload) objects[property.ordinal()] : null;
  }

  List<UserProperty> userProperties() {
    return userProperties;
  }

  List<Integer> subscriptionIds() {
    return subscriptionIds;
  }

  /** The properties that travel with an application message. */
  MessageProperties messageProperties() {
    if ((present & MESSAGE_BITS) == 0) {
      return MessageProperties.NONE;
    }
    return new MessageProperties(
        smallNumber(PropertyId.PAYLOAD_FORMAT_INDICATOR, MessageProperties.ABSENT),
        number(PropertyId.MESSAGE_EXPIRY_INTERVAL, MessageProperties.ABSENT),
        string(PropertyId.CONTENT_TYPE),
        string(PropertyId.RESPONSE_TOPIC),
        binary(PropertyId.CORRELATION_DATA),
        userProperties);
  }
}
