package io.troupe.broker.serialization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.UserProperty;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MessageCodecTest {
  /** Written by the first release; must be readable for ever. */
  private static final String VERSION_1 =
      "010e04612fc3a40370756295d095ffbc317e3c0474657874017203010203010161016202ff00";

  private static final Message SAMPLE =
      new Message(
          "a/ä",
          Payload.wrap(new byte[] {(byte) 0xFF, 0}),
          Qos.EXACTLY_ONCE,
          true,
          new MessageProperties(
              1,
              60,
              "text",
              "r",
              Payload.wrap(new byte[] {1, 2, 3}),
              List.of(new UserProperty("a", "b"))),
          "pub",
          1_700_000_000_021L);

  @Provide
  Arbitrary<Message> messages() {
    return Messages.any();
  }

  @Property
  void whatIsWrittenIsReadBack(@ForAll("messages") Message message) {
    assertEquals(message, MessageCodec.fromBytes(MessageCodec.toBytes(message)));
  }

  @Property
  void messagesFollowEachOther(
      @ForAll("messages") Message first, @ForAll("messages") Message second) {
    ByteWriter out = new ByteWriter(0);
    MessageCodec.write(first, out);
    MessageCodec.write(second, out);
    ByteReader in = new ByteReader(out.toByteArray());

    assertEquals(first, MessageCodec.read(in));
    assertEquals(second, MessageCodec.read(in));
  }

  @Property
  void cutBytesAreRefused(@ForAll("messages") Message message) {
    byte[] bytes = MessageCodec.toBytes(message);

    byte[] cut = Arrays.copyOf(bytes, bytes.length - 1);

    assertThrows(IllegalArgumentException.class, () -> MessageCodec.fromBytes(cut));
  }

  @Property
  void randomBytesAreReadOrRefused(@ForAll byte[] bytes) {
    try {
      MessageCodec.fromBytes(bytes);
    } catch (IllegalArgumentException refused) {
      // what the method promises; any other exception fails the property
    }
  }

  @Test
  void version1IsRead() {
    assertEquals(SAMPLE, MessageCodec.fromBytes(HexFormat.of().parseHex(VERSION_1)));
  }

  @Test
  void version1IsWritten() {
    assertArrayEquals(HexFormat.of().parseHex(VERSION_1), MessageCodec.toBytes(SAMPLE));
  }

  @Test
  void aLaterVersionIsRefused() {
    byte[] bytes = MessageCodec.toBytes(SAMPLE);

    bytes[0] = 2;

    assertThrows(IllegalArgumentException.class, () -> MessageCodec.fromBytes(bytes));
  }
}
