package io.troupe.broker.retained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.troupe.broker.serialization.Messages;
import io.troupe.protocol.packet.Message;
import java.io.NotSerializableException;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RetainedEventSerializerTest {
  /** Written by the first release; must be readable for ever. */
  private static final String CHANGED_1 = "0101050161" + "0170" + "e807" + "0131" + "010162";

  private static final String ALL_1 = "0101050161" + "0170" + "e807" + "0131";

  private static final RetainedEvent.Changed CHANGED =
      new RetainedEvent.Changed(List.of(Messages.retained("a", "1")), List.of("b"));
  private static final RetainedEvent.All ALL =
      new RetainedEvent.All(List.of(Messages.retained("a", "1")));

  private final RetainedEventSerializer serializer = new RetainedEventSerializer();

  @Provide
  Arbitrary<List<Message>> messages() {
    return Messages.any().list().ofMaxSize(4);
  }

  @Property(tries = 200)
  void whatIsWrittenIsReadBack(@ForAll("messages") List<Message> messages) throws Exception {
    List<String> topics = messages.stream().map(Message::topic).toList();
    RetainedEvent event = new RetainedEvent.Changed(messages, topics);
    RetainedEvent all = new RetainedEvent.All(messages);

    assertEquals(event, again(event));
    assertEquals(all, again(all));
  }

  @Test
  void version1IsReadAndWritten() throws Exception {
    assertEquals(CHANGED, serializer.fromBinary(HexFormat.of().parseHex(CHANGED_1), "C1"));
    assertEquals(ALL, serializer.fromBinary(HexFormat.of().parseHex(ALL_1), "A1"));
    assertArrayEquals(HexFormat.of().parseHex(CHANGED_1), serializer.toBinary(CHANGED));
    assertArrayEquals(HexFormat.of().parseHex(ALL_1), serializer.toBinary(ALL));
  }

  @Test
  void anUnknownManifestIsRefused() {
    assertThrows(NotSerializableException.class, () -> serializer.fromBinary(new byte[0], "C9"));
  }

  private Object again(RetainedEvent event) throws Exception {
    return serializer.fromBinary(serializer.toBinary(event), serializer.manifest(event));
  }
}
