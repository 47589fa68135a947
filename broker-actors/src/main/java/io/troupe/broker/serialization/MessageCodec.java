package io.troupe.broker.serialization;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.UserProperty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An application message as bytes, for the journal and for other nodes.
 *
 * <pre>
 * version 1:
 *   1 byte    version
 *   1 byte    bits 0-1 QoS, bit 2 RETAIN, bit 3 properties follow
 *   text      topic
 *   text      publisher
 *   number    milliseconds since the epoch when it was received
 *   [1 byte   which properties: 1 payload format 0, 2 payload format 1, 4 expiry,
 *             8 content type, 16 response topic, 32 correlation data, 64 user properties
 *   those, in this order; payload format has no bytes, user properties have their count first]
 *   bytes     payload
 * </pre>
 *
 * <p>Messages follow each other without separator. A later version is refused with {@link
 * IllegalArgumentException}.
 */
public final class MessageCodec {
  /** No message takes fewer bytes. */
  public static final int BYTES_MIN = 6;

  private static final int VERSION = 1;
  private static final int RETAIN = 4;
  private static final int PROPERTIES = 8;
  private static final int FORMAT_0 = 1;
  private static final int FORMAT_1 = 2;
  private static final int EXPIRY = 4;
  private static final int CONTENT_TYPE = 8;
  private static final int RESPONSE_TOPIC = 16;
  private static final int CORRELATION_DATA = 32;
  private static final int USER_PROPERTIES = 64;

  private MessageCodec() {}

  public static byte[] toBytes(Message message) {
    ByteWriter out = new ByteWriter(message.sizeBytes());
    write(message, out);
    return out.toByteArray();
  }

  public static Message fromBytes(byte[] bytes) {
    return read(new ByteReader(bytes));
  }

  public static void write(Message message, ByteWriter out) {
    int which = which(message.properties());
    out.writeByte(VERSION)
        .writeByte(
            message.qos().level() | (message.retain() ? RETAIN : 0) | (which != 0 ? PROPERTIES : 0))
        .writeText(message.topic())
        .writeText(message.publisher())
        .writeNumber(Math.max(0, message.receivedAtMillis()));
    if (which != 0) {
      writeProperties(message.properties(), which, out);
    }
    out.writePayload(message.payload());
  }

  public static Message read(ByteReader in) {
    int version = in.readByte();
    if (version != VERSION) {
      throw new IllegalArgumentException("message of version " + version);
    }
    int flags = in.readByte();
    if ((flags & 3) == 3 || flags >= 16) {
      throw new IllegalArgumentException("message with flags " + flags);
    }
    String topic = in.readText();
    String publisher = in.readText();
    long receivedAtMillis = in.readNumber();
    MessageProperties properties =
        (flags & PROPERTIES) != 0 ? readProperties(in) : MessageProperties.NONE;
    return new Message(
        topic,
        in.readPayload(),
        Qos.of(flags & 3),
        (flags & RETAIN) != 0,
        properties,
        publisher,
        receivedAtMillis);
  }

  private static int which(MessageProperties properties) {
    return (properties.payloadFormat() == 0 ? FORMAT_0 : 0)
        | (properties.payloadFormat() == 1 ? FORMAT_1 : 0)
        | (properties.hasMessageExpiry() ? EXPIRY : 0)
        | (properties.contentType() != null ? CONTENT_TYPE : 0)
        | (properties.responseTopic() != null ? RESPONSE_TOPIC : 0)
        | (properties.correlationData() != null ? CORRELATION_DATA : 0)
        | (properties.userProperties().isEmpty() ? 0 : USER_PROPERTIES);
  }

  private static void writeProperties(MessageProperties properties, int which, ByteWriter out) {
    out.writeByte(which);
    if (properties.hasMessageExpiry()) {
      out.writeNumber(properties.messageExpirySeconds());
    }
    if (properties.contentType() != null) {
      out.writeText(properties.contentType());
    }
    if (properties.responseTopic() != null) {
      out.writeText(properties.responseTopic());
    }
    if (properties.correlationData() != null) {
      out.writePayload(properties.correlationData());
    }
    if (!properties.userProperties().isEmpty()) {
      out.writeNumber(properties.userProperties().size());
      for (UserProperty property : properties.userProperties()) {
        out.writeText(property.name()).writeText(property.value());
      }
    }
  }

  private static MessageProperties readProperties(ByteReader in) {
    int which = in.readByte();
    int payloadFormat =
        (which & FORMAT_0) != 0 ? 0 : (which & FORMAT_1) != 0 ? 1 : MessageProperties.ABSENT;
    long expirySeconds = (which & EXPIRY) != 0 ? in.readNumber() : MessageProperties.ABSENT;
    @Nullable String contentType = (which & CONTENT_TYPE) != 0 ? in.readText() : null;
    @Nullable String responseTopic = (which & RESPONSE_TOPIC) != 0 ? in.readText() : null;
    @Nullable Payload correlationData = (which & CORRELATION_DATA) != 0 ? in.readPayload() : null;
    List<UserProperty> userProperties = List.of();
    if ((which & USER_PROPERTIES) != 0) {
      int count = in.readCount(2);
      userProperties = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        userProperties.add(new UserProperty(in.readText(), in.readText()));
      }
    }
    return new MessageProperties(
        payloadFormat, expirySeconds, contentType, responseTopic, correlationData, userProperties);
  }
}
