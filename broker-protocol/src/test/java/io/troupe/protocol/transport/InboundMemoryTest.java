package io.troupe.protocol.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.troupe.protocol.codec.DecoderSettings;
import io.troupe.protocol.codec.PacketEncoder;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.ProtocolVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Memory held for a connection follows the bytes received, never those announced (the flaw of
 * CVE-2017-7651 and its like).
 */
class InboundMemoryTest {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  private EmbeddedChannel channel;
  private RecordingHandler handler;

  @BeforeEach
  void connect() {
    channel = new EmbeddedChannel();
    channel.config().setAllocator(allocator);
    Traffic traffic = new Traffic();
    InboundPackets inbound = new InboundPackets(DecoderSettings.DEFAULT, Transport.TCP, traffic);
    MqttConnection connection =
        new MqttConnection(channel, "test", Transport.TCP, inbound, traffic);
    handler =
        new RecordingHandler(connection) {
          @Override
          public void onPacket(Packet packet) {
            events.add(packet);
          }
        };
    inbound.start(connection, handler);
    channel.pipeline().addLast(inbound);
    channel.pipeline().fireChannelActive();
    ByteBuf connect = allocator.buffer();
    PacketEncoder.encode(Connect.of(ProtocolVersion.V5, "c"), ProtocolVersion.V5, connect);
    channel.writeInbound(connect);
    connection.connected(ProtocolVersion.V5, DecoderSettings.PACKET_BYTES_MAX);
  }

  @AfterEach
  void close() {
    channel.close();
    assertEquals(0, used());
  }

  private long used() {
    return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
  }

  /** As the socket does: a large buffer for few bytes. */
  private void receive(int... bytes) {
    ByteBuf in = allocator.buffer(64 * 1024);
    for (int b : bytes) {
      in.writeByte(b);
    }
    channel.writeInbound(in);
  }

  @Test
  @Promise("I25")
  void anIdleConnectionHoldsNoBuffer() {
    assertEquals(0, used());
    receive(0xC0, 0, 0xC0, 0);

    assertEquals(0, used());
    assertTrue(handler.events.contains(Pingreq.INSTANCE));
  }

  @Test
  @Promise("F1")
  void announcing256MegabytesReservesNothing() {
    receive(0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, 't', 0);

    assertTrue(used() <= 1024, used() + " bytes");
  }

  @Test
  void aLargePacketThatComesSlowlyTakesWhatHasCome() {
    receive(0x30, 0xFF, 0xFF, 0xFF, 0x7F);
    int received = 5;
    for (int i = 0; i < 2000; i++) {
      receive(new int[100]);
      received += 100;

      assertTrue(used() <= 2 * received + 1024, used() + " bytes for " + received);
    }
  }

  @Test
  void whatWaitsWhileReadingIsPausedIsReleasedWithTheConnection() {
    handler.connection.setReading(false);
    receive(0xC0, 0, 0xC0, 0);

    assertTrue(used() > 0);
    assertTrue(!handler.events.contains(Pingreq.INSTANCE));
  }
}
