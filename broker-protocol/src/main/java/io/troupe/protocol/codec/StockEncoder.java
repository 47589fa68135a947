package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.FastThreadLocal;
import io.troupe.protocol.packet.ProtocolVersion;

/**
 * Runs netty-codec-mqtt's encoder outside a connection's pipeline: one embedded channel per thread,
 * so that connections carry neither the handler nor its version attribute, and frames can be
 * gathered in one buffer.
 */
final class StockEncoder {
  /** The channel attribute from which the stock encoder learns the version. */
  static final AttributeKey<MqttVersion> VERSION = AttributeKey.valueOf("NETTY_CODEC_MQTT_VERSION");

  private static final FastThreadLocal<EmbeddedChannel> CHANNEL =
      new FastThreadLocal<>() {
        @Override
        protected EmbeddedChannel initialValue() {
          return new EmbeddedChannel(MqttEncoder.INSTANCE);
        }
      };

  private StockEncoder() {}

  /** Appends the message to the buffer. */
  static void encode(MqttMessage message, ProtocolVersion version, ByteBuf out) {
    EmbeddedChannel channel = CHANNEL.get();
    channel.attr(VERSION).set(stock(version));
    channel.writeOutbound(message);
    ByteBuf frame = channel.readOutbound();
    try {
      out.writeBytes(frame);
    } finally {
      frame.release();
    }
  }

  static MqttVersion stock(ProtocolVersion version) {
    return switch (version) {
      case V3_1 -> MqttVersion.MQTT_3_1;
      case V3_1_1 -> MqttVersion.MQTT_3_1_1;
      case V5 -> MqttVersion.MQTT_5;
    };
  }
}
