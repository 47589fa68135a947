package io.troupe.broker.connection;

import io.netty.buffer.ByteBuf;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.protocol.codec.PublishEncoder;
import io.troupe.protocol.codec.PublishFrame;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.transport.MqttConnection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes PUBLISHes to one client, all of a batch into one buffer; owner of its outbound topic
 * aliases (3.3.2.3.4).
 */
final class PublishWriter {
  private static final int BUFFER_MIN = 512;
  private static final int BUFFER_MAX = 64 * 1024;

  private final MqttConnection mqtt;
  private final ProtocolVersion version;
  private final BrokerMetrics metrics;
  private final FrameCache frames;
  private final int aliasMax;
  private Map<String, Integer> aliases = Collections.emptyMap();

  PublishWriter(
      MqttConnection mqtt,
      Connect connect,
      ConnectionSurroundings surroundings,
      FrameCache frames) {
    this.frames = frames;
    this.mqtt = mqtt;
    this.version = connect.version();
    this.metrics = surroundings.metrics();
    this.aliasMax =
        Math.min(connect.topicAliasMaximum(), surroundings.mqtt().outboundTopicAliasMaximum());
  }

  void write(OutboundBatch batch) {
    int size = Math.min(BUFFER_MAX, Math.max(BUFFER_MIN, batch.sizeBytes()));
    ByteBuf out = mqtt.buffer(size);
    long now = System.currentTimeMillis();
    for (OutboundBatch.Run run : batch.runs()) {
      for (Message message : run.messages()) {
        write(out, message, run, now);
      }
    }
    mqtt.write(out);
  }

  private void write(ByteBuf out, Message message, OutboundBatch.Run run, long now) {
    Delivery delivery = run.delivery();
    Qos qos = run.packetId() == 0 ? Qos.AT_MOST_ONCE : message.qos().min(delivery.qos());
    boolean retain = delivery.retainAsPublished() && message.retain();
    long expirySeconds = message.remainingExpirySeconds(now);
    metrics.sent(qos, message.payload().length());
    PublishFrame frame =
        aliasMax > 0
            ? null
            : frames.frame(message, version, delivery.subscriptionIds(), qos != Qos.AT_MOST_ONCE);
    if (frame != null) {
      if (qos == Qos.AT_MOST_ONCE) {
        frame.writeTo(out, retain, expirySeconds);
      } else {
        frame.writeTo(out, qos, retain, run.dup(), run.packetId(), expirySeconds);
      }
      return;
    }
    String topic = message.topic();
    int alias = 0;
    if (aliasMax > 0) {
      Integer known = aliases.get(topic);
      if (known != null) {
        alias = known;
        topic = "";
      } else if (aliases.size() < aliasMax) {
        alias = aliases.size() + 1;
        if (aliases.isEmpty()) {
          aliases = new HashMap<>();
        }
        aliases.put(topic, alias);
      }
    }
    PublishEncoder.encode(
        out,
        version,
        topic,
        message.payload(),
        qos,
        retain,
        run.dup(),
        run.packetId(),
        alias,
        message.properties(),
        expirySeconds,
        delivery.subscriptionIds());
  }
}
