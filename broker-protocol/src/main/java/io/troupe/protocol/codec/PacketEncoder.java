package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.Auth;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Subscribe;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.packet.Unsubscribe;

/**
 * Writes packets in the form of a protocol version, leaving out what the version cannot say:
 * properties and reason codes in 3.x, where the reason of a CONNACK becomes a return code and every
 * failure in a SUBACK 0x80. Stateless, for both sides of a connection.
 *
 * <p>PUBLISH, its acknowledgements and CONNECT are written directly ({@link PublishEncoder}, {@link
 * AckEncoder}), the others by netty-codec-mqtt.
 */
public final class PacketEncoder {
  private PacketEncoder() {}

  /**
   * Appends the packet to the buffer.
   *
   * @param version the connection's; a CONNECT is written in its own
   * @throws IllegalArgumentException for AUTH in 3.x, which has no such packet
   */
  public static void encode(Packet packet, ProtocolVersion version, ByteBuf out) {
    if (packet instanceof Publish publish) {
      PublishEncoder.encode(out, version, publish);
    } else if (packet instanceof Puback p) {
      AckEncoder.encode(
          out, version, p.type(), p.packetId(), p.reason(), p.reasonString(), p.userProperties());
    } else if (packet instanceof Pubrec p) {
      AckEncoder.encode(
          out, version, p.type(), p.packetId(), p.reason(), p.reasonString(), p.userProperties());
    } else if (packet instanceof Pubrel p) {
      AckEncoder.encode(
          out, version, p.type(), p.packetId(), p.reason(), p.reasonString(), p.userProperties());
    } else if (packet instanceof Pubcomp p) {
      AckEncoder.encode(
          out, version, p.type(), p.packetId(), p.reason(), p.reasonString(), p.userProperties());
    } else if (packet instanceof Pingreq) {
      AckEncoder.pingreq(out);
    } else if (packet instanceof Pingresp) {
      AckEncoder.pingresp(out);
    } else {
      encodeControl(packet, version, out);
    }
  }

  /**
   * Appends the packet if the peer takes one of its size (MQTT-3.1.2-24). An answer that is too
   * large is written without Reason String and User Properties (MQTT-3.2.2-19, MQTT-3.2.2-20 and
   * the like of the other packets).
   *
   * @param bytesMax the peer's Maximum Packet Size
   * @return false if the packet does not fit; then nothing was written, and the caller goes on as
   *     if it had been sent (MQTT-3.1.2-25)
   */
  public static boolean encodeWithin(
      Packet packet, ProtocolVersion version, long bytesMax, ByteBuf out) {
    int start = out.writerIndex();
    try {
      encode(packet, version, out);
      if (out.writerIndex() - start > bytesMax) {
        out.writerIndex(start);
        encode(Diagnostics.without(packet), version, out);
      }
    } catch (RuntimeException e) {
      out.writerIndex(start); // half a frame would spoil those that follow
      throw e;
    }
    if (out.writerIndex() - start > bytesMax) {
      out.writerIndex(start);
      return false;
    }
    return true;
  }

  private static void encodeControl(Packet packet, ProtocolVersion version, ByteBuf out) {
    if (packet instanceof Connect p) {
      ConnectEncoder.encode(p, out);
    } else if (packet instanceof Connack p) {
      StockEncoder.encode(StockMessages.connack(p, version), version, out);
    } else if (packet instanceof Subscribe p) {
      StockEncoder.encode(StockMessages.subscribe(p), version, out);
    } else if (packet instanceof Suback p) {
      StockEncoder.encode(StockMessages.suback(p, version), version, out);
    } else if (packet instanceof Unsubscribe p) {
      StockEncoder.encode(StockMessages.unsubscribe(p), version, out);
    } else if (packet instanceof Unsuback p) {
      StockEncoder.encode(StockMessages.unsuback(p, version), version, out);
    } else if (packet instanceof Disconnect p) {
      StockEncoder.encode(StockMessages.disconnect(p), version, out);
    } else if (packet instanceof Auth p) {
      if (!version.isV5()) {
        throw new IllegalArgumentException("AUTH is not a packet of " + version);
      }
      StockEncoder.encode(StockMessages.auth(p), version, out);
    } else {
      throw new AssertionError(packet);
    }
  }
}
