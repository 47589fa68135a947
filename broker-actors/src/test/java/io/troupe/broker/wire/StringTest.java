package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.conformance.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** UTF-8 strings in every packet. */
class StringTest extends CanaryTest {
  /** Not UTF-8, a surrogate, overlong forms, beyond U+10FFFF, cut off, and U+0000. */
  static final List<byte[]> ILL_FORMED =
      List.of(
          new byte[] {'a', (byte) 0xFF},
          new byte[] {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80},
          new byte[] {'a', (byte) 0xED, (byte) 0xBF, (byte) 0xBF, 'b'},
          new byte[] {'a', (byte) 0xC0, (byte) 0x80},
          new byte[] {(byte) 0xE0, (byte) 0x80, (byte) 0xAF},
          new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
          new byte[] {'a', (byte) 0xE2, (byte) 0x82},
          new byte[] {'a', (byte) 0x80},
          new byte[] {'a', 0, 'b'});

  @EachVersion
  @Statement(
      v311 = {"MQTT-1.5.3-1", "MQTT-1.5.3-2", "MQTT-3.3.2-1", "MQTT-4.7.3-2", "MQTT-4.8.0-1"},
      v5 = {"MQTT-1.5.4-1", "MQTT-1.5.4-2", "MQTT-3.3.2-1", "MQTT-4.7.3-2"})
  void inATopicName(Version version) {
    for (byte[] bad : ILL_FORMED) {
      var body = new Bytes().data(bad);
      connect(version)
          .send((version.is5() ? body.u8(0) : body).packet(0x30))
          .expectClosed(0x81, 0x90);
    }
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-1.5.3-1", "MQTT-1.5.3-2", "MQTT-3.8.3-1", "MQTT-4.7.3-2"},
      v5 = {"MQTT-1.5.4-1", "MQTT-1.5.4-2", "MQTT-3.8.3-1", "MQTT-4.7.3-2"})
  void inAFilterSubscribed(Version version) {
    for (byte[] bad : ILL_FORMED) {
      var body = new Bytes().u16(1);
      connect(version)
          .send((version.is5() ? body.u8(0) : body).data(bad).u8(0).packet(0x82))
          .expectClosed(0x81);
    }
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-1.5.3-1", "MQTT-1.5.3-2", "MQTT-3.10.3-1"},
      v5 = {"MQTT-1.5.4-1", "MQTT-1.5.4-2", "MQTT-3.10.3-1"})
  void inAFilterUnsubscribed(Version version) {
    for (byte[] bad : ILL_FORMED) {
      var body = new Bytes().u16(1);
      connect(version)
          .send((version.is5() ? body.u8(0) : body).data(bad).packet(0xA2))
          .expectClosed(0x81);
    }
  }

  @Test
  @Statement(v5 = {"MQTT-1.5.4-1", "MQTT-1.5.7-1", "MQTT-3.3.2-13", "MQTT-3.3.2-19"})
  void inThePropertiesOfAMessage() {
    for (byte[] bad : ILL_FORMED) {
      for (int property : new int[] {Properties5.CONTENT_TYPE, Properties5.RESPONSE_TOPIC}) {
        var inside = new Bytes().u8(property).data(bad).toArray();
        connect(Version.V5)
            .send(new Bytes().string("t").varint(inside.length).raw(inside).packet(0x30))
            .expectClosed(0x81, 0x82);
      }
      for (boolean name : new boolean[] {true, false}) {
        var inside = new Bytes().u8(Properties5.USER_PROPERTY);
        var pair = (name ? inside.data(bad).string("v") : inside.string("n").data(bad)).toArray();
        connect(Version.V5)
            .send(new Bytes().string("t").varint(pair.length).raw(pair).packet(0x30))
            .expectClosed(0x81);
      }
    }
  }

  @EachVersion
  @Statement(
      v311 = {"MQTT-1.5.3-3", "MQTT-4.7.3-4"},
      v5 = {"MQTT-1.5.4-3", "MQTT-4.7.3-4"})
  void theByteOrderMarkIsACharacterLikeAnyOther(Version version) {
    var plain = freshTopic();
    var marked = "\uFEFF" + plain;
    var client = connect(version);
    client.subscribe(marked, 1);
    client.publish(publish(plain, "plain").qos(1));

    client.publish(publish(marked, "marked").qos(1));

    assertEquals(marked, client.receive("marked").topic());
  }

  @EachVersion
  @Statement(v311 = "MQTT-4.7.3-4", v5 = "MQTT-4.7.3-4")
  void equivalentCharactersAreNotTheSame(Version version) {
    var composed = freshTopic() + "\u00E9";
    var decomposed = composed.substring(0, composed.length() - 1) + "e\u0301";
    var client = connect(version);
    client.subscribe(composed, 1);

    client.publish(publish(decomposed, "decomposed").qos(1));
    client.publish(publish(composed + "/", "slash").qos(1));
    client.publish(publish(composed.toUpperCase(java.util.Locale.ROOT), "upper").qos(1));
    client.publish(publish(composed, "composed").qos(1));

    assertEquals(composed, client.receive("composed").topic());
  }

  @EachVersion
  @Statement(v311 = "MQTT-1.5.3-1", v5 = "MQTT-1.5.4-1")
  void charactersBeyondTheBasicPlaneAreFine(Version version) {
    var topic = freshTopic() + "/\uD834\uDD1E";
    var client = connect(version);
    client.subscribe(topic, 1);

    client.publish(publish(topic, "clef").qos(1));

    assertEquals(topic, client.receive("clef").topic());
  }
}
