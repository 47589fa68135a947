package io.troupe.broker.directory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class DirectoryEventSerializerTest {
  /** Written by the first release; must be readable for ever. */
  private static final String CHANGED_1 =
      "02"
          + "0161"
          + "036e2331"
          + "7fffffffffffffff"
          + "0162"
          + "00"
          + "0000018bcfe56815"
          + "01"
          + "0163";

  private static final String ALL_1 = "01" + "0161" + "036e2331" + "7fffffffffffffff";

  private static final ClientRecord CONNECTED = new ClientRecord("a", "n#1", Long.MAX_VALUE);
  private static final DirectoryEvent.Changed CHANGED =
      new DirectoryEvent.Changed(
          List.of(CONNECTED, new ClientRecord("b", "", 1_700_000_000_021L)), List.of("c"));
  private static final DirectoryEvent.All ALL = new DirectoryEvent.All(List.of(CONNECTED));

  private final DirectoryEventSerializer serializer = new DirectoryEventSerializer();

  @Test
  void version1IsReadAndWritten() throws Exception {
    assertEquals(CHANGED, serializer.fromBinary(HexFormat.of().parseHex(CHANGED_1), "C1"));
    assertEquals(ALL, serializer.fromBinary(HexFormat.of().parseHex(ALL_1), "A1"));
    assertArrayEquals(HexFormat.of().parseHex(CHANGED_1), serializer.toBinary(CHANGED));
    assertArrayEquals(HexFormat.of().parseHex(ALL_1), serializer.toBinary(ALL));
    assertEquals("C1", serializer.manifest(CHANGED));
    assertEquals("A1", serializer.manifest(ALL));
  }

  @Test
  void cutBytesAreRefused() {
    byte[] bytes = serializer.toBinary(CHANGED);

    byte[] cut = Arrays.copyOf(bytes, bytes.length - 1);

    assertThrows(IllegalArgumentException.class, () -> serializer.fromBinary(cut, "C1"));
  }

  @Test
  void anUnknownManifestIsRefused() {
    assertThrows(NotSerializableException.class, () -> serializer.fromBinary(new byte[0], "C9"));
  }
}
