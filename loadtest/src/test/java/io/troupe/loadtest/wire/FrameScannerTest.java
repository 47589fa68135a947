package io.troupe.loadtest.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.packet.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameScannerTest {
  @Test
  void framesAreFoundHoweverReadsCutThem() {
    ByteBuf bytes = Unpooled.buffer();
    Frames.pingreq(bytes);
    Frames.publish(bytes, ProtocolVersion.V5, "a/b", new byte[200], 1, false, false, 77);
    Frames.ack(bytes, Frames.PUBACK, 5);
    Frames.publish(bytes, ProtocolVersion.V3_1_1, "a", new byte[20_000], 0, false, false, 0);
    Frames.pingreq(bytes);

    for (int step = 1; step < 300; step++) {
      assertEquals(
          List.of("c0:0", "32:208", "40:2", "30:20003", "c0:0"), scan(bytes, step), "step " + step);
    }
    assertEquals(5, scan(bytes, bytes.readableBytes()).size());
  }

  @Test
  void aPublishIsReadAtItsIndices() {
    for (ProtocolVersion version : List.of(ProtocolVersion.V3_1_1, ProtocolVersion.V5)) {
      ByteBuf bytes = Unpooled.buffer();
      Frames.publish(bytes, version, "täg/x", new byte[] {1, 2, 3}, 2, true, false, 300);

      new FrameScanner(
              (header, in, from, to) -> {
                assertEquals(Frames.PUBLISH, Inbound.type(header));
                assertEquals(2, Inbound.qos(header));
                assertEquals("täg/x", Inbound.topic(in, from));
                assertEquals(300, in.getUnsignedShort(Inbound.afterTopic(in, from)));
                assertEquals(to - 3, Inbound.payload(version, header, in, from));
              })
          .scan(bytes);
    }
  }

  @Test
  void theReceiveMaximumIsFoundAmongTheProperties() {
    ByteBuf bytes = Unpooled.buffer();
    bytes.writeByte(0x20).writeByte(21).writeByte(1).writeByte(0);
    bytes.writeByte(18).writeByte(0x22).writeShort(10);
    bytes.writeByte(0x26).writeShort(1).writeByte('a').writeShort(2).writeShort(0);
    bytes.writeByte(0x24).writeByte(1);
    bytes.writeByte(0x21).writeShort(42);
    bytes.setByte(4, bytes.writerIndex() - 5);

    assertEquals(42, Inbound.receiveMaximum(ProtocolVersion.V5, bytes, 2, bytes.writerIndex()));
  }

  @Test
  void aLengthOfMoreThanFourBytesIsMalformed() {
    ByteBuf bytes = Unpooled.wrappedBuffer(new byte[] {0x30, -1, -1, -1, -1, 1});
    FrameScanner scanner = new FrameScanner((header, in, from, to) -> {});

    assertThrows(FrameScanner.MalformedFrame.class, () -> scanner.scan(bytes));
  }

  private static List<String> scan(ByteBuf bytes, int step) {
    List<String> frames = new ArrayList<>();
    FrameScanner scanner =
        new FrameScanner(
            (header, in, from, to) -> frames.add(Integer.toHexString(header) + ":" + (to - from)));
    for (int i = 0; i < bytes.readableBytes(); i += step) {
      scanner.scan(bytes.slice(i, Math.min(step, bytes.readableBytes() - i)));
    }
    return frames;
  }
}
