package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import java.util.List;

/**
 * A PUBLISH encoded once for all receivers that get the same bytes: same version, same topic (no
 * topic alias), same subscription identifiers, and QoS 0 or not. What differs from receiver to
 * receiver, flags, packet identifier and Message Expiry Interval, is written over a copy.
 *
 * <p>Immutable, on the heap, shared between event loops.
 */
public final class PublishFrame {
  private final byte[] bytes;
  private final boolean acknowledged;

  /** Where the packet identifier stands; meaningless for QoS 0. */
  private final int packetIdIndex;

  /** Where the value of the Message Expiry Interval stands, or 0: there is none. */
  private final int expiryIndex;

  private PublishFrame(byte[] bytes, boolean acknowledged, int packetIdIndex, int expiryIndex) {
    this.bytes = bytes;
    this.acknowledged = acknowledged;
    this.packetIdIndex = packetIdIndex;
    this.expiryIndex = expiryIndex;
  }

  /**
   * Encodes.
   *
   * @param acknowledged whether the frame has a packet identifier: for QoS 1 and 2
   */
  public static PublishFrame of(
      ProtocolVersion version,
      String topic,
      Payload payload,
      MessageProperties properties,
      List<Integer> subscriptionIds,
      boolean acknowledged) {
    Qos qos = acknowledged ? Qos.AT_LEAST_ONCE : Qos.AT_MOST_ONCE;
    long expiry = properties.messageExpirySeconds();
    int length =
        PublishEncoder.encodedLength(
            version, topic, payload, qos, 0, properties, expiry, subscriptionIds);
    byte[] bytes = new byte[length];
    ByteBuf out = Unpooled.wrappedBuffer(bytes).clear();
    PublishEncoder.encode(
        out, version, topic, payload, qos, false, false, 0, 0, properties, expiry, subscriptionIds);
    int packetIdIndex = 1 + lengthBytes(bytes) + 2 + ByteBufUtil.utf8Bytes(topic);
    int expiryIndex = 0;
    if (version.isV5() && expiry >= 0) {
      int properties0 = packetIdIndex + (acknowledged ? 2 : 0);
      expiryIndex = properties0 + variableLengthAt(bytes, properties0) + 1;
    }
    return new PublishFrame(bytes, acknowledged, packetIdIndex, expiryIndex);
  }

  private static int lengthBytes(byte[] bytes) {
    return variableLengthAt(bytes, 1);
  }

  private static int variableLengthAt(byte[] bytes, int index) {
    int end = index;
    while (bytes[end] < 0) {
      end++;
    }
    return end + 1 - index;
  }

  /** Bytes on the wire, the same for every receiver. */
  public int length() {
    return bytes.length;
  }

  /** Appends the frame for one receiver at QoS 0. */
  public void writeTo(ByteBuf out, boolean retain, long expirySeconds) {
    write(out, PublishEncoder.firstByte(Qos.AT_MOST_ONCE, retain, false), expirySeconds, false);
  }

  /** Appends the frame for one receiver at QoS 1 or 2. */
  public void writeTo(
      ByteBuf out, Qos qos, boolean retain, boolean dup, int packetId, long expirySeconds) {
    int start = write(out, PublishEncoder.firstByte(qos, retain, dup), expirySeconds, true);
    out.setShort(start + packetIdIndex, packetId);
  }

  private int write(ByteBuf out, int firstByte, long expirySeconds, boolean withPacketId) {
    if (withPacketId != acknowledged) {
      throw new IllegalStateException(
          "a frame " + (acknowledged ? "for QoS 1 and 2" : "for QoS 0") + " used otherwise");
    }
    int start = out.writerIndex();
    out.writeBytes(bytes);
    out.setByte(start, firstByte);
    if (expiryIndex > 0 && expirySeconds >= 0) {
      out.setInt(start + expiryIndex, (int) expirySeconds);
    }
    return start;
  }
}
