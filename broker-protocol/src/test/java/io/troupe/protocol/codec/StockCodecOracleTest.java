package io.troupe.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Publish;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import net.jqwik.api.Tuple.Tuple3;

/**
 * netty-codec-mqtt, written by others, as the judge: it reads what we write as the same packet, and
 * what it writes again we read as the packet we began with.
 */
class StockCodecOracleTest {

  @Provide
  Arbitrary<Tuple3<Role, ProtocolVersion, Packet>> packets() {
    return Arbitraries.of(Role.class)
        .flatMap(
            sender ->
                Arbitraries.of(ProtocolVersion.class)
                    .flatMap(
                        v -> PacketArbitraries.sentBy(sender, v).map(p -> Tuple.of(sender, v, p))));
  }

  @Provide
  Arbitrary<Tuple2<ProtocolVersion, Publish>> publishes() {
    return Arbitraries.of(ProtocolVersion.class)
        .flatMap(
            v ->
                PacketArbitraries.publish(Role.SERVER, v)
                    .map(Publish.class::cast)
                    .map(p -> Tuple.of(v, p)));
  }

  private static EmbeddedChannel channel(ProtocolVersion version) {
    EmbeddedChannel channel =
        new EmbeddedChannel(new MqttDecoder(1 << 20, 1 << 20), MqttEncoder.INSTANCE);
    channel.attr(StockEncoder.VERSION).set(StockEncoder.stock(version));
    return channel;
  }

  /** Our encoder, stock decoder, stock encoder, our decoder. */
  @Property(edgeCases = EdgeCasesMode.NONE)
  void aPacketSurvivesTheStockCodec(@ForAll("packets") Tuple3<Role, ProtocolVersion, Packet> sent) {
    ProtocolVersion version = sent.get2();
    Packet packet = sent.get3();
    EmbeddedChannel stock = channel(version);

    stock.writeInbound(Decoding.encode(packet, version));
    MqttMessage read = stock.readInbound();
    assertTrue(read.decoderResult().isSuccess(), () -> String.valueOf(read.decoderResult()));
    assertEquals(packet.type(), read.fixedHeader().messageType().value());
    stock.writeOutbound(read);
    ByteBuf again = stock.readOutbound();

    Role receiver = sent.get1() == Role.CLIENT ? Role.SERVER : Role.CLIENT;
    assertEquals(packet, Decoding.decode(Decoding.decoder(receiver, version), again));
    again.release();
  }

  /** Field by field, as the stock decoder names them. */
  @Property(edgeCases = EdgeCasesMode.NONE)
  void theStockDecoderReadsOurPublish(@ForAll("publishes") Tuple2<ProtocolVersion, Publish> sent) {
    Publish publish = sent.get2();
    EmbeddedChannel stock = channel(sent.get1());

    stock.writeInbound(Decoding.encode(publish, sent.get1()));
    MqttPublishMessage read = stock.readInbound();

    assertEquals(MqttMessageType.PUBLISH, read.fixedHeader().messageType());
    assertEquals(publish.qos().level(), read.fixedHeader().qosLevel().value());
    assertEquals(publish.dup(), read.fixedHeader().isDup());
    assertEquals(publish.retain(), read.fixedHeader().isRetain());
    assertEquals(publish.topic(), read.variableHeader().topicName());
    assertArrayEquals(publish.payload().array(), ByteBufUtil.getBytes(read.payload()));
    var properties = read.variableHeader().properties();
    MessageProperties expected = publish.properties();
    assertProperty(expected.payloadFormat(), properties.getProperty(0x01));
    assertProperty((int) expected.messageExpirySeconds(), properties.getProperty(0x02));
    assertProperty(expected.contentType(), properties.getProperty(0x03));
    assertProperty(expected.responseTopic(), properties.getProperty(0x08));
    assertProperty(
        publish.topicAlias() == 0 ? -1 : publish.topicAlias(), properties.getProperty(0x23));
    assertEquals(
        publish.subscriptionIds(),
        properties.getProperties(0x0B).stream().<Object>map(p -> p.value()).toList());
    UserProperties users = (UserProperties) properties.getProperty(0x26);
    assertEquals(
        expected.userProperties().stream().map(u -> u.name() + "=" + u.value()).toList(),
        users == null
            ? List.of()
            : users.value().stream().map(u -> u.key + "=" + u.value).toList());
    read.release();
  }

  private static void assertProperty(Object expected, MqttProperty<?> read) {
    boolean absent = expected == null || expected.equals(-1);
    assertEquals(absent ? null : expected, read == null ? null : read.value());
  }
}
