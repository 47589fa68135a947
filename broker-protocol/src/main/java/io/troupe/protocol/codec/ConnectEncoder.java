package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Will;

/**
 * CONNECT (3.1). Not left to netty-codec-mqtt, whose encoder refuses packets the specification
 * allows: a 3.1 client identifier of more than 23 characters, a 5.0 password without user name.
 */
final class ConnectEncoder {
  private ConnectEncoder() {}

  static void encode(Connect connect, ByteBuf out) {
    ByteBuf body = Unpooled.buffer(128);
    PropertyWriter.writeString(body, connect.version().protocolName());
    body.writeByte(connect.version().level());
    body.writeByte(flags(connect));
    body.writeShort(connect.keepAliveSeconds());
    if (connect.version().isV5()) {
      properties(connect).writeTo(body);
    }
    PropertyWriter.writeString(body, connect.clientId());
    Will will = connect.will();
    if (will != null) {
      if (connect.version().isV5()) {
        properties(will).writeTo(body);
      }
      PropertyWriter.writeString(body, will.topic());
      PropertyWriter.writeBinary(body, will.payload());
    }
    String username = connect.username();
    if (username != null) {
      PropertyWriter.writeString(body, username);
    }
    Payload password = connect.password();
    if (password != null) {
      PropertyWriter.writeBinary(body, password);
    }
    out.writeByte(PacketType.CONNECT << 4);
    VariableByteInteger.write(out, body.readableBytes());
    out.writeBytes(body);
  }

  private static int flags(Connect connect) {
    int flags = connect.cleanStart() ? ConnectDecoder.CLEAN_START : 0;
    Will will = connect.will();
    if (will != null) {
      flags |= ConnectDecoder.WILL | (will.qos().level() << 3);
      flags |= will.retain() ? ConnectDecoder.WILL_RETAIN : 0;
    }
    flags |= connect.password() != null ? ConnectDecoder.PASSWORD : 0;
    return flags | (connect.username() != null ? ConnectDecoder.USER_NAME : 0);
  }

  private static PropertyWriter properties(Connect connect) {
    PropertyWriter properties = new PropertyWriter();
    if (connect.sessionExpirySeconds() > 0) {
      properties.number(PropertyId.SESSION_EXPIRY_INTERVAL, connect.sessionExpirySeconds());
    }
    if (connect.receiveMaximum() != 65535) {
      properties.number(PropertyId.RECEIVE_MAXIMUM, connect.receiveMaximum());
    }
    if (connect.maximumPacketSize() != Connect.NO_LIMIT) {
      properties.number(PropertyId.MAXIMUM_PACKET_SIZE, connect.maximumPacketSize());
    }
    if (connect.topicAliasMaximum() > 0) {
      properties.number(PropertyId.TOPIC_ALIAS_MAXIMUM, connect.topicAliasMaximum());
    }
    if (connect.requestResponseInformation()) {
      properties.number(PropertyId.REQUEST_RESPONSE_INFORMATION, 1);
    }
    if (!connect.requestProblemInformation()) {
      properties.number(PropertyId.REQUEST_PROBLEM_INFORMATION, 0);
    }
    return properties
        .string(PropertyId.AUTHENTICATION_METHOD, connect.authenticationMethod())
        .binary(PropertyId.AUTHENTICATION_DATA, connect.authenticationData())
        .userProperties(connect.userProperties());
  }

  private static PropertyWriter properties(Will will) {
    PropertyWriter properties = new PropertyWriter();
    if (will.delaySeconds() > 0) {
      properties.number(PropertyId.WILL_DELAY_INTERVAL, will.delaySeconds());
    }
    MessageProperties message = will.properties();
    return properties
        .number(PropertyId.PAYLOAD_FORMAT_INDICATOR, message.payloadFormat())
        .number(PropertyId.MESSAGE_EXPIRY_INTERVAL, message.messageExpirySeconds())
        .string(PropertyId.CONTENT_TYPE, message.contentType())
        .string(PropertyId.RESPONSE_TOPIC, message.responseTopic())
        .binary(PropertyId.CORRELATION_DATA, message.correlationData())
        .userProperties(message.userProperties());
  }
}
