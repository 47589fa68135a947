package io.troupe.broker.wire;

import java.nio.charset.StandardCharsets;

/** A PUBLISH to send: QoS 0, not retained, no properties unless told otherwise. */
final class PublishPacket {
  private final String topic;
  private final byte[] payload;
  private int qos;
  private int packetId;
  private boolean retain;
  private boolean dup;
  private Properties5 properties = Properties5.none();

  private PublishPacket(String topic, byte[] payload) {
    this.topic = topic;
    this.payload = payload;
  }

  static PublishPacket publish(String topic, String payload) {
    return new PublishPacket(topic, payload.getBytes(StandardCharsets.UTF_8));
  }

  static PublishPacket publish(String topic, byte[] payload) {
    return new PublishPacket(topic, payload);
  }

  PublishPacket qos(int value) {
    qos = value;
    return this;
  }

  PublishPacket qos(int value, int id) {
    qos = value;
    packetId = id;
    return this;
  }

  PublishPacket retain() {
    retain = true;
    return this;
  }

  PublishPacket dup() {
    dup = true;
    return this;
  }

  PublishPacket with(int property, long value) {
    properties.with(property, value);
    return this;
  }

  PublishPacket with(Properties5 values) {
    properties = values;
    return this;
  }

  String topic() {
    return topic;
  }

  byte[] payload() {
    return payload;
  }

  int qos() {
    return qos;
  }

  int packetId() {
    return packetId;
  }

  boolean isRetain() {
    return retain;
  }

  Properties5 properties() {
    return properties;
  }

  byte[] toArray(Version version) {
    var body = new Bytes().string(topic);
    if (qos > 0) {
      body.u16(packetId);
    }
    if (version.is5()) {
      body.raw(properties.toArray());
    }
    return body.raw(payload).packet(0x30 | (dup ? 8 : 0) | qos << 1 | (retain ? 1 : 0));
  }
}
